"""An exported set is whole or not there, and nothing else is ever overwritten."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, text

from core.false_reports.retraining import SetError
from db.retraining_export import csv_of, export_folder, export_zip
from db.team.letter_withdrawals import withdraw
from tests.db.retraining_export.exported import (
    FILES,
    NOW,
    SET,
    contents,
    json_rows,
    stopped,
    stored,
)
from tests.db.team.report_rows import Report


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
