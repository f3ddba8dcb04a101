"""A backup while everybody writes, and a store from it: row by row the same, or nothing at all."""

import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, NullPool, text

from db import partitions, schema
from db.backup import BackupError, restore, take
from db.backup.contents import MANIFEST, Contents, tables_of
from db.engine import Role, Store
from db.schema import SchemaError
from db.worker import Worker
from tests.conftest import new_database, open_store
from tests.db.any_rows import fill_every_table, rows_of

INSERT = text(
    "insert into metrics.serving_minute values (:service, :minute, 'dc', 'i', 'v', 5, 0, 0, "
    "array_fill(0, array[161]) || 5)"
)


def all_rows(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {str(table): rows_of(connection, table) for table in tables_of(connection)}


@pytest.fixture(scope="module")
def store(server_url: URL, migrated: str) -> Iterator[Store]:
    """A store with a row in every table, days, rollups and a tick behind it."""
    now = datetime.now(UTC)
    minute = now.replace(second=0, microsecond=0)
    with new_database(server_url, migrated) as url, open_store(url) as opened:
        with opened.engine(Role.SERVING).begin() as connection:
            for ago in range(180):
                at = minute - timedelta(minutes=ago + 1)
                connection.execute(INSERT, {"service": "почта", "minute": at})
        worker = Worker(opened, now=lambda: now)
        assert worker.tick().leads
        worker.close()
        with opened.engine(Role.OWNER).begin() as connection:
            fill_every_table(connection)
        yield opened


@pytest.fixture(scope="module")
def owner(store: Store) -> Engine:
    return store.engine(Role.OWNER)


@dataclass(frozen=True)
class Backup:
    path: Path
    took: Contents
    before: dict[str, list[Any]]


@pytest.fixture(scope="module")
def backup(owner: Engine, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    before = all_rows(owner)
    path = tmp_path_factory.mktemp("backup") / "store.zip"
    return Backup(path, take(owner, path), before)


@pytest.fixture(scope="module")
def target_store(server_url: URL) -> Iterator[Store]:
    with new_database(server_url) as url, open_store(url) as opened:
        yield opened


@pytest.fixture
def target(target_store: Store) -> Iterator[Store]:
    """A database without any schema; emptied afterwards, which is quicker than another one."""
    yield target_store
    _empty(target_store)


def _empty(store: Store) -> None:
    with store.engine(Role.OWNER, poolclass=NullPool).begin() as connection:
        connection.execute(text("drop schema if exists metrics, rollup, team cascade"))
        connection.execute(text("drop table if exists alembic_version"))


@contextmanager
def writing(store: Store) -> Iterator[list[int]]:
    """Somebody who writes a service of their own, two rows a transaction, all the time."""
    engine, stop, written = store.engine(Role.SERVING), threading.Event(), [0]
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)

    def write() -> None:
        while not stop.is_set():
            with engine.begin() as connection:
                for step in (0, 1):
                    at = day + timedelta(minutes=2 * written[0] + step)
                    connection.execute(INSERT, {"service": "busy", "minute": at})
            written[0] += 1
            stop.wait(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        stop.set()
        writer.join()


def test_a_restored_store_is_the_same_row_by_row(backup: Backup, target: Store):
    assert all(backup.before.values())

    restored = restore(target.engine(Role.OWNER), backup.path)

    assert all_rows(target.engine(Role.OWNER)) == backup.before
    assert restored == backup.took
    assert restored.total == sum(map(len, backup.before.values()))


def test_days_roles_and_numbering_come_along(
    backup: Backup, owner: Engine, target: Store, tmp_path: Path
):
    restore(target.engine(Role.OWNER), backup.path)

    new = target.engine(Role.OWNER)
    assert partitions.days(new) == partitions.days(owner)
    assert datetime.now(UTC).date() in partitions.days(new)
    schema.check(target.engine(Role.APP))
    number = text("select nextval('team.audit_change_id_seq')")
    numbers = []
    for engine in (owner, new):
        with engine.begin() as connection:
            numbers.append(connection.execute(number).scalar_one())
    assert numbers[0] == numbers[1]


def test_a_restored_store_goes_on_working(
    backup: Backup, owner: Engine, target: Store, tmp_path: Path
):
    restore(target.engine(Role.OWNER), backup.path)
    now = datetime.now(UTC)
    with target.engine(Role.SERVING).begin() as connection:
        minute = now.replace(second=0, microsecond=0)
        connection.execute(INSERT, {"service": "почта", "minute": minute})

    worker = Worker(target, now=lambda: now)
    tick = worker.tick()
    worker.close()

    assert tick.leads
    assert tick.hours_rolled >= 1


def test_under_writing_load_every_row_is_of_one_moment(
    store: Store, owner: Engine, target: Store, tmp_path: Path
):
    with writing(store) as written:
        while written[0] < 20:
            threading.Event().wait(0.01)
        take(owner, tmp_path / "store.zip")
        during = written[0]

    restore(target.engine(Role.OWNER), tmp_path / "store.zip")

    busy = "select count(*) from metrics.serving_minute where service = 'busy'"
    with target.engine(Role.OWNER).connect() as connection:
        found = connection.execute(text(busy)).scalar_one()
    assert found % 2 == 0, "half of a transaction"
    assert 40 <= found <= 2 * during + 2
    with owner.connect() as connection:
        assert connection.execute(text(busy)).scalar_one() == 2 * written[0]


def test_a_store_that_is_not_empty_is_left_as_it_is(backup: Backup, owner: Engine):
    before = all_rows(owner)

    with pytest.raises(BackupError, match="not empty"):
        restore(owner, backup.path)

    assert all_rows(owner) == before


def changed(path: Path, folder: Path, **told: Any) -> Path:
    """The backup with another list of contents."""
    new = folder / "changed.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(new, "w") as archive:
        for name in old.namelist():
            content = old.read(name)
            if name == MANIFEST:
                content = json.dumps(json.loads(content) | told).encode()
            archive.writestr(name, content)
    return new


def test_a_backup_of_a_newer_schema_is_refused(
    backup: Backup, owner: Engine, target: Store, tmp_path: Path
):
    newer = changed(backup.path, tmp_path, revision="9999")

    with pytest.raises(SchemaError, match="9999"):
        restore(target.engine(Role.OWNER), newer)

    assert schema.revision(target.engine(Role.OWNER)) is None


def test_a_backup_of_another_form_is_refused(
    backup: Backup, owner: Engine, target: Store, tmp_path: Path
):

    with pytest.raises(BackupError, match="of form 2"):
        restore(target.engine(Role.OWNER), changed(backup.path, tmp_path, format=2))


def test_an_older_backup_is_brought_to_this_revision(target: Store, tmp_path: Path):
    owner = target.engine(Role.OWNER, poolclass=NullPool)
    with owner.begin() as connection:
        schema.upgrade(connection, "0011")
        fill_every_table(connection)
    took = take(owner, tmp_path / "old.zip")
    _empty(target)

    restore(owner, tmp_path / "old.zip")

    assert took.revision == "0011"
    schema.check(target.engine(Role.APP))
    with owner.connect() as connection:
        told = connection.execute(text("select count(*) from team.audit")).scalar_one()
    assert told == took.rows["team.alert_change"]


def test_a_damaged_backup_leaves_the_store_empty(backup: Backup, target: Store, tmp_path: Path):
    with zipfile.ZipFile(backup.path) as archive:
        info = archive.getinfo("metrics.serving_minute.copy")
    whole = bytearray(backup.path.read_bytes())
    whole[info.header_offset + 100 + info.compress_size // 2] ^= 0xFF
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(whole)

    with pytest.raises(BackupError):
        restore(target.engine(Role.OWNER), damaged)

    assert schema.revision(target.engine(Role.OWNER)) is None


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_what_is_no_backup_is_refused(target: Store, tmp_path: Path, content: bytes | None):
    path = tmp_path / "store.zip"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "Hello")
    else:
        path.write_bytes(content)

    with pytest.raises(BackupError):
        restore(target.engine(Role.OWNER), path)


def test_a_backup_never_replaces_a_file_and_is_its_owners_alone(backup: Backup, owner: Engine):
    assert backup.path.stat().st_mode & 0o777 == 0o600
    before = backup.path.read_bytes()

    with pytest.raises(BackupError, match="there already"):
        take(owner, backup.path)

    assert backup.path.read_bytes() == before
    assert list(backup.path.parent.iterdir()) == [backup.path]


def test_where_nothing_can_be_written_nothing_is_left(owner: Engine, tmp_path: Path):
    with pytest.raises(BackupError, match="cannot be written"):
        take(owner, tmp_path / "missing" / "store.zip")


def test_an_empty_database_has_nothing_to_back_up(target: Store, tmp_path: Path):
    with pytest.raises(BackupError, match="no schema"):
        take(target.engine(Role.OWNER), tmp_path / "store.zip")


def test_the_list_of_contents_names_every_table(backup: Backup, owner: Engine):
    with owner.connect() as connection:
        assert set(backup.took.tables) == set(tables_of(connection))
    with zipfile.ZipFile(backup.path) as archive:
        members = {table.member for table in backup.took.tables}
        assert members | {MANIFEST} == set(archive.namelist())
