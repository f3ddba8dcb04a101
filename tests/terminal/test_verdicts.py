"""Verdicts on the terminal, the gate, and the worker that keeps them."""

import json
from datetime import datetime, timedelta

from sqlalchemy import text

from db.engine import Role, Store
from db.leadership import Leadership
from tests.terminal.minutes import MINUTE, cells, promise, serving, tick, write
from tests.terminal.running import Terminal


def test_the_gate_closes_on_a_breach_and_on_nothing_else(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        first, last = as_of - 60 * MINUTE, as_of - MINUTE
        write(connection, "bad", first, last, cells(c41=9_980), errors=20)
        write(connection, "good", first, last, cells(c41=10_000))
    promise(store, "bad", "0.9981")
    promise(store, "good", "0.9999")
    tick(terminal)
    seen = ("--as-of", as_of.isoformat())

    assert terminal("verdicts", "--gate", *seen).exit_code == 1
    assert terminal("verdicts", *seen).exit_code == 0
    assert terminal("verdicts", "--gate", "--service", "good", *seen).exit_code == 0
    long_ago = (as_of - timedelta(days=100)).isoformat()
    assert terminal("verdicts", "--gate", "--as-of", long_ago).exit_code == 0  # no data: no breach


def test_a_verdict_as_json_carries_everything_that_it_rests_on(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        first, last = as_of - 60 * MINUTE, as_of - MINUTE
        write(connection, "bad", first, last, cells(c41=9_980), errors=20)
    promise(store, "bad", "0.9981")
    tick(terminal)

    result = terminal("verdicts", "--format", "json", "--as-of", as_of.isoformat())

    [verdict] = json.loads(result.stdout)
    seen = as_of.strftime("%Y-%m-%dT%H:%MZ")
    assert verdict | {"sentence": ""} == {
        "service": "bad",
        "criterion_id": "bad-up",
        "name": "Always up",
        "area": "reliability",
        "status": "BREACHED",
        "sentence": "",
        "evidence": [
            {
                "measure": "availability",
                "status": "BREACHED",
                "value": 0.998,
                "low": 0.998,
                "high": 0.998,
                "n": 600_000,
                "target": 0.9981,
                "operator": ">=",
                "unit": "share",
                "milestone": "End",
                "due_on": "2099-12-31",
            }
        ],
        "window": "30d",
        "as_of": seen,
        "data_through": (as_of - MINUTE).strftime("%Y-%m-%dT%H:%MZ"),
        "reasons": [],
        "settles": "",
    }
    assert verdict["sentence"].endswith(".")


def test_the_worker_keeps_the_verdicts_of_its_tick(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        write(connection, "bad", as_of - 60 * MINUTE, as_of, cells(c41=9_980), errors=20)
    promise(store, "bad", "0.9981")
    tick(terminal)
    with store.engine(Role.APP).connect() as connection:
        kept = connection.execute(text("select service, criterion_id, status from team.verdict"))
        assert kept.all() == [("bad", "bad-up", "BREACHED")]


def test_a_tick_beside_a_leading_worker_says_who_leads(store: Store, terminal: Terminal):
    leadership = Leadership(store.engine(Role.WORKER))
    assert leadership.hold()
    result = terminal("worker", "--once")
    leadership.release()
    assert result.exit_code == 0
    assert result.stdout.startswith("Another worker leads")
