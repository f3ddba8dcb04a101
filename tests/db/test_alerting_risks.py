"""A red line of a risk, watched by the worker: it crosses, opens plan B and raises an alert."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.ports.risks import Risk
from core.timeframe import DAY
from db import rollup
from db.alerting import Alerting
from db.engine import Store
from db.readers.risks import SqlRiskReader
from db.team.risks import WORKER, add_risk, close_risk, end_plan_b
from tests.db.alert_world import SERVICE, World, states
from tests.db.serving_rows import Row, write
from tests.fakes_risks import form

RULE = "risk-red-lines"
ERRORS = {"line_due_on": None, "line_path": "reliability.errors", "line_operator": ">"}


@pytest.fixture
def world(store: Store) -> World:
    made = World(store)
    made.keep(RULE)
    return made


def draw(world: World, request_id: str = "a", **changed: Any) -> Risk:
    at = world.at(0)
    given = form(**{**ERRORS, "line_value": 50, "line_window": "1h", **changed})
    given["review_on"] = at.date()
    return add_risk(world.app, SERVICE, given, by="Анна", at=at, request_id=request_id)


def known(world: World) -> tuple[Risk, ...]:
    return SqlRiskReader(world.app).risks(SERVICE, world.at(10_000))


def test_a_crossed_red_line_opens_plan_b_once_and_raises_an_alert_with_owner_and_runbook(
    world: World,
):
    draw(world)
    world.write(0, 20)
    world.run(range(1, 11))
    assert (known(world)[0].plan_b_opened_at, world.episodes(RULE)) == (None, ())
    world.write(11, 20, errors=50)
    world.write(20, 32)  # they go on, so that nothing is stale at any of the looks
    world.run(range(20, 26))  # five minutes: it is looked at once in them
    (risk,) = known(world)
    assert risk.plan_b_opened_at is not None
    assert risk.plan_b_value == 450
    assert risk.changed_by == WORKER
    (alert,) = world.episodes(RULE)
    assert (alert.state, alert.severity, alert.value) == ("firing", "ticket", 450)
    assert alert.labels["risk"] == str(risk.risk_id)
    assert alert.evidence["plan_b"] == "Rent machines"
    assert (world.rule(RULE).owner, world.rule(RULE).runbook_id) == ("on-call", "runbook-plan")
    world.run(range(26, 31))
    assert known(world) == (risk,)


def test_the_alert_stays_while_plan_b_is_open_and_ends_with_it(world: World):
    draw(world)
    world.write(0, 10, errors=50)
    world.run(range(10, 15))
    (risk,) = known(world)
    assert risk.plan_b_is_open
    world.write(10, 90)
    world.run(range(80, 85))  # the errors are out of the window
    assert states(world.episodes(RULE)) == [(RULE, "firing")]
    end_plan_b(world.app, risk, "Арендовали", by="Анна", at=world.at(85))
    world.run(range(85, 105))
    assert states(world.episodes(RULE)) == [(RULE, "resolved")]


def test_plan_b_opens_whatever_became_of_the_rule(world: World):
    world.keep("rows")
    draw(world)
    world.write(0, 10, errors=50)
    world.run(range(10, 15))
    assert known(world)[0].plan_b_is_open
    assert world.episodes(RULE) == ()


def test_a_day_that_is_over_opens_it_too(world: World):
    draw(world, line_due_on=(world.at(0) - DAY).date(), line_path="", line_operator="",
         line_value=None, line_window="")  # fmt: skip
    world.write(0, 5)
    world.run([5])
    (risk,) = known(world)
    assert (risk.plan_b_is_open, risk.plan_b_value) == (True, None)
    assert states(world.episodes(RULE)) == [(RULE, "firing")]


def test_missing_data_open_nothing_and_resolve_nothing(world: World):
    draw(world)
    world.run(range(1, 6))
    assert known(world)[0].plan_b_opened_at is None
    assert [one.state for one in world.episodes(RULE) if one.state == "resolved"] == []


def test_a_closed_risk_is_watched_no_more(world: World):
    risk = draw(world)
    close_risk(world.app, risk, "Gone", by="Анна", at=world.at(0))
    world.write(0, 10, errors=50)
    world.run(range(10, 15))
    assert known(world)[0].plan_b_opened_at is None
    assert world.episodes(RULE) == ()


def test_each_red_line_is_an_alert_of_its_own(world: World):
    draw(world, "a")
    draw(world, "b", line_value=5_000)
    draw(world, "c", title="Третий")
    world.write(0, 10, errors=50)
    world.run(range(10, 15))
    assert [risk.plan_b_is_open for risk in known(world)] == [True, False, True]
    assert len(world.episodes(RULE)) == 2


def test_a_worker_that_stops_between_two_looks_loses_no_crossing(world: World):
    """What is stored is one transaction with the alerts; a new worker looks at everything anew."""
    draw(world)
    world.write(0, 10, errors=50)
    outcome = world.evaluate(10, Alerting(world.worker))
    assert outcome.errors == ()
    assert known(world)[0].plan_b_is_open


def test_slow_letters_of_an_incident_cross_a_line_on_the_p999(world: World):
    draw(
        world,
        line_path="reliability.percentiles.p99.9",
        line_operator=">",
        line_value=30,
        line_window="6h",
    )
    for first, end, cell in ((0, 20, 20), (20, 36, 110)):
        minutes = [world.begin + timedelta(minutes=one) for one in range(first, end)]
        write(
            world.serving,
            *(Row(SERVICE, at, "dc1", "dc1-1", cells=((cell, 100),)) for at in minutes),
        )
    rollup.catch_up(world.worker)
    world.run([20])
    assert known(world)[0].plan_b_opened_at is None
    world.run(range(30, 36))
    (risk,) = known(world)
    assert risk.plan_b_is_open
    assert risk.plan_b_value is not None
    assert risk.plan_b_value > 30
