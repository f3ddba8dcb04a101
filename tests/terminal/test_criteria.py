"""Goals on the terminal."""

import json

from sqlalchemy import text

from db.engine import Role, Store
from tests.terminal.conftest import Terminal

_GOAL = text("""
    insert into team.goal (goal_id, service, title, starts_on, due_on, for_whom)
    values ('g', 'mail', 'Меньше жалоб', '2026-01-01', '2026-09-30', 'users')""")


def test_what_a_goal_lacks_is_said_in_words_and_in_json(terminal: Terminal, store: Store):
    with store.engine(Role.APP).begin() as connection:
        connection.execute(_GOAL)

    said = terminal("evidence", "criteria", "--service", "mail").stdout
    found = json.loads(
        terminal("evidence", "criteria", "--service", "mail", "--format", "json").stdout
    )

    assert "Меньше жалоб" in said
    assert "No why: which problem does it solve?" in said
    assert "The goal has no product metric below it." in said
    assert found["missing"][0] == "No why: which problem does it solve?"
    assert found["goals"][0]["title"] == "Меньше жалоб"
