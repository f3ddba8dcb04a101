"""`python -m tests.faults`: does to Greenlight what happens in production, and notes what came.

The table between the marks of docs/reliability.md is replaced by what this run found. With
`--minutes 1 --rows 100000` it is done sooner; `--only worker,slow` runs some and writes nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from db.engine import Role
from tests.conftest import open_store
from tests.faults import measured, stack
from tests.faults.findings import Finding
from tests.faults.late_correction import late_correction
from tests.faults.outage import ROOT, stopped_store
from tests.faults.server import OwnServer, own_server

PAGE = ROOT / "docs/reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
#: Faults that a test does to its full extent in seconds: which, what is seen, what it takes.
BY_TESTS = (
    (
        "test_writer_faults.py",
        "The disk of the writer's buffer is full; two writers write the same keys",
        (
            "the writer logs that its buffer takes no rows and why; rows wait in memory (16 MB), then "
            "the oldest are dropped and counted in `dropped_rows`"
        ),
        "the next attempt to send",
    ),
    (
        "test_malformed_rows.py",
        "Rows malformed in every way, of every table, by hypothesis",
        "a ContractError that names table, key and field; the row in `refused.jsonl`",
        "at once: the rest of the batch is stored",
    ),
    (
        "test_clocks.py",
        "The clock of the worker or of a writer jumps an hour forward or back",
        (
            "the worker goes by the store's clock and says so on every page; rows and beats more than "
            "5 minutes ahead are refused by name"
        ),
        "the first tick; no alert fires because of it, and what burns is told at its minute",
    ),
)


def main() -> None:
    """Run what is asked for and print the table; write it down if it was everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long PostgreSQL is away")
    parser.add_argument("--rows", type=int, default=1_000_000, help="that are corrected")
    parser.add_argument("--only", default="", help="names of faults, with commas between")
    asked = parser.parse_args()
    os.environ.pop("DATABASE_URL", None)
    began = datetime.now(UTC)
    with own_server() as server:
        faults: dict[str, Callable[[], list[Finding]]] = {
            "killed": lambda: [_stopped(server, asked.minutes, kill=True)],
            "frozen": lambda: [_stopped(server, asked.minutes, kill=False)],
            "slow": lambda: [measured.slow_store(server)],
            "crowded": lambda: [measured.crowded(server)],
            "worker": lambda: [measured.killed_worker(server, _say)],
            "late": lambda: [_corrected(server, asked.rows)],
            "tests": _by_tests,
        }
        chosen = asked.only.split(",") if asked.only else list(faults)
        with open_store(server.url) as store:
            stack.fill(store)
        findings = [found for name in chosen for found in faults[name]()]
    table = _table(findings, began)
    print(table)
    if not asked.only:
        page = PAGE.read_text()
        before, rest = page.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}")
    sys.exit(any(found.kept < found.written or found.doubled for found in findings))


def _stopped(server: OwnServer, minutes: float, *, kill: bool) -> Finding:
    with tempfile.TemporaryDirectory() as buffer:
        found = stopped_store(server, Path(buffer), kill=kill, seconds=60 * minutes, say=_say)
    with open_store(server.url) as store, store.engine(Role.OWNER).begin() as owner:
        owner.execute(text("delete from metrics.serving_minute where minute < '2025-06-03'"))
    return found


def _corrected(server: OwnServer, rows: int) -> Finding:
    with tempfile.TemporaryDirectory() as buffer:
        return late_correction(server, Path(buffer), rows=rows, say=_say)


def _by_tests() -> list[Finding]:
    findings = []
    for name, fault, seen, recovery in BY_TESTS:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", f"tests/faults/{name}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        passed, failed = (
            int(found[1]) if (found := re.search(rf"(\d+) {word}", done.stdout)) else 0
            for word in ("passed", "failed")
        )
        load = f"{passed} tests, tests/faults/{name}"
        findings.append(Finding(fault, load, seen, recovery, passed + failed, passed))
        _say(f"{name}: {passed} passed, {failed} failed")
    return findings


def _table(findings: list[Finding], began: datetime) -> str:
    lines = [
        (
            f"Made by `python -m tests.faults` on {began:%Y-%m-%d at %H:%M} UTC, on {os.cpu_count()} "
            f"cores under a load of {os.getloadavg()[2]:.0f} (15 minutes), Python "
            f"{platform.python_version()}."
        ),
        "",
        "| Fault | Load meanwhile | What people saw | Until all was as before | What was lost |",
        "| --- | --- | --- | --- | --- |",
    ]
    for found in findings:
        lost = found.lost if found.written else "nothing is written"
        cells = (found.fault, found.load, found.seen, found.recovery, lost)
        lines.append("| " + " | ".join(one.replace("|", "\\|") for one in cells) + " |")
    return "\n".join(lines)


def _say(sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)


if __name__ == "__main__":
    main()
