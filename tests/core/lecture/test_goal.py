"""The lecture's goal and criteria, and the way down to numbers, refusals included."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from core.criteria import nearest_due
from core.goals.business import DIRECTIONS as GOOD_DIRECTIONS
from core.goals.business import business_lines
from core.goals.completeness import missing as missing_of_goal
from core.goals.drilldown import tree
from core.goals.forms import parse_goal, parse_target
from core.goals.metric_forms import parse_node
from core.ports import ProductSeries
from core.ports.criteria import BusinessMetric, GoalNode
from core.status import Estimate, Status, judge
from core.targets import nearest_targets
from tests.core.lecture.first_example import CRITERIA, GOAL, LECTURE, Q1, Q2, problems_of, target
from tests.fakes import SERVICE


def test_the_goal_says_for_whom_which_problem_by_when_and_what_each_side_gains():
    draft = parse_goal(GOAL, [])
    assert (draft.for_whom, draft.problem, draft.due_on) == (
        GOAL["for_whom"],
        GOAL["problem"],
        Q2,
    )
    assert missing_of_goal(LECTURE) == ()


@pytest.mark.parametrize("field", ["problem", "due_on", "for_whom"])
def test_a_goal_without_a_why_a_date_or_anybody_it_is_for_is_refused(field: str):
    assert list(problems_of(parse_goal, {**GOAL, field: ""}, [])) == [field]


def test_a_goal_without_a_measure_is_incomplete_and_says_so():
    assert [one.what for one in missing_of_goal(replace(LECTURE, criteria=()))] == ["no measure"]
    assert [one.what for one in missing_of_goal(replace(LECTURE, problem=""))] == ["no why"]


def below(number: int, parent: int | None, name: str, value: str, unit: str) -> GoalNode:
    given = {
        "name": name,
        "parent_id": parent,
        "operator": "" if not value else ">=" if parent and unit != "ms" else "<=",
        "value": value,
        "unit": unit,
        "note": "",
        "criterion_id": None,
    }
    above = [GoalNode(1, SERVICE, LECTURE.goal_id, None, 1, "top", None, None, "", "", None)]
    read = parse_node(given, LECTURE, above)
    return GoalNode(
        number,
        SERVICE,
        LECTURE.goal_id,
        parent,
        number,
        read.name,
        read.operator,
        read.value,
        read.unit,
        "",
        None,
    )


WAY_DOWN = (
    below(1, None, "“This is spam” complaints", "-5 %", "share"),
    below(2, 1, "Latency", "20 ms", "ms"),
    below(3, 1, "Load", "1.5 billion letters a day", "letters a day"),
    below(4, 1, "Availability", "99.99 %", "share"),
)


def test_the_way_down_goes_from_complaints_by_minus_5_percent_to_20_ms_and_four_nines():
    found = tree(LECTURE.goal_id, WAY_DOWN, ())
    (top,) = found.branches
    assert top.number == "at most −5 %"
    assert [one.number for one in top.below] == [
        "at most 20 ms",
        "at least 1,500,000,000 letters a day",
        "at least 99.99 %",
    ]
    assert found.gaps == ()


def test_one_and_a_half_billion_letters_a_day_are_about_a_million_a_minute():
    load = WAY_DOWN[2].value
    assert load is not None
    assert Fraction(load) / (24 * 60) == Fraction(1_500_000_000, 1_440)
    assert 1_000_000 < load / 1_440 < 1_050_000


def test_a_node_without_a_number_below_it_is_flagged():
    bare = below(5, 1, "Load", "", "")
    (gap,) = tree(LECTURE.goal_id, (*WAY_DOWN[:2], bare), ()).gaps
    assert gap == "“Load” has no number: nobody said what is OK."
    (gap,) = tree(LECTURE.goal_id, WAY_DOWN[:1], ()).gaps
    assert gap.endswith("has no technical metric below it.")


def test_the_first_quarter_is_held_to_97_50_and_10m_and_the_second_to_99_70_and_100m():
    every = [one for criterion in CRITERIA for one in criterion.targets]
    for today, due, wanted in (
        (date(2026, 2, 1), Q1, ("0.97", "0.5", "10000000")),
        (Q1, Q1, ("0.97", "0.5", "10000000")),
        (Q1 + timedelta(days=1), Q2, ("0.99", "0.7", "100000000")),
    ):
        assert nearest_due(every, today) == due
        quality = nearest_targets([LECTURE], "quality", today)
        training = nearest_targets([LECTURE], "training", today)
        assert (
            quality["precision"].value,
            quality["recall"].value,
            training["letters_anonymised"].value,
        ) == tuple(map(Decimal, wanted))


@pytest.mark.parametrize(
    ("measure", "value", "just", "not_quite"),
    [
        ("complaint_lift", "-5 %", Fraction(-5, 100), Fraction(-4_999_999, 10**8)),
        ("precision", "99 %", Fraction(99, 100), Fraction(98_999_999, 10**8)),
        ("recall", "70 %", Fraction(7, 10), Fraction(69_999_999, 10**8)),
        ("availability", "99.99 %", Fraction(9_999, 10_000), Fraction(99_989_999, 10**8)),
        ("latency_sli", "99.99 %", Fraction(9_999, 10_000), Fraction(99_989_999, 10**8)),
        ("mean_rpm", "1M", Fraction(1_000_000), Fraction(999_999)),
        ("peak_rpm_within_slo", "2M", Fraction(2_000_000), Fraction(1_999_999)),
        ("letters_anonymised", "100M", Fraction(100_000_000), Fraction(99_999_999)),
    ],
)
def test_each_criterion_is_met_at_its_number_and_not_just_short_of_it(
    measure: str, value: str, just: Fraction, not_quite: Fraction
):
    wanted = target(measure, value)
    assert judge(Estimate.exact(just, 1), wanted) is Status.ON_TARGET
    assert judge(Estimate.exact(not_quite, 1), wanted) is Status.BREACHED


def test_a_share_is_never_read_a_hundred_times_too_large():
    draft = {
        "measure": "precision",
        "operator": ">=",
        "value": "99",
        "milestone": "Q2",
        "due_on": Q2,
    }
    assert list(problems_of(parse_target, draft, CRITERIA[1], [])) == ["value"]


def test_business_metrics_are_money_time_span_and_frequency_and_less_time_may_be_good():
    said = [
        BusinessMetric(number, SERVICE, kind, name, source, direction, "because")
        for number, (kind, name, source, direction) in enumerate(
            (
                ("frequency", "Daily users", "active_users_day", "up"),
                ("time span", "Length of a session", "session_seconds", "down"),
                ("money", "Advertising", "revenue_ads", "up"),
            ),
            start=1,
        )
    ]
    days = tuple(date(2026, 6, 1) - timedelta(days=back) for back in range(14, 0, -1))
    falling = (10.0,) * 7 + (9.0,) * 7
    series = [ProductSeries(one.source, days, falling) for one in said]

    found = business_lines(said, series, datetime(2026, 6, 1, 12, tzinfo=UTC))

    assert [(one.metric.kind, one.trend) for one in found] == [
        ("money", "bad"),
        ("time span", "good"),
        ("frequency", "bad"),
    ]
    assert set(GOOD_DIRECTIONS) == {"up", "down", "neither"}
