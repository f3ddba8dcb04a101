"""A retraining set of 100,000 letters: previewed, made, exported, and one letter withdrawn.

`python -m tests.bench.bench_retraining` prints one JSON object: seconds, and since a machine may be
busy with other things, also those that this program and those that PostgreSQL computed; for each
export, how far its memory rose. Letters are about 600 characters of Russian
and English, in 5,000 groups. The export is set against the plainest one there is, on the same
machine: all rows in one list, written as one parquet and one file of JSON lines.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, text

from core.false_reports.retraining import SetSettings
from db.engine import Role, Store
from db.readers.retraining_sets import frozen_rows
from db.retraining_export import export_folder, export_zip
from db.team.letter_withdrawals import withdraw
from db.team.retraining_sets import make_set, preview
from tests.bench.databases import database

GROUPS, OF_GROUP = 5_000, 20
LETTERS = GROUPS * OF_GROUP
AT = datetime(2026, 6, 1, tzinfo=UTC)
NOW = AT + timedelta(days=9)
SERVICE = "newsletters"

_MAKE_GROUPS = text("""
    insert into team.report_group (service, kind, exemplar, shingles, created_at)
    select :service, case when number % 3 = 0 then 'false_negative' else 'false_positive' end,
        'r' || number * :of_group, '', :at
    from generate_series(1, :groups) as number""")
# Words that only letters make: digits do not tell texts apart.
_MAKE_LETTERS = text("""
    insert into team.report_letter (service, report_id, group_id, text, anonymiser, kind, source,
        letter_key, reporter_key, language, segment, sender_domain, model_version, score,
        threshold, predicted_at, reported_at, source_written_at, taken_at)
    select service, 'r' || split_part(exemplar, 'r', 2)::int + wording,
        group_id, translate(md5(exemplar || wording), '0123456789', 'ghijklmnop') || ' ' ||
        repeat('Здравствуйте, [PERSON_1]! Your parcel is here. ', 7) ||
        translate(repeat(md5(group_id || 'w'), 7), '0123456789', 'абвгдежзик'),
        'greenlight 1', kind, 'user', md5(exemplar || wording), 'b' || wording, 'ru', 'shops',
        'shop.example', 'bert-3', 0.5 + (group_id % 499) / 1000.0, 0.5, :at, :at, :at, :at
    from team.report_group, generate_series(0, :of_group - 1) as wording""")
_CONFIRM = text("""
    insert into team.report_review (service, group_id, reviewer, verdict, stage, blind, drawn,
        group_version, exemplar, reports, request_id, decided_at)
    select service, group_id, stage, 'confirm', stage, true, 'order', version, exemplar, 1,
        stage || group_id, :at
    from team.report_group, unnest(array['first', 'second']) as stage""")


def fill(app: Engine) -> None:
    """Confirmed groups of letters."""
    asked = {"service": SERVICE, "groups": GROUPS, "of_group": OF_GROUP, "at": AT}
    with app.begin() as connection:
        for statement in (_MAKE_GROUPS, _MAKE_LETTERS, _CONFIRM):
            connection.execute(statement, asked)


def measured(folder: Path, work: Callable[[], object]) -> dict[str, float]:
    """Seconds by the clock, and those that this process and the store of the folder computed."""
    start, busy, store = time.perf_counter(), time.process_time(), server_seconds(folder)
    work()
    return {
        "seconds": round(time.perf_counter() - start, 2),
        "cpu_seconds": round(time.process_time() - busy, 2),
        "store_cpu_seconds": round(server_seconds(folder) - store, 2),
    }


def server_seconds(folder: Path) -> float:
    """What the processes of a folder's server have computed, those too that have ended."""
    (pid_file,) = folder.glob("data/**/postmaster.pid")
    server = pid_file.read_text(encoding="utf-8").split()[0]
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found = path.read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since it was listed: its time is its server's now
        # After the name, which may hold anything: state, parent, and from the twelfth on the times
        # of the process, in user and system mode, and those of its ended children.
        fields = found.rpartition(")")[2].split()
        if path.parent.name == server:
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == server:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def plain(app: Engine, set_id: str, folder: Path) -> None:
    """What a script of ten lines would do."""
    with app.connect() as connection:
        rows = [row for _, row in frozen_rows(connection, SERVICE, set_id)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "all.parquet", compression="zstd")
    with (folder / "all.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def megabytes() -> float:
    """The most memory that this process has held; getrusage counts the one that started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peak.split()[1]) / 1024


def alone(address: str, way: str, set_id: str, server: Path) -> dict[str, Any]:
    """One export in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "tests.bench.bench_retraining", address, way, set_id]
    command.append(str(server))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def export(address: str, way: str, set_id: str, server: str) -> None:
    """Export, and print seconds and memory."""
    folder = Path(tempfile.mkdtemp(prefix="greenlight-bench-"))
    ways: dict[str, Callable[[Engine, str, Path], object]] = {
        "folder": lambda app, name, into: export_folder(app, SERVICE, name, into / name),
        "zip": lambda app, name, _: export_zip(app, SERVICE, name, io.BytesIO()),
        "plain": plain,
    }
    try:
        with Store(address, folder) as store:
            app = store.engine(Role.APP)
            before = megabytes()
            took = measured(Path(server), lambda: ways[way](app, set_id, folder))
            print(json.dumps({**took, "megabytes": round(megabytes() - before)}))
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="greenlight-bench-"))
    folder.chmod(0o755)  # as root the server is another user's, and must find its way in
    try:
        with database(folder) as store:
            app = store.engine(Role.APP)
            fill(app)
            settings = SetSettings(variants=OF_GROUP)
            found: dict[str, Any] = {"letters": LETTERS}
            found["preview"] = measured(
                folder, lambda: preview(app, SERVICE, at=NOW, settings=settings)
            )
            found["make"] = measured(
                folder,
                lambda: make_set(app, SERVICE, by="b", at=NOW, request_id="1", settings=settings),
            )
            address = store.url().render_as_string(hide_password=False)
            for way in ("plain", "folder", "zip"):
                found[way] = alone(address, way, f"{SERVICE}-1", folder)
            found["folder_over_plain"] = round(
                found["folder"]["seconds"] / found["plain"]["seconds"], 2
            )
            found["folder_over_plain_cpu"] = round(
                found["folder"]["cpu_seconds"] / found["plain"]["cpu_seconds"], 2
            )
            found["memory_over_plain"] = round(
                found["folder"]["megabytes"] / found["plain"]["megabytes"], 3
            )
            found["withdraw"] = measured(
                folder, lambda: withdraw(app, SERVICE, "r21", by="b", at=NOW, reason="asked")
            )
            print(json.dumps(found))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        export(*sys.argv[1:])
    else:
        main()
