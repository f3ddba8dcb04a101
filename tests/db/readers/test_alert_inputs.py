"""What rules are evaluated from: everything of the moment that is evaluated."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from db.engine import Role
from db.readers.alert_inputs import read
from db.team.goals import save_criterion, save_goal, save_target
from tests.db.readers.serving import BEGIN

SERVICE = "mail"
GOAL: dict[str, Any] = {
    "title": "Answers",
    "problem": "Letters wait",
    "for_whom": "users",
    "gain_us": "",
    "gain_user": "",
    "starts_on": "2025-01-01",
    "due_on": "2026-12-31",
    "key_results": [],
    "parent_goal_id": None,
}
TARGET: dict[str, Any] = {
    "measure": "availability",
    "operator": ">=",
    "value": "99 %",
    "milestone": "Q1",
    "due_on": "2025-03-31",
}


def test_a_goal_is_taken_as_it_was_promised_at_the_moment_that_is_evaluated(
    oncall_engines: dict[Role, Engine],
):
    app, worker = oncall_engines[Role.APP], oncall_engines[Role.WORKER]
    first: dict[str, Any] = {"by": "Анна", "at": BEGIN}
    goal = save_goal(app, SERVICE, None, GOAL, **first, request_id="g")
    asked = {"name": "Answers", "area": "reliability", "window": ""}
    criterion = save_criterion(app, goal, None, asked, **first, request_id="c")
    target = save_target(app, criterion, None, TARGET, **first, request_id="t")
    later = BEGIN + timedelta(hours=2)
    harder = TARGET | {"value": "99.9 %"}
    save_target(app, criterion, target, harder, by="Анна", at=later, request_id="t2")

    def held_to(hours: int) -> list[Decimal]:
        found = read(worker, SERVICE, BEGIN + timedelta(hours=hours), {"plan"})
        assert found.failed == {}
        assert found.plan is not None
        return [part.target.value for verdict in found.plan.verdicts for part in verdict.evidence]

    assert held_to(-1) == []
    assert held_to(1) == [Decimal("0.99")]
    assert held_to(3) == [Decimal("0.999")]
