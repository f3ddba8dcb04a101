"""Migrating: again, at once in several processes, and stores of other versions."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from db import schema
from db.engine import Role, Store
from db.schema import SchemaError
from tests.conftest import open_store

ROOT = Path(__file__).parents[2]


def test_migrating_again_changes_nothing(store: Store) -> None:
    owner = store.engine(Role.OWNER)
    with owner.begin() as connection:
        connection.execute(
            text("insert into metrics.product_day values ('s', '2026-06-01', 'letters', 'all', 1)")
        )
    before = schema.revision(owner)
    assert schema.migrate(owner) == before == schema.head()
    schema.check(owner)
    with owner.connect() as connection:
        days = connection.execute(text("select count(*) from metrics.product_day")).scalar_one()
    assert days == 1


def test_two_processes_may_migrate_at_once(empty_database: URL) -> None:
    program = (
        "import sys; from pathlib import Path; from db import schema; "
        "from db.engine import Role, Store\n"
        "with Store(sys.argv[1], Path('unused')) as store:\n"
        "    print(schema.migrate(store.engine(Role.OWNER)))"
    )
    address = empty_database.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, address],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    results = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], results
    assert [out.strip() for out, _ in results] == [schema.head()] * 3
    with open_store(empty_database) as store:
        schema.check(store.engine(Role.APP))


def test_a_store_without_a_schema_says_which_command_makes_it(empty_database: URL) -> None:
    with open_store(empty_database) as store, pytest.raises(SchemaError) as raised:
        schema.check(store.engine(Role.OWNER))
    assert str(raised.value) == (
        f"The store has no schema yet ({schema.head()} is needed). Run: python cli.py migrate"
    )


def test_an_older_store_says_which_command_mends_it(store: Store) -> None:
    set_revision(store, "0001")
    with pytest.raises(SchemaError) as raised:
        schema.check(store.engine(Role.APP))
    assert str(raised.value) == (
        f"The store is at revision 0001, older than this code ({schema.head()} is needed). "
        "Run: python cli.py migrate"
    )


def test_a_newer_store_is_left_alone_and_says_to_update_greenlight(store: Store) -> None:
    set_revision(store, "9999")
    for attempt in (schema.check, schema.migrate):
        with pytest.raises(SchemaError) as raised:
            attempt(store.engine(Role.OWNER))
        assert str(raised.value) == (
            "The store is at revision 9999, which this code does not know: it is newer. "
            "Update Greenlight: git pull && make run"
        )


def set_revision(store: Store, revision: str) -> None:
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(
            text("update alembic_version set version_num = :revision"), {"revision": revision}
        )
