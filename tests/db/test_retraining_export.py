"""Exported sets: what is in the files, that they are the same again, and whole or not there."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
import uuid
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import URL, Engine, text

from core.false_reports.retraining import SetError, SetSettings
from core.false_reports.retraining_card import data_file
from core.false_reports.retraining_manifest import COLUMNS
from db.engine import Role
from db.readers.retraining_sets import frozen_rows
from db.retraining_export import csv_of, export_folder, export_zip
from db.retraining_export.exporting import folder_name
from db.retraining_export.json_lines import line
from db.retraining_export.parquet_file import ParquetRows
from db.team.letter_withdrawals import withdraw
from db.team.retraining_sets import make_set
from tests.conftest import administer, open_store
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
_MANY_LETTERS = text("""
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


@pytest.fixture(scope="module")
def kept_database(server_url: URL, migrated: str) -> Iterator[URL]:
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    yield server_url.set(database=name)
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture(scope="module")
def app(kept_database: URL) -> Iterator[Engine]:
    """A store with a small set of strange letters and one of many."""
    with open_store(kept_database) as opened:
        engine = opened.engine(Role.APP)
        strange = [
            Report(name, text=said, score=0.1 + 0.2, threshold=0.3, language="he")
            for name, said in STRANGE.items()
        ]
        missed = Report(
            "missed", text="a newsletter", kind="false_negative", threshold=float("inf")
        )
        stored(engine, "newsletters", [*strange, missed])
        (group_id,) = put_reports(engine, "many", [Report("r0", text="exemplar")]).values()
        with engine.begin() as connection:
            asked = {"group_id": group_id, "at": REPORTED, "many": MANY - 1}
            connection.execute(_MANY_LETTERS, asked)
        stored(engine, "many", [])
        yield engine


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


def test_a_set_that_is_there_is_verified_and_kept(app: Engine, tmp_path: Path):
    first = export_folder(app, "newsletters", SET, tmp_path / "set")
    before = (tmp_path / "set").stat().st_ino
    again = export_folder(app, "newsletters", SET, tmp_path / "set")
    assert (first.existed, again.existed) == (False, True)
    assert again.files == first.files
    assert (tmp_path / "set").stat().st_ino == before


def test_an_empty_folder_is_as_good_as_none(app: Engine, tmp_path: Path):
    (tmp_path / "set").mkdir()
    assert not export_folder(app, "newsletters", SET, tmp_path / "set").existed
    assert set(contents(tmp_path / "set")) == FILES


@pytest.mark.parametrize("path", sorted(FILES - {"manifest.json"}))
def test_a_damaged_export_is_refused_and_left_alone(app: Engine, tmp_path: Path, path: str):
    export_folder(app, "newsletters", SET, tmp_path / "set")
    with (tmp_path / "set" / path).open("ab") as file:
        file.write(b"\n")
    before = contents(tmp_path / "set")
    with pytest.raises(SetError, match=r"is not as it was exported\. Remove"):
        export_folder(app, "newsletters", SET, tmp_path / "set")
    assert contents(tmp_path / "set") == before


