"""A folder that is either whole or not there, whatever ends the process that writes it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.false_reports.retraining import SetError
from db.retraining_export.files import MANIFEST, File, fingerprint

#: Between a target's name and what makes a folder unique, while it is being written.
_UNFINISHED = ".unfinished-"


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A folder beside the target to write into, which is gone afterwards unless it was renamed.

    Folders that others left behind are removed: a process that writes one holds a lock on it, which
    the system drops when the process ends, however it ends.
    """
    _remove_left_overs(target)
    folder, descriptor = _made(target)
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def publish(folder: Path, target: Path) -> bool:
    """Give a finished folder its name, for good: the name too is on the disk afterwards.

    Returns:
        False where something has that name already; the folder is left as it is.
    """
    try:
        folder.rename(target)
    except OSError:
        if not target.exists():
            raise
        return False
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True


def verified(target: Path, set_id: str) -> dict[str, File] | None:
    """The files of a target that holds the set, every one read again; None where nothing is there.

    Raises:
        SetError: something else is there, or a file is not as its manifest says.
    """
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return None
    manifest = _manifest(target)
    if manifest.get("set") != set_id:
        other = f"the set {manifest['set']}" if "set" in manifest else "something else"
        raise SetError(f"{target} holds {other}: name another folder for {set_id}.")
    found: dict[str, File] = {}
    for path, said in manifest["files"].items():
        there = target / path
        found[path] = fingerprint(there) if there.is_file() else File(0, "")
        if said != asdict(found[path]):
            raise SetError(
                f"{there} is not as it was exported. Remove {target} and export {set_id} again."
            )
    return found | {MANIFEST: fingerprint(target / MANIFEST)}


def _manifest(target: Path) -> dict[str, Any]:
    """What the manifest of a folder says; nothing where it has none of ours."""
    try:
        found = json.loads((target / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(found, dict) and isinstance(found.get("files"), dict)
    return found if is_ours else {}


def _prefix(target: Path) -> str:
    return f".{target.name}{_UNFINISHED}"


def _made(target: Path) -> tuple[Path, int]:
    """A new folder, and the descriptor by which it is locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        # Before the lock is there, somebody may take it for a left-over.
        with suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.exists():
                return folder, descriptor
            os.close(descriptor)


def _remove_left_overs(target: Path) -> None:
    for left in target.parent.iterdir():
        if not left.name.startswith(_prefix(target)):
            continue
        # It may be gone by now, be made by another user, or be no folder: then it stays.
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(descriptor)
