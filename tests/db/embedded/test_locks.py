"""A lock that is not had, whatever kept it from being had, is not held by half."""

import os
import time
from pathlib import Path

import pytest

from db import embedded
from db.embedded import cluster, locks
from db.embedded.locks import FileLock
from tests.db.embedded.places import Place


def opened(path: Path) -> int:
    """How often this process has a file open."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found += os.readlink(descriptor) == str(path)  # noqa: PTH115
        except OSError:  # the one that lists the folder is closed by now
            continue
    return found


def test_who_does_not_get_a_lock_in_time_keeps_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.0)
    path = tmp_path.resolve() / "a.lock"
    with FileLock(path):
        with pytest.raises(embedded.EmbeddedError, match="Another process has held"):
            FileLock(path, shared=True)
        assert opened(path) == 1
    assert opened(path) == 0
    FileLock(path).release()


def test_who_is_interrupted_while_waiting_for_a_lock_keeps_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path.resolve() / "a.lock"

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with FileLock(path):
        with monkeypatch.context() as waiting:
            waiting.setattr(time, "sleep", interrupted)
            with pytest.raises(KeyboardInterrupt):
                FileLock(path)
        assert opened(path) == 1


def test_a_start_that_is_interrupted_leaves_the_store_to_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as starting:
        starting.setattr(cluster.Cluster, "bring_up", interrupted)
        with pytest.raises(KeyboardInterrupt):
            embedded.join(place.folder)
    users = place.data.parent / "users.lock"
    assert opened(users) == 0
    with monkeypatch.context() as at_once:
        at_once.setattr(locks, "PATIENCE_SECONDS", 0.0)
        FileLock(users).release()
    embedded.join(place.folder).leave()
