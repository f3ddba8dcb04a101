"""The numbers of an alert's chart are those of its check, and a gap is a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.alerts.serving import serving
from core.alerts.trace import CALM, LONGEST, MOST_POINTS, Trace, trace
from core.ports.alerts import AlertRule, Episode
from core.reliability.settings import SLIS
from core.stats.burn import POLICIES, Policy
from core.timeframe import DAY, HOUR, MINUTE, Span
from tests.fakes import SERVICE, at
from tests.fakes_alerts import GridReader, episode, failing, rule_named, steady_grid

#: Long enough for the longest policy.
FIRST = -4 * 24 * 60


def burning(policy: Policy, kind: str = "availability") -> Episode:
    return episode(1, labels={"sli": kind, "policy": policy.name}, rule_id=f"slo-{kind}")


def counting(check: str, **evidence: object) -> tuple[Episode, AlertRule]:
    label = {"errors": "errors", "load": "load", "traffic-vanished": "letters"}[check]
    found = episode(1, labels={"count": label}, rule_id=check, evidence=evidence)
    return found, rule_named(check)


def drawn(grid: GridReader, shown: Episode, rule: AlertRule | None, minute: float = 30) -> Trace:
    found = trace(grid, shown, rule, at(minute))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def grid() -> GridReader:
    return failing(steady_grid(FIRST, 60, datacenters=2), -20, 60, 37, datacenter=1)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("kind", SLIS)
def test_the_last_point_is_the_number_that_the_alert_compares(
    grid: GridReader, policy: Policy, kind: str
):
    found = drawn(grid, burning(policy, kind), rule_named(f"slo-{kind}"))
    (told,) = [
        one
        for one in serving(grid, SERVICE, at(30)).alerts
        if (one.kind, one.policy) == (kind, policy)
    ]
    assert found.times[-1] == found.span.end == at(30)
    for line, burn in zip(found.lines, (told.long_burn, told.short_burn), strict=True):
        assert burn is not None
        assert line.values[-1] == pytest.approx(float(burn), rel=1e-12)
    assert found.threshold == float(policy.factor())


def test_a_deleted_rule_leaves_the_chart_of_a_burning_budget(grid: GridReader):
    assert drawn(grid, burning(POLICIES[0]), None) == drawn(
        grid, burning(POLICIES[0]), rule_named("slo-availability")
    )


def test_minutes_that_nobody_wrote_are_a_gap_in_the_line_and_a_band(grid: GridReader):
    found = drawn(grid.without(5, 9), burning(POLICIES[0]), None)
    (line, *_) = found.lines
    missing = [time for time, value in zip(found.times, line.values, strict=True) if value is None]
    # A time is the end of its minute.
    assert missing == [at(minute) for minute in (6, 7, 8, 9)]
    assert found.gaps == (Span(at(5), at(9)),)


def test_calm_is_shown_before_it_and_after_one_that_is_over(grid: GridReader):
    found = drawn(grid, replace(burning(POLICIES[0]), resolved_at=at(20)), None, minute=500)
    assert found.span == Span(at(0) - CALM, at(20) + CALM)


def test_of_an_alert_that_runs_for_weeks_the_newest_days_are_shown_in_few_points():
    early = replace(burning(POLICIES[3]), began_at=at(0) - 40 * DAY)
    found = drawn(steady_grid(FIRST, 60), early, None)
    assert found.span == Span(at(30) - LONGEST, at(30))
    assert len(found.times) <= MOST_POINTS
    assert found.times[-1] == at(30)


def test_errors_are_a_share_of_the_letters_in_percent(grid: GridReader):
    found = drawn(grid, *counting("errors"))
    assert found.lines[0].values[-1] == pytest.approx(100 * 37 / 2_000)
    assert found.threshold == pytest.approx(1.0)


def test_load_is_letters_a_minute_against_what_was_carried(grid: GridReader):
    found = drawn(grid, *counting("load", carried_rpm=1_500))
    assert found.lines[0].values[-1] == 2_000
    assert found.threshold == 1_500


def test_letters_that_vanished_are_held_against_what_is_usual(grid: GridReader):
    found = drawn(grid, *counting("traffic-vanished", usual=20_000))
    assert found.lines[0].values[-1] == 20_000
    assert found.threshold == pytest.approx(2_000)


@pytest.mark.parametrize("evidence", [{}, {"carried_rpm": None}, {"carried_rpm": "many"}])
def test_a_threshold_that_nobody_told_is_none(grid: GridReader, evidence: dict):
    assert drawn(grid, *counting("load", **evidence)).threshold is None


def test_who_wrote_is_counted_by_datacenter_and_nobody_is_a_number(grid: GridReader):
    quiet = episode(1, labels={"watch": "rows"}, rule_id="rows")
    found = drawn(grid.without(20, 30), quiet, rule_named("rows"))
    assert [line.name for line in found.lines] == ["dc1", "dc2"]
    assert [line.values[-1] for line in found.lines] == [0, 0]
    assert [line.values[-11] for line in found.lines] == [1, 1]
    assert found.threshold is None


@pytest.mark.parametrize("rule_id", ["drift", "tables", "milestone-overdue", "guardrail"])
def test_what_is_not_about_minutes_has_no_trace(grid: GridReader, rule_id: str):
    assert trace(grid, episode(1, rule_id=rule_id), rule_named(rule_id), at(30)) is None


def test_a_rule_whose_parameters_are_wrong_still_has_its_line(grid: GridReader):
    shown, rule = counting("errors")
    found = drawn(grid, shown, replace(rule, parameters={"minutes": "many"}))
    assert found.threshold is None
    assert found.lines[0].values[-1] == pytest.approx(1.85)


def test_before_anybody_wrote_there_is_nothing_and_no_error():
    shown = replace(burning(POLICIES[0]), began_at=at(0) - 3 * HOUR)
    found = drawn(steady_grid(0, 2), shown, None, minute=-100)
    assert all(value is None for line in found.lines for value in line.values)
    assert found.span.end - found.span.start >= timedelta(hours=1)
    assert found.times[-1] - found.times[-2] == MINUTE
