"""Upgrades with data in place: from every revision that ever was, nothing is lost on the way."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, NullPool, text

from db import schema
from db.backup.contents import Table, tables_of
from db.engine import Role, Store
from tests.conftest import new_database, open_store
from tests.db.any_rows import fill_every_table, rows_of

#: Tables that a later revision took away, and where their rows went: revision, then new home.
MOVED = {"team.oncall_change": "team.audit", "team.alert_change": "team.audit"}


def revisions() -> list[str]:
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    return sorted(script.revision for script in scripts.walk_revisions())


def test_the_revisions_are_a_line_from_first_to_head():
    assert revisions()[0] == "0001"
    assert revisions()[-1] == schema.head()
    assert revisions() == [f"{number:04}" for number in range(1, len(revisions()) + 1)]


@pytest.fixture(scope="module")
def own_store(server_url: URL) -> Iterator[Store]:
    with new_database(server_url) as url, open_store(url) as store:
        yield store


@pytest.fixture
def owner(own_store: Store) -> Iterator[Engine]:
    """A database without any schema; emptied afterwards, which is quicker than another one."""
    engine = own_store.engine(Role.OWNER, poolclass=NullPool)
    yield engine
    with engine.begin() as connection:
        connection.execute(text("drop schema if exists metrics, rollup, team cascade"))
        connection.execute(text("drop table if exists alembic_version"))


@pytest.mark.parametrize("revision", revisions())
def test_every_row_survives_the_upgrade_to_head(owner: Engine, revision: str):
    with owner.begin() as connection:
        schema.upgrade(connection, revision)
        filled = fill_every_table(connection)
        before = tables_of(connection)
        rows = {str(table): rows_of(connection, table) for table in before}
    assert [table for table, count in filled.items() if count == 0] == []

    assert schema.migrate(owner) == schema.head()

    with owner.connect() as connection:
        _nothing_lost(connection, before, rows)
        _every_constraint_holds(connection)


def _nothing_lost(
    connection: Connection, before: tuple[Table, ...], rows: dict[str, list[Any]]
) -> None:
    now = {str(table): table for table in tables_of(connection)}
    moved: dict[str, int] = {}
    for table in before:
        if str(table) in now:
            missing = set(table.columns) - set(now[str(table)].columns)
            assert not missing, f"{table} lost {missing}"
            kept = rows_of(connection, table)
            assert set(rows[str(table)]) <= set(kept), f"{table} lost rows"
        else:
            home = MOVED[str(table)]
            moved[home] = moved.get(home, 0) + len(rows[str(table)])
    for home, count in moved.items():
        assert len(rows_of(connection, now[home])) == count


def _every_constraint_holds(connection: Connection) -> None:
    """A constraint that spares older rows ("not valid") must hold for the contract's rows too."""
    spared = connection.execute(
        text(
            "select conrelid::regclass::text, conname::text from pg_constraint "
            "where not convalidated and connamespace::regnamespace::text = any(:schemas)"
        ),
        {"schemas": ["metrics", "rollup", "team"]},
    ).all()
    for table, name in spared:
        connection.execute(text(f'alter table {table} validate constraint "{name}"'))
    invalid = connection.execute(
        text("select indexrelid::regclass::text from pg_index where not indisvalid")
    )
    assert invalid.scalars().all() == []
