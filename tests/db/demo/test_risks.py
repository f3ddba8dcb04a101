"""The demo's risks, and a red line on its p99.9 that crosses when its slow incident is replayed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.risks import LineState, RisksReport
from core.timeframe import MINUTE
from db import reports, rollup
from db.alerting import Alerting
from db.alerting.evaluation import SETTLE
from db.demo.newsletters import serving, story
from db.demo.newsletters.partitioning import make_room
from db.demo.newsletters.risks import seed_risks
from db.demo.newsletters.story import SERVICE, Scenario
from db.engine import Role, Store
from db.readers.alerts import SqlAlertReader
from db.readers.risks import SqlRiskReader
from db.team.risks import WORKER, add_risk
from db.writer import MetricWriter
from tests.fakes_risks import DAY, form

#: Long past, so that no clock of a machine is behind it.
ANCHOR = datetime(2025, 6, 3, 12, 40, tzinfo=UTC)
SCENARIO = Scenario(ANCHOR)
LINE = {
    "line_due_on": None,
    "line_path": "reliability.percentiles.p99.9",
    "line_operator": ">",
    "line_value": 20,
    "line_window": "1h",
}


def told(app: Engine, as_of: datetime = ANCHOR) -> RisksReport:
    return reports.risks_report(app, SERVICE, as_of)


def test_the_lectures_servers_are_there_with_all_that_their_ranks_ask_for(app: Engine):
    seed_risks(app, SCENARIO)
    found = [view for view in told(app).risks if view.risk.task.endswith("to train BERT")]
    assert [(view.rank, view.missing) for view in found] == [(9, ()), (4, ()), (3, ())]


def test_the_register_shows_what_a_register_has(app: Engine):
    seed_risks(app, SCENARIO)
    found = told(app)
    assert {view.state for view in found.risks} == {"handled", "incomplete", "accepted"}
    assert len(found.overdue) == 1
    assert len(found.closed) == 2
    assert any("9 → 6 → 3" in str([one.rank for one in view.history]).replace(", ", " → ")
               for view in found.risks)  # fmt: skip
    assert found.exposure[-1].total < max(one.total for one in found.exposure)
    assert any("сосед" in view.risk.title for view in found.risks)


def test_a_crossed_line_opened_plan_b_in_the_past(app: Engine):
    seed_risks(app, SCENARIO)
    (crossed,) = [view for view in told(app, ANCHOR - 45 * DAY).risks if view.risk.plan_b_is_open]
    assert crossed.risk.changed_by == WORKER
    assert told(app).plans_b == ()


def test_seeding_twice_changes_nothing(app: Engine):
    seed_risks(app, SCENARIO)
    before = SqlRiskReader(app).risks(SERVICE, ANCHOR)
    seed_risks(app, SCENARIO)
    assert SqlRiskReader(app).risks(SERVICE, ANCHOR) == before


@pytest.mark.parametrize("days", [0, 31, 61])
def test_a_shorter_history_has_them_too(app: Engine, days: int):
    seed_risks(app, Scenario(ANCHOR, days=days))
    found = told(app)
    assert len(found.risks) == 8
    assert all(view.history[0].at <= ANCHOR for view in found.risks)


def test_a_line_on_the_demos_p999_crosses_when_the_slow_incident_is_replayed(
    store: Store, app: Engine, tmp_path: Path
):
    worker = store.engine(Role.WORKER)
    starts, ends = SCENARIO.starts(story.SLOW_DISK), SCENARIO.ends(story.SLOW_DISK)
    first = starts - 90 * MINUTE
    given = form(**LINE, review_on=ANCHOR.date())
    add_risk(app, SERVICE, given, by="Анна", at=first, request_id="line")
    make_room(worker, first.date(), first.date())
    with MetricWriter(store, service=SERVICE, buffer=tmp_path) as writer:
        rows = serving.minutes(SCENARIO, first, ends)
        assert rows is not None
        writer.load("serving_minute", rows)
    while rollup.catch_up(worker).pending:
        pass

    def evaluated(at: datetime) -> None:
        outcome = Alerting(worker).evaluate(at + SETTLE)
        assert outcome is not None
        assert outcome.errors == ()

    evaluated(starts)
    (view,) = told(app, starts).risks
    assert view.line is not None
    assert view.line.state is LineState.HOLDS
    assert view.risk.plan_b_opened_at is None

    evaluated(ends)
    (view,) = told(app, ends).risks
    assert view.line is not None
    assert view.line.state is LineState.CROSSED
    assert view.risk.plan_b_is_open
    assert view.risk.plan_b_opened_at == ends
    assert view.risk.plan_b_value == view.line.value
    assert view.line.value is not None
    assert view.line.value > 20
    alerts = SqlAlertReader(app).open_episodes(SERVICE, ends)
    (alert,) = [one for one in alerts if one.rule_id == "risk-red-lines"]
    assert alert.state == "firing"
    (rule,) = [one for one in SqlAlertReader(app).rules(SERVICE) if one.rule_id == alert.rule_id]
    assert (rule.owner, rule.runbook_id) == ("on-call", "runbook-plan")
