"""Sets to export, exports that stop half-way, and what their files hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import URL, Engine, text

from core.false_reports.retraining import SetSettings
from core.false_reports.retraining_card import data_file
from db.team.retraining_sets import make_set
from tests.db.team.report_rows import REPORTED, Report, put_reports

NOW = REPORTED + timedelta(days=10)
SET = "newsletters-1"
FILES = {
    "README.md",
    "manifest.json",
    *(
        f"data/{split}-00000-of-00001.{end}"
        for split in ("train", "test")
        for end in ("jsonl", "parquet")
    ),
}
#: More than one word of progress, and more than one chunk of the reader.
MANY = 2_500
#: What a text may hold; PostgreSQL keeps neither zeros nor halves of surrogates.
STRANGE = {
    "formula": '=HYPERLINK("http://x.example";"click")',
    "html": "<script>alert('x')</script> & <b>bold</b>",
    "right to left": "\u202eabc\u202c \u200fשלום",
    "lines": "one\r\ntwo\n\n\tthree\u2028four\u0085five",
    "signs": "100 % 'quoted' \"twice\" \\ back | pipe {brace} 😀 ё",
    "spaces": "  around  ",
}
MANY_LETTERS = text("""
    insert into team.report_letter (service, report_id, group_id, text, anonymiser, kind, source,
        letter_key, reporter_key, language, segment, sender_domain, model_version, score,
        threshold, predicted_at, reported_at, source_written_at, taken_at)
    select 'many', 'r' || number, :group_id, translate('letter ' || number, '0123456789',
        'abcdefghij'), 'greenlight 1', 'false_positive', 'user', 'k' || number, '', 'ru', '', '',
        'bert-3', 0.9, 0.5, :at, :at, :at, :at
    from generate_series(1, :many) as number""")
_CONFIRM = text("""
    insert into team.report_review (service, group_id, reviewer, verdict, stage, blind, drawn,
        group_version, exemplar, reports, request_id, decided_at)
    select service, group_id, stage || ' reviewer', 'confirm', stage, true, 'order', version,
        exemplar, 1, stage || group_id, :at
    from team.report_group, unnest(array['first', 'second']) as stage
    where service = :service""")


def stored(engine: Engine, service: str, reports: list[Report]) -> None:
    """Confirmed reports, and a set of them."""
    put_reports(engine, service, reports)
    with engine.begin() as connection:
        connection.execute(_CONFIRM, {"service": service, "at": REPORTED + timedelta(days=1)})
    settings = SetSettings(variants=10_000)
    make_set(engine, service, by="_Анна_", at=NOW, request_id="1", settings=settings)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def json_rows(folder: Path, split: str) -> list[dict[str, Any]]:
    with (folder / f"data/{split}-00000-of-00001.jsonl").open(
        encoding="utf-8", newline="\n"
    ) as found:
        return [json.loads(one) for one in found]


def parquet_rows(folder: Path, split: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / data_file(split, "parquet")).to_pylist()
    return found


@contextmanager
def stopped(database: URL, target: Path, point: str) -> Iterator[subprocess.Popen[str]]:
    """A process that exports many-1 and has come to a point."""
    address = database.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.db.stopped_export", address, "many", "many-1", target, point],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == ("" if point == "none" else point)
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
