"""The files of a set while they are written: whatever ends that, none stays open."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.false_reports.retraining import SetError
from core.false_reports.retraining_manifest import COLUMNS
from core.false_reports.retraining_split import SPLITS
from core.ports import RetrainingSet
from db.retraining_export.files import write_files
from db.retraining_export.parquet_file import ParquetRows

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SET = RetrainingSet("mail-1", NOON, "Анна", "", 3, (1,), {}, 0)


def row() -> dict[str, Any]:
    """One letter of a set."""
    values: dict[str, Any] = {"string": "a", "bool": True, "int": 1, "float": 0.5}
    values["time"] = NOON.isoformat()
    return {column.name: values[column.type] for column in COLUMNS}


def opened_below(folder: Path) -> list[str]:
    """The files below a folder that this process has open."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.append(os.readlink(descriptor))  # noqa: PTH115
        except OSError:  # the one that lists the folder is closed by now
            continue
    return [path for path in found if path.startswith(str(folder.resolve()))]


def interrupted() -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    yield SPLITS[0], row()
    raise KeyboardInterrupt


def test_an_export_that_is_interrupted_leaves_no_file_open(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path, SET, interrupted(), None)
    assert opened_below(tmp_path) == []


def test_an_export_that_meets_a_withdrawn_letter_leaves_no_file_open(tmp_path: Path):
    rows = [(SPLITS[0], row()), (SPLITS[-1], None)]
    with pytest.raises(SetError, match="has been withdrawn"):
        write_files(tmp_path, SET, rows, None)
    assert opened_below(tmp_path) == []


def test_a_file_whose_last_rows_cannot_be_written_is_closed_and_so_are_the_others(tmp_path: Path):
    """A number that is none is met when its row group is written: at the end of the block."""
    wrong = row() | {column.name: "no number" for column in COLUMNS if column.type == "int"}
    with pytest.raises(ValueError, match="no number"):
        write_files(tmp_path, SET, [(SPLITS[0], row()), (SPLITS[-1], wrong)], None)
    assert opened_below(tmp_path) == []


def test_of_a_block_that_fails_no_rows_are_written_any_more(tmp_path: Path):
    def failing(parquet: ParquetRows) -> None:
        with parquet:
            parquet.add(row() | {"label": "no yes or no"})
            raise KeyboardInterrupt

    made = ParquetRows(tmp_path / "rows.parquet")
    with pytest.raises(KeyboardInterrupt):
        failing(made)
    assert opened_below(tmp_path) == []
