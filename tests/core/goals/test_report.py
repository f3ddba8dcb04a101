"""The way down from a goal, business metrics, history, and the page's report."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from core.criteria import Reports
from core.goals import report
from core.goals.business import business_lines
from core.goals.drilldown import tree
from core.goals.evidence import evidence
from core.goals.history import history
from core.ports import Criterion, ProductSeries
from core.ports.criteria import BusinessMetric, WrittenChange
from core.printout import rendered
from core.printout.criteria import criteria
from core.reliability import report as reliability_report
from core.status import Operator, Status, Target
from core.timeframe import DAY, Window
from tests.core.goals.nodes import GOAL, LATENCY, LOAD, SPAM, node
from tests.fakes import (
    SERVICE,
    FakeOverviewReader,
    FakeReliabilityReader,
    at,
    goal,
    steady,
)
from tests.fakes_goals import FakeGoalPageReader

Q1, Q2 = date(2026, 6, 30), date(2026, 9, 30)


FAST = Criterion(
    "fast",
    "Fast",
    "reliability",
    (
        Target("latency_sli", Operator.AT_LEAST, Decimal("0.95"), "share", "Q1", Q1),
        Target("latency_sli", Operator.AT_LEAST, Decimal("0.9"), "share", "Q2", Q2),
    ),
)


def reports() -> Reports:
    reader = FakeReliabilityReader(tuple(steady(-600, 0, 10_000)))
    return Reports(reliability_report(reader, SERVICE, Window.parse("1h"), at(0)))


def test_the_way_down_goes_by_a_number_to_technical_metrics_and_theirs():
    found = tree(GOAL, [SPAM, LATENCY], [])
    (top,) = found.branches
    assert (top.node.name, top.number, top.gaps) == (SPAM.name, "at most −5 %", ())
    assert [(one.node.name, one.number) for one in top.below] == [("Latency", "at most 20 ms")]
    assert found.gaps == ()
    assert found.headline == "Every metric below the goal has its number"


def test_a_metric_without_a_number_and_a_product_metric_without_technical_ones_are_gaps():
    found = tree(GOAL, [SPAM, LOAD, node(9, "Retention", None)], [])
    assert found.gaps == (
        "“Load” has no number: nobody said what is OK.",
        "“Retention” has no number: nobody said what is OK.",
        "“Retention” has no technical metric below it.",
    )
    assert found.headline == "Three gaps on the way from the goal to numbers"


def test_a_goal_with_nothing_below_is_one_gap():
    found = tree(GOAL, [replace(SPAM, goal_id="another")], [])
    assert found.branches == ()
    assert found.gaps == ("The goal has no product metric below it.",)


def week(metric: str, before: float, now: float) -> ProductSeries:
    yesterday = (at(0) - DAY).date()
    days = tuple(yesterday - timedelta(days=back) for back in range(13, -1, -1))
    return ProductSeries(metric, days, (before,) * 7 + (now,) * 7)


def metric(source: str, kind: str, direction: str, number: int = 1) -> BusinessMetric:
    return BusinessMetric(number, SERVICE, kind, source, source, direction, "because")


def test_less_time_may_be_good_and_the_direction_is_the_metrics_own():
    series = [week("session_seconds", 100, 90), week("revenue_ads", 100, 90)]
    for direction, trend in (("down", "good"), ("up", "bad"), ("neither", "no good direction")):
        (line,) = business_lines([metric("session_seconds", "time span", direction)], series, at(0))
        assert line.trend == trend
    lines = business_lines(
        [metric("session_seconds", "time span", "down"), metric("revenue_ads", "money", "up", 2)],
        series,
        at(0),
    )
    assert [(line.metric.source, line.trend) for line in lines] == [
        ("revenue_ads", "bad"),
        ("session_seconds", "good"),
    ]


def test_what_nobody_measures_has_no_trend():
    lines = business_lines(
        [metric("a", "money", "up"), metric("b", "money", "up"), metric("c", "money", "up")],
        [week("b", 100, 100), replace(week("c", 1, 2), days=(at(0).date(),), values=(1.0,))],
        at(0),
    )
    assert [line.trend for line in lines] == ["not measured", "unchanged", "a day is missing"]


def test_a_changed_target_is_told_by_its_numbers():
    row = {
        "criterion_id": "fast",
        "measure": "precision",
        "milestone": "Q2",
        "due_on": "2026-09-30",
        "operator": ">=",
        "value": 0.98,
        "exact_value": "0.98",
        "unit": "share",
        "revision": 1,
        "removed_at": None,
    }
    changed = row | {"value": 0.99, "exact_value": "0.990", "revision": 2}
    gone = changed | {"removed_at": "2026-06-01T00:00:00+00:00", "removed_by": "Анна"}
    lines = history(
        [
            WrittenChange(at(0), "Анна", "target", "1", changed, gone),
            WrittenChange(at(0), "Анна", "target", "1", row, changed),
            WrittenChange(at(0), "Boris", "target", "1", {}, row),
        ],
        {"fast": "Fast"},
    )
    assert {line.what for line in lines} == {"precision at Q2 (Fast)"}
    assert (lines[1].before, lines[1].after) == ("at least 98 %", "at least 99 %")
    assert lines[0].after == "removed"
    assert lines[2].before == "nothing"
    assert "at least 98 %" in lines[2].after


def page(*goals, **more):
    reader = FakeGoalPageReader(goals, **more)
    return report(reader, FakeOverviewReader(series=[week("revenue_ads", 1, 2)]), reports(), at(0))


def test_a_service_without_a_goal_says_so():
    found = page()
    assert found.headline == f"{SERVICE.capitalize()} has no goal yet"
    assert (found.lines, found.missing, found.tree.branches) == ((), (), ())


def test_an_incomplete_goal_is_told_before_its_verdicts():
    whole = replace(goal(FAST), key_results=("5 % fewer",))
    assert "is complete; one criterion on target" in page(whole).headline
    lacking = replace(whole, problem="", gain_us="")
    assert page(lacking).headline.endswith("is incomplete, it has no why and no gain for us")


def test_targets_are_judged_where_they_count_and_flagged_where_they_are_odd():
    found = page(goal(FAST))
    assert [(line.kept.target.milestone, line.status) for line in found.lines] == [
        ("Q1", Status.ON_TARGET),
        ("Q2", Status.NOT_DUE),
    ]
    assert found.flags == (
        "Fast, latency sli at Q1: Harder than the target of Q2, which comes later.",
    )


def test_the_terminal_and_json_tell_what_the_page_tells():
    found = page(goal(FAST), below=[SPAM, LOAD], business=[metric("revenue_ads", "money", "up")])
    values = evidence(found)
    said = rendered(criteria(found), "table")
    assert values["gaps"] == ["“Load” has no number: nobody said what is OK."]
    assert values["targets"][0]["status"] == "ON_TARGET"
    assert values["business"][0]["trend"] == "good"
    for part in (found.headline, *values["gaps"], "at least 95 %", "no key results"):
        assert part in " ".join(said.split()), part


def test_business_metrics_can_be_measured_by_what_was_written_and_by_what_the_contract_names():
    assert page().sources[0] == "revenue_ads"
    assert "session_seconds" in page().sources


def test_a_node_has_the_verdict_of_its_criterion():
    found = page(goal(FAST), below=[SPAM, LATENCY])
    (below,) = found.tree.branches[0].below
    assert below.verdict is not None
    assert below.verdict.status is Status.ON_TARGET
