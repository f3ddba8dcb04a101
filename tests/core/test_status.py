"""Verdicts: what proves, disproves or leaves open, compared exactly."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.status import Estimate, Operator, Status, Target, judge, worst_of
from tests.core.seeded import seeded


def target(operator: Operator, value: str) -> Target:
    return Target("measure", operator, Decimal(value), "share", "Q2", date(2026, 12, 31))


AT_LEAST_99 = target(Operator.AT_LEAST, "0.99")
AT_MOST_20 = target(Operator.AT_MOST, "20")


def between(value: float, low: Fraction | float | None, high: Fraction | float | None) -> Estimate:
    return Estimate(value, low, high, 1_000)


@pytest.mark.parametrize(
    ("estimate", "held_against", "expected"),
    [
        (between(0.995, 0.991, 0.999), AT_LEAST_99, Status.ON_TARGET),
        (between(0.995, 0.98, 0.999), AT_LEAST_99, Status.UNDECIDED),
        (between(0.97, 0.96, 0.98), AT_LEAST_99, Status.BREACHED),
        (between(0.97, 0.96, Fraction(99, 100)), AT_LEAST_99, Status.UNDECIDED),
        (between(0.995, Fraction(99, 100), 0.999), AT_LEAST_99, Status.ON_TARGET),
        (between(0.97, 0.96, None), AT_LEAST_99, Status.UNDECIDED),
        (between(0.995, None, 0.999), AT_LEAST_99, Status.UNDECIDED),
        (between(0.97, None, 0.98), AT_LEAST_99, Status.BREACHED),
        (between(18, 17, 19), AT_MOST_20, Status.ON_TARGET),
        (between(18, 17, 21), AT_MOST_20, Status.UNDECIDED),
        (between(18, 17, 20), AT_MOST_20, Status.ON_TARGET),
        (between(25, 20, 30), AT_MOST_20, Status.UNDECIDED),
        (between(18, 17, None), AT_MOST_20, Status.UNDECIDED),
        (between(25, 24, None), AT_MOST_20, Status.BREACHED),
        (between(25, None, 26), AT_MOST_20, Status.UNDECIDED),
        (None, AT_LEAST_99, Status.NO_DATA),
        (Estimate(None, 0.0, 1.0, 0), AT_LEAST_99, Status.NO_DATA),
    ],
)
def test_an_estimate_proves_disproves_or_leaves_open(
    estimate: Estimate | None, held_against: Target, expected: Status
):
    assert judge(estimate, held_against) is expected


@pytest.mark.parametrize("operator", Operator)
def test_the_target_itself_is_on_target_by_either_operator(operator: Operator):
    assert judge(Estimate.exact(20, 1), target(operator, "20")) is Status.ON_TARGET


def test_one_letter_in_ten_billion_too_many_is_a_breach():
    four_nines = target(Operator.AT_LEAST, "0.9999")
    letters = 10**10
    held = Estimate.exact(1 - Fraction(10**6, letters), letters)
    missed = Estimate.exact(1 - Fraction(10**6 + 1, letters), letters)
    assert judge(held, four_nines) is Status.ON_TARGET
    assert judge(missed, four_nines) is Status.BREACHED
    assert float(missed.value or 0) == pytest.approx(0.9999)


@seeded
@given(st.integers(0, 1_000), st.integers(1, 1_000), st.sampled_from(Operator))
def test_an_exact_count_is_never_undecided(bad: int, good: int, operator: Operator):
    estimate = Estimate.exact(Fraction(good, bad + good), bad + good)
    held = target(operator, "0.99")
    expected = {
        Operator.AT_LEAST: good * 100 >= 99 * (bad + good),
        Operator.AT_MOST: good * 100 <= 99 * (bad + good),
    }[operator]
    assert judge(estimate, held) is (Status.ON_TARGET if expected else Status.BREACHED)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([Status.ON_TARGET, Status.NOT_DUE], Status.ON_TARGET),
        ([Status.ON_TARGET, Status.UNDECIDED], Status.UNDECIDED),
        ([Status.UNDECIDED, Status.AT_RISK], Status.AT_RISK),
        ([Status.AT_RISK, Status.BREACHED], Status.BREACHED),
        ([Status.BREACHED, Status.NO_DATA], Status.NO_DATA),
        ([Status.NOT_DUE], Status.NOT_DUE),
        ([], Status.NO_DATA),
    ],
)
def test_the_whole_is_as_bad_as_its_worst_part_and_no_data_wins(
    statuses: list[Status], expected: Status
):
    assert worst_of(statuses) is expected
    assert worst_of(reversed(statuses)) is expected


def test_every_status_has_a_word_and_an_icon_of_its_own():
    assert len({status.word for status in Status}) == len(Status) == 6
    assert len({status.icon for status in Status}) == len(Status)
