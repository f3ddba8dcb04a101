"""What tests call an emptied store is a migrated one: whatever was in it, nothing is left."""

import pytest
from sqlalchemy import Connection, text

from db.backup.contents import tables_of
from db.engine import Role, Store
from tests.db.any_rows import fill_every_table, rows_of


def contents(connection: Connection) -> dict[str, object]:
    """Every row, and where every sequence stands."""
    sequences = text("select schemaname, sequencename, last_value from pg_sequences order by 1, 2")
    rows = {str(table): rows_of(connection, table) for table in tables_of(connection)}
    return rows | {"sequences": connection.execute(sequences).all()}


@pytest.fixture(scope="module")
def filled(kept_store: Store) -> Store:
    """The module's store, with rows in every table."""
    with kept_store.engine(Role.OWNER).begin() as connection:
        assert 0 not in fill_every_table(connection).values()
        connection.execute(text("update rollup.worker set leader = 'somebody'"))
    return kept_store


@pytest.mark.usefixtures("emptied_database")
def test_an_emptied_store_is_as_it_was_migrated(filled: Store, store: Store):
    with filled.engine(Role.OWNER).connect() as connection:
        found = contents(connection)
    with store.engine(Role.OWNER).connect() as connection:
        assert found == contents(connection)
