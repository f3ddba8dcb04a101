"""Risks on the terminal."""

import json
from datetime import timedelta

from db.engine import Role, Store
from db.team.risks import add_risk
from tests.fakes_risks import form
from tests.pages.operate import known, now
from tests.terminal.conftest import Terminal


def test_the_register_is_printed_and_its_json_says_the_same(terminal: Terminal, store: Store):
    known(store, "search")
    at = now() - timedelta(hours=1)
    given = form(title="Серверы поздно", line_due_on=at.date(), review_on=at.date())
    add_risk(store.engine(Role.APP), "search", given, by="Анна", at=at, request_id="a")

    said = terminal("evidence", "risks", "--service", "search")
    values = json.loads(
        terminal("evidence", "risks", "--service", "search", "--format", "json").stdout
    )

    assert said.exit_code == 0, said.stderr
    assert "Серверы поздно" in said.stdout
    assert values["sentence"].removesuffix(".") in " ".join(said.stdout.split())
    (risk,) = values["risks"]
    assert (values["exposure"], risk["rank"], risk["missing"]) == (9, 9, [])
