"""The files of a set, written into a folder from its frozen rows."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from core.false_reports.retraining import SetError
from core.false_reports.retraining_card import card, data_file
from core.false_reports.retraining_manifest import in_order
from core.false_reports.retraining_split import SPLITS
from core.ports.false_reports import RetrainingSet
from db.retraining_export.json_lines import line
from db.retraining_export.parquet_file import ParquetRows

#: Called with the rows done and the rows there are.
Progress = Callable[[int, int], None]
MANIFEST, CARD = "manifest.json", "README.md"
#: Of the two files of a split.
_ENDINGS = ("jsonl", "parquet")
#: Rows between two words of progress.
_TOLD_ROWS = 1_000
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class File:
    """A file of a set: its size and its SHA-256."""

    bytes: int
    sha256: str


def write_files(
    folder: Path,
    wanted: RetrainingSet,
    rows: Iterable[tuple[str, Mapping[str, Any] | None]],
    progress: Progress | None,
) -> dict[str, File]:
    """Write every file of a set; each is on the disk when this returns.

    Args:
        folder: an empty folder.
        wanted: the set.
        rows: split and row of its letters, in the order of the files.
        progress: told how far it is.

    Returns:
        The files by their paths below the folder, manifest.json the last.

    Raises:
        SetError: the rows are not those that the set was made with.
    """
    (folder / "data").mkdir()
    _write_rows(folder, wanted, rows, progress)
    (folder / CARD).write_bytes(card(wanted.manifest).encode("utf-8"))
    paths = [CARD, *(data_file(split, ending) for split in SPLITS for ending in _ENDINGS)]
    files = {path: fingerprint(folder / path) for path in sorted(paths)}
    _check(wanted, files)
    said = dict(wanted.manifest) | {
        "files": {path: asdict(file) for path, file in files.items()},
        "parquet_by": f"pyarrow {version('pyarrow')}",
    }
    written = json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    (folder / MANIFEST).write_bytes(written.encode("utf-8") + b"\n")
    files[MANIFEST] = fingerprint(folder / MANIFEST)
    for path in files:
        _settle(folder / path)
    for below in (folder / "data", folder):
        _settle(below)
    return files


def fingerprint(path: Path) -> File:
    """Size and SHA-256 of a file, read piece by piece."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as binary:
        while piece := binary.read(_READ_BYTES):
            digest.update(piece)
            size += len(piece)
    return File(size, digest.hexdigest())


def _write_rows(
    folder: Path,
    wanted: RetrainingSet,
    rows: Iterable[tuple[str, Mapping[str, Any] | None]],
    progress: Progress | None,
) -> None:
    lines: dict[str, BinaryIO] = {}
    parquets: dict[str, ParquetRows] = {}
    with ExitStack() as opened:
        for split in SPLITS:
            as_lines, as_parquet = (folder / data_file(split, ending) for ending in _ENDINGS)
            lines[split] = opened.enter_context(as_lines.open("wb"))
            parquets[split] = opened.enter_context(ParquetRows(as_parquet))
        done = 0
        for split, row in rows:
            if row is None:
                raise SetError(f"A letter of {wanted.set_id} has been withdrawn: export it anew.")
            ordered = in_order(row)
            lines[split].write(line(ordered))
            parquets[split].add(ordered)
            done += 1
            if progress is not None and done % _TOLD_ROWS == 0:
                progress(done, wanted.letters)
        if progress is not None:
            progress(done, wanted.letters)


def _check(wanted: RetrainingSet, files: Mapping[str, File]) -> None:
    for split in SPLITS:
        made = wanted.manifest["splits"][split]["json_lines_sha256"]
        if files[data_file(split, "jsonl")].sha256 != made:
            raise SetError(
                f"The store no longer holds the {split} split of {wanted.set_id} as it was made: "
                "its rows have another SHA-256. Restore them from a backup."
            )


def _settle(path: Path) -> None:
    """Have what was written to a file or folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
