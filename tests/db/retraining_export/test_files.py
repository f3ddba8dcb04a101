"""What is in the files of an exported set, and that they are the same again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import URL, Engine, text

from core.false_reports.retraining_card import data_file
from core.false_reports.retraining_manifest import COLUMNS
from db.readers.retraining_sets import frozen_rows
from db.retraining_export import csv_of, export_folder, export_zip
from db.retraining_export.exporting import folder_name
from db.retraining_export.json_lines import line
from db.retraining_export.parquet_file import ParquetRows
from tests.db.retraining_export.exported import (
    FILES,
    MANY,
    SET,
    STRANGE,
    contents,
    json_rows,
    parquet_rows,
    stopped,
    stored,
)
from tests.db.team.report_rows import REPORTED, Report


def test_letters_of_any_text_come_back_as_they_were(app: Engine, tmp_path: Path):
    export_folder(app, "newsletters", SET, tmp_path / "set")
    for read in (json_rows, parquet_rows):
        found = {
            row["report_id"]: row["text"]
            for split in ("train", "test")
            for row in read(tmp_path / "set", split)
        }
        assert found == STRANGE | {"missed": "a newsletter"}


def test_a_line_is_this_to_the_byte(app: Engine, tmp_path: Path):
    # Whoever changes it changes the SHA-256 of sets that were exported long ago.
    at = datetime(2026, 6, 1, 9, 0, 0, 120_000, tzinfo=UTC)
    report = Report(
        "р-1",
        text="Цена\u2028\t100\u00a0% “да”",
        score=1.0,
        predicted_at=at,
        reported_at=at.replace(microsecond=3),
    )
    stored(app, "golden", [report])
    with app.connect() as connection:
        group_id = connection.execute(
            text("select group_id from team.report_group where service = 'golden'")
        ).scalar_one()

    export_folder(app, "golden", "golden-1", tmp_path / "golden-1")

    assert (tmp_path / "golden-1" / data_file("train", "jsonl")).read_bytes() == (
        '{"report_id": "р-1", "text": "Цена\\u2028\\t100\u00a0% “да”", "label": false, '
        f'"kind": "false_positive", "group_id": {group_id}, "reports": 1, "reviewers": 2, '
        '"confirmed_at": "2026-06-02T09:00:00.000000+00:00", "language": "ru", '
        '"segment": "shops", "source": "user", "model_version": "bert-3", "score": 1.0, '
        '"threshold": 0.5, "predicted_at": "2026-06-01T09:00:00.120000+00:00", '
        '"reported_at": "2026-06-01T09:00:00.000003+00:00", "anonymiser": "greenlight 1"}\n'
    ).encode()


def test_parquet_and_json_lines_hold_the_same_rows(app: Engine, tmp_path: Path):
    export_folder(app, "newsletters", SET, tmp_path / "set")
    times = [column.name for column in COLUMNS if column.type == "time"]
    for split, letters in (("train", 6), ("test", 1)):
        plain = json_rows(tmp_path / "set", split)
        assert len(plain) == letters
        for row in plain:
            row |= {name: datetime.fromisoformat(row[name]) for name in times}
        assert parquet_rows(tmp_path / "set", split) == plain
        assert [list(row) for row in plain] == [[column.name for column in COLUMNS]] * letters


def test_values_are_exact_and_a_threshold_that_is_no_number_is_missing(app: Engine, tmp_path: Path):
    export_folder(app, "newsletters", SET, tmp_path / "set")
    rows = {
        row["report_id"]: row
        for split in ("train", "test")
        for row in parquet_rows(tmp_path / "set", split)
    }
    assert rows["html"]["score"] == 0.1 + 0.2
    assert (rows["html"]["threshold"], rows["missed"]["threshold"]) == (0.3, None)
    assert (rows["html"]["label"], rows["missed"]["label"]) == (False, True)
    assert rows["html"]["confirmed_at"] == REPORTED + timedelta(days=1)
    assert rows["html"]["reviewers"] == 2


def test_the_files_lie_as_dataset_libraries_look_for_them(app: Engine, tmp_path: Path):
    export_folder(app, "newsletters", SET, tmp_path / "set")
    assert set(contents(tmp_path / "set")) == FILES
    card = (tmp_path / "set/README.md").read_text(encoding="utf-8")
    _, header, body = card.split("---\n", 2)
    paths = [one.split(": ")[1] for one in header.splitlines() if "path:" in one]
    assert paths == [
        f"data/{split}-00000-of-00001.{end}"
        for end in ("parquet", "jsonl")
        for split in ("train", "test")
    ]
    assert all((tmp_path / "set" / path).is_file() for path in paths)
    assert 'language:\n- "he"\n- "ru"\n' in header
    assert "# newsletters-1\n" in body
    assert "Made by \\_Анна\\_ at 2026-06-11T09:00:00+00:00" in body


def test_the_manifest_tells_every_other_file_apart(app: Engine, tmp_path: Path):
    done = export_folder(app, "newsletters", SET, tmp_path / "set")
    found = contents(tmp_path / "set")
    manifest = json.loads(found["manifest.json"])
    assert set(manifest["files"]) == FILES - {"manifest.json"}
    for path, said in manifest["files"].items():
        assert said == {
            "bytes": len(found[path]),
            "sha256": hashlib.sha256(found[path]).hexdigest(),
        }
    assert {path: file.bytes for path, file in done.files.items()} == {
        path: len(held) for path, held in found.items()
    }
    assert manifest["parquet_by"] == f"pyarrow {pa.__version__}"
    assert (manifest["set"], manifest["letters"], manifest["parent"]) == (SET, 7, "")
    assert [column["name"] for column in manifest["schema"]] == [one.name for one in COLUMNS]


def test_the_same_set_makes_the_same_bytes_in_another_process(
    app: Engine, kept_database: URL, tmp_path: Path
):
    export_folder(app, "many", "many-1", tmp_path / "here")
    with stopped(kept_database, tmp_path / "there", "none") as process:
        assert process.wait() == 0
    assert contents(tmp_path / "here") == contents(tmp_path / "there")


def test_few_rows_of_a_set_are_held_at_once(app: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("db.readers.retraining_sets.CHUNK_ROWS", 50)

    def peak(take: Callable[[Iterator[Any]], object]) -> int:
        with app.connect() as connection:
            rows = frozen_rows(connection, "many", "many-1")
            tracemalloc.start()
            try:
                take(rows)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    every = peak(list)
    assert peak(lambda rows: sum(1 for _ in rows)) < every / 5


def test_progress_is_told_and_ends_at_the_whole(app: Engine, tmp_path: Path):
    told: list[tuple[int, int]] = []
    export_folder(app, "many", "many-1", tmp_path / "set", progress=lambda *now: told.append(now))
    assert told == [(1000, MANY), (2000, MANY), (MANY, MANY)]


def test_a_zip_holds_the_same_files_and_is_the_same_again(app: Engine, tmp_path: Path):
    export_folder(app, "newsletters", SET, tmp_path / "set")
    made = [io.BytesIO(), io.BytesIO()]
    for sink in made:
        export_zip(app, "newsletters", SET, sink)
    assert made[0].getvalue() == made[1].getvalue()
    with zipfile.ZipFile(made[0]) as packed:
        assert packed.testzip() is None
        assert {name: packed.read(name) for name in packed.namelist()} == {
            f"newsletters-1/{path}": held for path, held in contents(tmp_path / "set").items()
        }


def test_a_csv_holds_the_same_letters_and_no_formula(app: Engine):
    rows = list(csv.DictReader(io.StringIO(csv_of(app, "newsletters", SET), newline="")))
    texts = {row["report_id"]: row["text"] for row in rows}
    inert = {"formula": "'" + STRANGE["formula"]}
    assert texts == STRANGE | inert | {"missed": "a newsletter"}
    assert {row["split"] for row in rows} == {"train", "test"}


def test_broken_characters_are_kept_by_json_and_replaced_in_parquet(tmp_path: Path):
    row: dict[str, Any] = {column.name: "" for column in COLUMNS}
    row |= {"text": "half \ud800 zero \0 end", "label": True}
    row |= {column.name: 1 for column in COLUMNS if column.type in {"int", "float"}}
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    row |= {column.name: moment.isoformat() for column in COLUMNS if column.type == "time"}

    assert json.loads(line(row)) == row

    (tmp_path / "data").mkdir()
    with ParquetRows(tmp_path / "data/train-00000-of-00001.parquet") as parquet:
        parquet.add(row)
    (found,) = parquet_rows(tmp_path, "train")
    assert found["text"] == "half \ufffd zero \0 end"


def test_a_number_that_json_does_not_know_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        line({"score": float("nan")})


def test_a_row_is_one_line_to_every_reader():
    assert len(line({"text": "a\u2028b\u2029c\u0085d\ne"}).decode("utf-8").splitlines()) == 1


def test_a_folder_of_a_set_has_a_harmless_name():
    assert folder_name("../../etc/passwd-1") == "_.._etc_passwd-1"
    assert folder_name("...") == "_"
