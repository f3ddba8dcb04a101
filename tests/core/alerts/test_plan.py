"""Milestones that are over, and red lines that are crossed."""

from dataclasses import replace
from datetime import date

import pytest

from core.alerts.checks.answer import Answer
from core.alerts.checks.plan import milestone_overdue, red_line
from core.alerts.inputs import Inputs, plan_of
from core.alerts.parameters import Overdue, RedLine
from core.criteria import Reports
from core.ports import Goal
from core.ports.alerts import Signal
from core.reliability import report as reliability_report
from core.timeframe import Window
from tests.core.quality.worlds import labelled, measured, scored
from tests.core.test_criteria import LATENCY, QUALITY, SERVES, criterion, target
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, goal, slowness, steady
from tests.fakes_alerts import rule_named

#: BEGIN is in June; the first quarter's milestone is due on its last day.
AFTER = 35 * 24 * 60
HELD = steady(AFTER - 600, AFTER, 10_000)


def reports(rows: list[Row]) -> Reports:
    reader = FakeReliabilityReader(rows)
    return Reports(reliability_report(reader, SERVICE, Window.parse("1h"), at(AFTER)))


def milestones(*goals: Goal, rows: list[Row] = HELD, minute: int = AFTER, days: int = 0) -> Answer:
    plan = plan_of(goals, reports(rows), at(minute))
    inputs = Inputs(SERVICE, at(minute), plan=plan)
    return milestone_overdue(rule_named("milestone-overdue"), Overdue(days), inputs)


def one(answer: Answer) -> Signal:
    assert answer.complete
    (found,) = answer.signals
    return found


def test_a_milestone_that_is_over_and_met_is_quiet():
    found = one(milestones(goal(LATENCY)))
    assert found.active is False
    assert found.sentence.endswith("6 days ago, and is met")


def test_a_milestone_that_is_over_and_not_met_is_told_with_its_criteria():
    found = one(milestones(goal(LATENCY), rows=slowness(HELD, AFTER - 60, AFTER)))
    assert found.active is True
    assert found.sentence == (
        "Milestone Q1 of newsletters was due on 30 June 2026, 6 days ago, and is not met: "
        "latency (breached)"
    )
    assert found.labels == {"goal": "complaints", "milestone": "Q1", "due_on": "2026-06-30"}


def test_an_undecided_criterion_has_not_met_its_milestone():
    """The peak has not come: nobody knows whether it would be carried."""
    found = one(milestones(goal(SERVES)))
    assert found.active is True
    assert "load at an SLA (undecided)" in found.sentence


def test_missing_evidence_is_unknown():
    found = one(milestones(goal(QUALITY)))
    assert found.active is None
    assert "precision / recall (no data)" in found.sentence


def test_a_milestone_on_its_day_is_not_over():
    assert milestones(goal(LATENCY), minute=29 * 24 * 60).signals == ()


def test_some_days_may_be_given():
    assert milestones(goal(LATENCY), days=6).signals == ()
    assert len(milestones(goal(LATENCY), days=5).signals) == 1


def test_each_milestone_is_watched_by_itself():
    late = criterion(replace(target("latency_sli", "0.9999"), due_on=date(2026, 7, 2)))
    labels = [found.labels["milestone"] for found in milestones(goal(LATENCY, late)).signals]
    assert labels == ["Q1", "Q2"]


def test_a_goal_without_criteria_has_nothing_to_be_judged_by():
    assert milestones(goal()).signals == ()


LINE = rule_named("milestone-overdue", name="GPU servers", check="red_line")


def crossed(line: RedLine, **inputs: object) -> Answer:
    return red_line(LINE, line, Inputs(SERVICE, at(AFTER), **inputs))  # type: ignore[arg-type]


@pytest.mark.parametrize(("day", "active"), [(5, True), (6, False), (7, False)])
def test_a_day_is_crossed_on_the_day_after(day: int, active: bool):
    found = one(crossed(RedLine("", "", None, date(2026, 7, day))))
    assert found.active is active
    assert found.sentence.startswith(f"Red line GPU servers of newsletters: {day} July 2026 is ")


@pytest.mark.parametrize(
    ("path", "operator", "value", "active"),
    [
        ("reliability.letters", ">=", 600_000, True),
        ("reliability.letters", ">", 600_000, False),
        ("reliability.availability", "<", 0.9999, False),
        ("reliability.percentiles.p99.9", ">", 20, False),
        ("reliability.percentiles.p99.9", "<=", 20, True),
        ("reliability.burn.availability.1h", ">", 1, False),
    ],
)
def test_any_measure_of_a_report_may_have_a_red_line(
    path: str, operator: str, value: float, active: bool
):
    found = one(crossed(RedLine(path, operator, value, None), reports=reports(HELD)))
    assert found.active is active
    assert path in found.sentence
    assert found.threshold == value


def test_a_criterions_measure_may_have_one():
    plan = plan_of([goal(LATENCY)], reports(slowness(HELD, AFTER - 60, AFTER)), at(AFTER))
    line = RedLine("criteria.latency.latency_sli", "<", 0.5, None)
    assert one(crossed(line, plan=plan)).active is True


def test_quality_may_have_one():
    found = measured(scored(), labelled())
    line = RedLine("quality.precision.value", "<", 0.9999, None)
    assert one(crossed(line, quality=found)).active is True


@pytest.mark.parametrize(
    "path", ["reliability.nothing", "reliability.state", "reliability.percentiles", "criteria.a.b"]
)
def test_what_is_no_measure_is_unknown_and_says_so(path: str):
    read = reports(HELD)
    answer = crossed(
        RedLine(path, ">", 1, None), reports=read, plan=plan_of([goal(LATENCY)], read, at(AFTER))
    )
    assert not answer.complete
    assert path in answer.why


def test_a_measure_of_stale_data_is_unknown():
    stale = reports(HELD[:-10])
    assert not crossed(RedLine("reliability.letters", ">", 1, None), reports=stale).complete
