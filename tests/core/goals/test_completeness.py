"""A goal without a why, a date or a measure is incomplete, and says what is missing."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.goals.completeness import harder_before, missing
from core.ports import Criterion
from core.status import Operator, Target
from tests.fakes import goal

Q1, Q2 = date(2026, 6, 30), date(2026, 9, 30)


def target(value: str, due_on: date = Q2, operator: Operator = Operator.AT_LEAST) -> Target:
    return Target("precision", operator, Decimal(value), "share", f"by {due_on}", due_on)


def criterion(*targets: Target) -> Criterion:
    return Criterion("p", "Precision", "quality", targets)


WHOLE = replace(goal(criterion(target("0.99"))), key_results=("Complaints down by 5 %",))


def test_the_lectures_goal_lacks_nothing():
    assert missing(WHOLE) == ()


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("problem", "no why"),
        ("for_whom", "nobody it is for"),
        ("gain_user", "no gain for users"),
        ("gain_us", "no gain for us"),
    ],
)
def test_each_text_that_is_missing_is_named(field: str, what: str):
    (found,) = missing(replace(WHOLE, **{field: "  "}))
    assert (found.field, found.what) == (field, what)


def test_a_goal_without_a_measure_says_so():
    (found,) = missing(replace(WHOLE, criteria=()))
    assert found.what == "no measure"


def test_a_criterion_without_a_target_measures_nothing():
    (found,) = missing(replace(WHOLE, criteria=(criterion(),)))
    assert found.sentence.startswith("“Precision” has no target")


def test_a_target_after_the_deadline_is_told():
    (found,) = missing(replace(WHOLE, due_on=Q1))
    assert "due on 30 September 2026, after the goal itself (30 June 2026)" in found.sentence


def test_a_key_result_without_a_number_is_told():
    (found,) = missing(replace(WHOLE, key_results=("1M letters a minute", "Everybody is happy")))
    assert found.sentence == "Key result 2 names no number: Everybody is happy"
    (none,) = missing(replace(WHOLE, key_results=()))
    assert none.what == "no key results"


def test_an_interim_target_is_flagged_only_where_it_is_harder_than_a_later_one():
    assert harder_before([target("0.97", Q1), target("0.99")]) == {}
    assert harder_before([target("0.99", Q1), target("0.99")]) == {}
    (key,) = harder_before([target("0.995", Q1), target("0.99")])
    assert key == ("by 2026-06-30", "precision")
    low = Operator.AT_MOST
    assert harder_before([target("-0.06", Q1, low), target("-0.05", Q2, low)])
    assert not harder_before([target("-0.04", Q1, low), target("-0.05", Q2, low)])


def test_an_interim_goal_is_measured_by_the_interim_targets_of_the_goal_it_serves():
    interim = replace(WHOLE, criteria=(), due_on=Q1, parent_goal_id="complaints")
    later = replace(WHOLE, criteria=(criterion(target("0.99")),))
    sooner = replace(WHOLE, criteria=(criterion(target("0.97", Q1), target("0.99")),))
    assert missing(interim, sooner) == ()
    assert [one.what for one in missing(interim, later)] == ["no measure"]
