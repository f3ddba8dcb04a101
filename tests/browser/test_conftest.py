"""The store that all browser tests share has connections left at the end."""

from sqlalchemy import URL, text

from db.engine import Role
from tests.browser.conftest import SharedStore

_OPEN = text("select count(*) from pg_stat_activity where datname = current_database()")


def test_who_asks_for_an_engine_again_and_again_holds_one_connection_a_role(database: URL):
    with SharedStore(database) as store:
        for _ in range(20):
            for role in (Role.OWNER, Role.APP):
                with store.engine(role).connect() as connection:
                    found = connection.execute(_OPEN).scalar_one()
    assert found == 2
