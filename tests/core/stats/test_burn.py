"""Error budgets and burn rates: the worked figures, by exact arithmetic."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.burn import (
    FEWEST_BAD,
    PERIOD,
    POLICIES,
    Budget,
    Tally,
    above,
    burn_rate,
    exhausted_in,
    fires,
)
from tests.core.seeded import seeded

FOUR_NINES = Fraction(9_999, 10_000)
PAGE_FAST, PAGE_SLOW, TICKET_DAY, TICKET_SLOW = POLICIES
FULL = Tally(bad=60_000, total=60_000)
CLEAN = Tally(bad=0, total=60_000)

#: What 30 days of 1M letters a minute are.
MONTH_OF_LETTERS = 30 * 24 * 60 * 1_000_000


def test_the_budget_of_a_month_is_its_letters_times_one_in_ten_thousand():
    assert MONTH_OF_LETTERS == 43_200_000_000
    assert Budget.of(0, MONTH_OF_LETTERS, FOUR_NINES).allowed == 4_320_000


def test_the_budget_of_a_month_is_4_32_minutes_of_full_outage():
    allowed = Budget.of(0, MONTH_OF_LETTERS, FOUR_NINES).allowed
    assert allowed / 1_000_000 == Fraction("4.32")


@pytest.mark.parametrize(
    ("letters", "spent", "percent"),
    [(1_000_000, Fraction(25, 108), 23.1), (2_000_000, Fraction(25, 54), 46.3)],
    ids=["at average traffic", "at peak"],
)
def test_one_dead_minute_costs_this_much_of_the_budget(
    letters: int, spent: Fraction, percent: float
):
    remaining = Budget.of(letters, MONTH_OF_LETTERS, FOUR_NINES).remaining
    assert remaining == 1 - spent
    assert round(float(spent * 100), 1) == percent


def test_an_overspent_budget_is_negative_and_never_cut_to_zero():
    assert Budget.of(10, 10_000, FOUR_NINES).remaining == -9


def test_without_letters_there_is_no_budget_to_spend():
    assert Budget.of(0, 0, FOUR_NINES) == Budget(Fraction(0), 0, None)


@pytest.mark.parametrize(
    ("policy", "factor"),
    [
        (PAGE_FAST, Fraction("14.4")),
        (PAGE_SLOW, Fraction(6)),
        (TICKET_DAY, Fraction(3)),
        (TICKET_SLOW, Fraction(1)),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_a_factor_follows_from_share_period_and_long_window(policy, factor: Fraction):
    assert policy.factor() == factor
    assert policy.share * Fraction(PERIOD / policy.long) == factor
    assert policy.factor(PERIOD / 2) == factor / 2


def test_the_windows_of_the_four_policies_are_these():
    assert [(p.name, p.severity, str(p.long), str(p.short)) for p in POLICIES] == [
        ("page_fast", "page", "1:00:00", "0:05:00"),
        ("page_slow", "page", "6:00:00", "0:30:00"),
        ("ticket_day", "ticket", "1 day, 0:00:00", "2:00:00"),
        ("ticket_slow", "ticket", "3 days, 0:00:00", "6:00:00"),
    ]


def test_exactly_14_4_does_not_fire_and_one_more_bad_letter_does():
    exactly, more = Tally(bad=144, total=100_000), Tally(bad=145, total=100_000)
    assert burn_rate(exactly.bad, exactly.total, FOUR_NINES) == PAGE_FAST.factor()
    assert fires(PAGE_FAST, exactly, exactly, FOUR_NINES) is False
    assert fires(PAGE_FAST, more, exactly, FOUR_NINES) is False
    assert fires(PAGE_FAST, exactly, more, FOUR_NINES) is False
    assert fires(PAGE_FAST, more, more, FOUR_NINES) is True


def test_floats_would_fire_at_exactly_14_4():
    assert 144 / 100_000 / (1 - 0.9999) > 14.4


def test_one_letter_in_a_hundred_billion_decides():
    total = 100_000 * 10**6
    assert above(Tally(144 * 10**6, total), Fraction("14.4"), FOUR_NINES) is False
    assert above(Tally(144 * 10**6 + 1, total), Fraction("14.4"), FOUR_NINES) is True


@pytest.mark.parametrize(
    ("bad", "missing", "expected"),
    [(9, 0, False), (10, 0, True), (9, 1, None), (0, 9, False)],
    ids=["nine", "ten", "nine and one that is missing", "never enough"],
)
def test_fewer_than_ten_bad_letters_never_fire(bad: int, missing: int, expected: bool | None):
    assert FEWEST_BAD == 10
    thin = Tally(bad=bad, total=20, missing=missing)
    assert fires(PAGE_FAST, thin, Tally(bad=5, total=5), FOUR_NINES) is expected


@pytest.mark.parametrize(
    ("long", "short", "expected"),
    [
        (FULL, FULL, True),
        (FULL, CLEAN, False),
        (CLEAN, FULL, False),
        (CLEAN, CLEAN, False),
        (Tally(0, 0), Tally(0, 0), False),
        (FULL, Tally(0, 4_000, missing=1_000), None),
        (CLEAN, Tally(0, 4_000, missing=1_000), False),
        (Tally(0, 60_000, missing=1_000), FULL, None),
        (Tally(0, 60_000, missing=1_000), CLEAN, False),
        (FULL, Tally(4_000, 4_000, missing=1_000), True),
    ],
    ids=[
        "both windows burn",
        "it is over",
        "it has only begun",
        "nothing burns",
        "no letters",
        "missing letters of the short window decide",
        "missing letters cannot decide: the long window is clean",
        "missing letters of the long window decide",
        "missing letters cannot decide: the short window is clean",
        "so bad that missing letters cannot save it",
    ],
)
def test_a_policy_fires_only_when_both_windows_do(long: Tally, short: Tally, expected: bool | None):
    assert fires(PAGE_FAST, long, short, FOUR_NINES) is expected


@pytest.mark.parametrize("long", [FULL, CLEAN], ids=["that fires", "that is quiet"])
@pytest.mark.parametrize("bad", [0, 4_000])
def test_a_gap_in_the_short_window_holds_an_alert(long: Tally, bad: int):
    assert fires(PAGE_FAST, long, Tally(bad, 4_000, gap=True), FOUR_NINES) is None


def test_a_gap_in_the_long_window_alone_does_not_hold_an_alert():
    assert fires(PAGE_FAST, Tally(0, 55_000, gap=True), CLEAN, FOUR_NINES) is False


@seeded
@given(
    bad=st.integers(0, 30),
    good=st.integers(0, 30),
    missing=st.integers(0, 8),
    limit=st.fractions(Fraction(1, 50), 1, max_denominator=50),
)
def test_above_is_known_only_where_every_fate_of_the_missing_agrees(
    bad: int, good: int, missing: int, limit: Fraction
):
    total = bad + good + missing
    fates = {bad + lost > limit * total for lost in range(missing + 1)}
    expected = fates.pop() if len(fates) == 1 else None
    found = above(Tally(bad, bad + good, missing), limit / (1 - FOUR_NINES), FOUR_NINES)
    assert found is expected


def test_a_burn_rate_of_one_spends_the_budget_in_exactly_one_period():
    assert burn_rate(1, 10_000, FOUR_NINES) == 1
    assert exhausted_in(Fraction(1), Fraction(1)) == PERIOD


@pytest.mark.parametrize("objective", [Fraction(0), Fraction(1), Fraction(2)])
def test_an_objective_without_a_budget_is_refused_by_its_value(objective: Fraction):
    with pytest.raises(ValueError, match=rf"objective == {objective}, must be in \(0, 1\)"):
        burn_rate(1, 2, objective)


@pytest.mark.parametrize(
    ("remaining", "burn", "expected"),
    [
        (Fraction(1, 2), Fraction("14.4"), timedelta(days=30) / 2 / 14.4),
        (Fraction(1), Fraction(720), timedelta(hours=1)),
        (Fraction(0), Fraction(1), timedelta(0)),
        (Fraction(-3), Fraction(1), timedelta(0)),
        (Fraction(-3), Fraction(0), None),
        (Fraction(1), Fraction(0), None),
        (Fraction(1), None, None),
        (None, Fraction(1), None),
    ],
)
def test_the_time_to_exhaustion_is_what_is_left_at_the_present_burn(remaining, burn, expected):
    assert exhausted_in(remaining, burn) == expected