def test_a_forged_export_whose_manifest_fits_it_is_refused(app: Engine, tmp_path: Path):
    export_folder(app, "newsletters", SET, tmp_path / "set")
    path = "data/train-00000-of-00001.jsonl"
    (tmp_path / "set" / path).write_bytes(b"")
    manifest = json.loads((tmp_path / "set/manifest.json").read_bytes())
    manifest["files"][path] = {"bytes": 0, "sha256": hashlib.sha256().hexdigest()}
    (tmp_path / "set/manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(SetError, match="calls itself newsletters-1, and its train split"):
        export_folder(app, "newsletters", SET, tmp_path / "set")


def test_another_set_and_other_files_are_never_overwritten(app: Engine, tmp_path: Path):
    export_folder(app, "newsletters", SET, tmp_path / "set")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(SetError, match="holds the set newsletters-1: name another folder for many"):
        export_folder(app, "many", "many-1", tmp_path / "set")
    for name in ("mine", "file"):
        with pytest.raises(SetError, match="holds something else"):
            export_folder(app, "many", "many-1", tmp_path / name)
    with pytest.raises(SetError, match=r"cannot be written to .*: No such file or directory"):
        export_folder(app, "many", "many-1", tmp_path / "nowhere" / "set")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine", "set"]
    assert (tmp_path / "mine/notes.txt").read_text() == "mine"


def test_a_set_that_is_not_there_is_refused_with_those_that_are(app: Engine, tmp_path: Path):
    with pytest.raises(SetError, match=r"no set newsletters-9 of newsletters\. The latest are: n"):
        export_folder(app, "newsletters", "newsletters-9", tmp_path / "set")
    with pytest.raises(SetError, match="None has been made"):
        export_folder(app, "other", SET, tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize("point", ["begun", "rows", "written"])
def test_an_export_that_is_killed_leaves_nothing_that_looks_whole(
    app: Engine, kept_database: URL, tmp_path: Path, point: str
):
    target = tmp_path / "set"
    with stopped(kept_database, target, point):
        (alive,) = tmp_path.iterdir()
        # Another export leaves alone what a living process is writing.
        export_folder(app, "newsletters", SET, target)
        assert alive.is_dir()
        shutil.rmtree(target)
    assert list(tmp_path.iterdir()) == [alive]
    assert alive.name.startswith(".set.unfinished-")

    assert not export_folder(app, "many", "many-1", target).existed

    assert list(tmp_path.iterdir()) == [target]
    assert set(contents(target)) == FILES


def test_an_export_that_is_killed_once_it_has_its_name_is_whole(
    app: Engine, kept_database: URL, tmp_path: Path
):
    with stopped(kept_database, tmp_path / "set", "published"):
        pass
    assert export_folder(app, "many", "many-1", tmp_path / "set").existed


def test_of_two_exports_at_once_both_find_the_set(app: Engine, tmp_path: Path):
    with ThreadPoolExecutor(3) as pool:
        done = list(
            pool.map(lambda _: export_folder(app, "many", "many-1", tmp_path / "set"), range(3))
        )
    assert [one.existed for one in done].count(False) == 1
    assert done[0].files == done[1].files == done[2].files
    assert list(tmp_path.iterdir()) == [tmp_path / "set"]


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


def test_a_corrected_set_is_exported_no_more_and_names_its_successor(app: Engine, tmp_path: Path):
    stored(app, "gone", [Report("a", "g", text="a"), Report("b", "g", text="b")])
    withdraw(app, "gone", "a", by="v", at=NOW, reason="asked")
    for export in (
        lambda: export_folder(app, "gone", "gone-1", tmp_path / "set"),
        lambda: export_zip(app, "gone", "gone-1", io.BytesIO()),
        lambda: csv_of(app, "gone", "gone-1"),
    ):
        with pytest.raises(SetError, match=r"is not exported any more: take gone-1\.1, which"):
            export()
    export_folder(app, "gone", "gone-1.1", tmp_path / "set")
    assert [row["report_id"] for row in json_rows(tmp_path / "set", "train")] == ["b"]
    withdraw(app, "gone", "b", by="v", at=NOW, reason="asked")
    with pytest.raises(SetError, match=r"gone-1\.2 holds no letters any more"):
        export_folder(app, "gone", "gone-1.2", tmp_path / "other")


def test_a_letter_withdrawn_while_files_are_written_is_not_published(app: Engine, tmp_path: Path):
    stored(app, "late", [Report("a", "g", text="a"), Report("b", "g", text="b")])

    def progress(done: int, total: int) -> None:
        assert done == total
        withdraw(app, "late", "a", by="v", at=NOW, reason="asked")

    with pytest.raises(SetError, match=r"take late-1\.1"):
        export_folder(app, "late", "late-1", tmp_path / "set", progress=progress)
    assert list(tmp_path.iterdir()) == []


def test_rows_that_are_not_those_of_the_making_are_not_exported(app: Engine, tmp_path: Path):
    stored(app, "lost", [Report("a", "g", text="a"), Report("b", "g", text="b")])
    with app.begin() as connection:
        connection.execute(
            text("update team.retraining_set_letter set row = null where report_id = 'b'")
        )
    with pytest.raises(SetError, match="has been withdrawn"):
        export_folder(app, "lost", "lost-1", tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def test_broken_characters_are_kept_by_json_and_replaced_in_parquet(tmp_path: Path):
    row: dict[str, Any] = {column.name: "" for column in COLUMNS}
    row |= {"text": "half \ud800 zero \0 end", "label": True}
    row |= {column.name: 1 for column in COLUMNS if column.type in {"int", "float"}}
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    row |= {column.name: moment.isoformat() for column in COLUMNS if column.type == "time"}

    assert json.loads(line(row)) == row

    (tmp_path / "data").mkdir()
    parquet = ParquetRows(tmp_path / "data/train-00000-of-00001.parquet")
    parquet.add(row)
    parquet.close()
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
