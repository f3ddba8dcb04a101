"""`python -m tests.faults`: does to Greenlight what happens in production, and notes what came.

What it finds replaces the lines of docs/reliability.md, each fault's its own, so that a part can be
done alone: `python -m tests.faults worker slow`. `--minutes 1 --rows 100000 --try` is for trying.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import open_store
from tests.faults import measured, stack
from tests.faults.findings import Finding
from tests.faults.late_correction import late_correction
from tests.faults.outage import ROOT, Outage, stopped_store
from tests.faults.server import OwnServer, own_server

PAGE = ROOT / "docs/reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
#: Faults that a test does to its full extent in seconds: which, what is seen, what it takes.
BY_TESTS = {
    "disk": (
        "test_writer_faults.py",
        "The disk of the writer's buffer is full; two writers write the same keys",
        (
            "the writer logs that its buffer takes no rows and why; rows wait in memory (16 MB), "
            "then the oldest are dropped and counted in `dropped_rows`"
        ),
        "the next attempt to send",
    ),
    "malformed": (
        "test_malformed_rows.py",
        "Rows malformed in every way, of every table, by hypothesis",
        "a ContractError that names table, key and field; the row in `refused.jsonl`",
        "at once: the rest of the batch is stored",
    ),
    "clocks": (
        "test_clocks.py",
        "The clock of the worker or of a writer jumps an hour forward or back",
        (
            "the worker goes by the store's clock and says so on every page; rows and beats more "
            "than 5 minutes ahead are refused by name"
        ),
        "the first tick; no alert fires because of it, and what burns is told at its minute",
    ),
}
OUTAGES = {one.name.lower(): one for one in Outage}
NAMES = (*OUTAGES, "slow", "crowded", "worker", "late", *BY_TESTS)
HEAD = (
    "| Fault | Load meanwhile | What people saw | Until all was as before | Lost | Run |",
    "| --- | --- | --- | --- | --- | --- |",
)
_NAMED = re.compile(r"\| <!--(\w+)-->")


def main() -> None:
    """Do what is asked for, and put what was found into the page, each fault's line by itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long PostgreSQL is away")
    parser.add_argument("--rows", type=int, default=1_000_000, help="that are corrected")
    parser.add_argument("--every", type=int, default=1, help="how many commits a worker outlives")
    parser.add_argument("--try", action="store_true", dest="tries", help="leave the page alone")
    asked = parser.parse_args()
    if unknown := set(asked.faults) - set(NAMES):
        parser.error(f"there is no fault called {', '.join(sorted(unknown))}")
    os.environ.pop("DATABASE_URL", None)
    failed = False
    with own_server() as server:
        with open_store(server.url) as store:
            stack.fill(store)
        for name in asked.faults or NAMES:
            began = datetime.now(UTC)
            found = _do(name, server, asked.minutes, asked.rows, asked.every)
            failed |= found.kept < found.written or found.doubled > 0
            line = _line(name, found, began)
            print(line, flush=True)
            if not asked.tries:
                _put(name, line)
    sys.exit(failed)


def _do(name: str, server: OwnServer, minutes: float, rows: int, every: int) -> Finding:
    if name in BY_TESTS:
        return _by_tests(*BY_TESTS[name])
    if name in OUTAGES:
        return _stopped(server, minutes, OUTAGES[name])
    if name == "late":
        return _corrected(server, rows)
    if name == "worker":
        return measured.killed_worker(server, every=every, say=_say)
    return measured.slow_store(server) if name == "slow" else measured.crowded(server)


def _stopped(server: OwnServer, minutes: float, outage: Outage) -> Finding:
    with tempfile.TemporaryDirectory() as buffer:
        found = stopped_store(server, Path(buffer), outage=outage, seconds=60 * minutes, say=_say)
    with open_store(server.url) as store:
        stack.clear(store)
    return found


def _corrected(server: OwnServer, rows: int) -> Finding:
    with tempfile.TemporaryDirectory() as buffer:
        return late_correction(server, Path(buffer), rows=rows, say=_say)


def _by_tests(file: str, fault: str, seen: str, recovery: str) -> Finding:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"tests/faults/{file}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    passed, failed = (
        int(found[1]) if (found := re.search(rf"(\d+) {word}", done.stdout)) else 0
        for word in ("passed", "failed")
    )
    return Finding(fault, f"tests/faults/{file}", seen, recovery, passed + failed, passed)


def _line(name: str, found: Finding, began: datetime) -> str:
    """A fault's line of the table; a comment in it, which no reader sees, holds its name."""
    lost = found.lost if found.written else "nothing is written"
    if name in BY_TESTS:
        lost = f"nothing: {found.kept} of {found.written} tests hold"
    run = f"{began:%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[2]:.0f} on {os.cpu_count()} cores"
    cells = (f"<!--{name}-->{found.fault}", found.load, found.seen, found.recovery, lost, run)
    return "| " + " | ".join(one.replace("|", "\\|") for one in cells) + " |"


def _put(name: str, line: str) -> None:
    """Replace a fault's line of the page; runs at the same time wait for each other."""
    with PAGE.open("r+") as page:
        fcntl.flock(page, fcntl.LOCK_EX)
        before, rest = page.read().split(BEGIN)
        table, after = rest.split(END)
        kept = {found[1]: one for one in table.splitlines() if (found := _NAMED.match(one))}
        kept[name] = line
        lines = [*HEAD, *(kept[one] for one in NAMES if one in kept)]
        page.seek(0)
        page.truncate()
        page.write(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)


def _say(sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)


if __name__ == "__main__":
    main()
