"""Exporting a set: to a folder, as one zip, or as CSV to look at."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Engine

from core.false_reports.retraining import SetError
from core.false_reports.retraining_card import data_file
from core.false_reports.retraining_manifest import COLUMNS, in_order
from core.false_reports.retraining_split import SPLITS
from core.ports.false_reports import RetrainingSet
from core.spreadsheet import csv_text
from db.readers.retraining_sets import current_name, frozen_rows, lock, named
from db.readers.snapshot import snapshot
from db.retraining_export.files import File, Progress, write_files
from db.retraining_export.folder import publish, unfinished, verified

#: The earliest time that a zip can hold: the files' own would make every zip another.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Exported:
    """A set that was exported.

    Attributes:
        files: by their paths.
        existed: it had been exported to the same place before, and every file was found whole.
    """

    set_id: str
    files: Mapping[str, File]
    existed: bool = False


def export_folder(
    engine: Engine, service: str, set_id: str, target: Path, *, progress: Progress | None = None
) -> Exported:
    """Export a set to a folder, which is whole as soon as it has its name.

    Args:
        engine: the store, as a role that reads team.
        service: whose set.
        set_id: its name.
        target: the folder; its parent is there. One that holds this set is verified and kept.
        progress: told the rows done and the rows there are.

    Raises:
        SetError: the set is unknown, empty or was corrected; the target holds something else, is
            damaged, or cannot be written.
    """
    target = target.absolute()
    with snapshot(engine) as connection:
        wanted = _standing(connection, service, set_id)
        try:
            kept = _kept(target, wanted)
            if kept is not None:
                return kept
            with unfinished(target) as folder:
                rows = frozen_rows(connection, service, set_id)
                files = write_files(folder, wanted, rows, progress)
                with _held(engine, service, set_id):
                    published = publish(folder, target)
            # Where it could not be, another process was quicker.
            found = Exported(set_id, files) if published else _kept(target, wanted)
            assert found is not None
            return found
        except OSError as error:
            raise SetError(
                f"{set_id} cannot be written to {target}: {error.strerror or error}."
            ) from error


def export_zip(
    engine: Engine,
    service: str,
    set_id: str,
    sink: BinaryIO,
    *,
    progress: Progress | None = None,
) -> Exported:
    """Export a set as one zip, whose files lie in a folder of the set's name.

    The same set gives the same bytes wherever the same zlib compresses them.

    Args:
        engine: the store, as a role that reads team.
        service: whose set.
        set_id: its name.
        sink: takes the bytes; it need not be able to go back.
        progress: told the rows done and the rows there are.

    Raises:
        SetError: the set is unknown, empty or was corrected.
    """
    with snapshot(engine) as connection, tempfile.TemporaryDirectory() as made:
        wanted = _standing(connection, service, set_id)
        folder = Path(made)
        files = write_files(folder, wanted, frozen_rows(connection, service, set_id), progress)
        with _held(engine, service, set_id), zipfile.ZipFile(sink, "w") as packed:
            for path in sorted(files):
                _pack(packed, f"{folder_name(set_id)}/{path}", folder / path)
    return Exported(set_id, files)


def csv_of(engine: Engine, service: str, set_id: str) -> str:
    """A set as CSV for a spreadsheet, in which no letter can act as a formula.

    Raises:
        SetError: the set is unknown, empty or was corrected.
    """
    with snapshot(engine) as connection:
        _standing(connection, service, set_id)
        rows = [
            [split, *in_order(row).values()]
            for split, row in frozen_rows(connection, service, set_id)
            if row is not None
        ]
    return csv_text(["split", *(column.name for column in COLUMNS)], rows)


def folder_name(set_id: str) -> str:
    """A name for the folder of a set, without what a path could act on.

    >>> folder_name("newsletters-3.1"), folder_name("../почта-1")
    ('newsletters-3.1', '_почта-1')
    """
    safe = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in set_id)
    return safe.lstrip(".") or "_"


def _standing(connection: Connection, service: str, set_id: str) -> RetrainingSet:
    """A set that may be exported."""
    found = named(connection, service, set_id)
    current = current_name(connection, service, set_id)
    if current != set_id:
        raise SetError(
            f"Letters of {set_id} have been withdrawn, and it is not exported any more: take "
            f"{current}, which takes its place."
        )
    if not found.letters:
        raise SetError(f"{set_id} holds no letters any more: all of them have been withdrawn.")
    return found


@contextmanager
def _held(engine: Engine, service: str, set_id: str) -> Iterator[None]:
    """A last look at whether the set stands, and nothing is withdrawn from it until the end.

    A snapshot does not see what was withdrawn while files were written from it.
    """
    with engine.begin() as connection:
        lock(connection, service, shared=True)
        _standing(connection, service, set_id)
        yield


def _kept(target: Path, wanted: RetrainingSet) -> Exported | None:
    """What is at the target, if it is the set as the store has it."""
    files = verified(target, wanted.set_id)
    if files is None:
        return None
    for split in SPLITS:
        found = files.get(data_file(split, "jsonl"))
        if found is None or found.sha256 != wanted.manifest["splits"][split]["json_lines_sha256"]:
            raise SetError(
                f"{target} calls itself {wanted.set_id}, and its {split} split is another. Remove "
                f"it and export {wanted.set_id} again."
            )
    return Exported(wanted.set_id, files, existed=True)


def _pack(packed: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.create_system = _UNIX
    entry.external_attr = 0o644 << 16
    # Parquet is compressed as it is.
    entry.compress_type = zipfile.ZIP_STORED if path.suffix == ".parquet" else zipfile.ZIP_DEFLATED
    entry.file_size = path.stat().st_size
    with path.open("rb") as plain, packed.open(entry, "w") as into:
        shutil.copyfileobj(plain, into, 1 << 20)
