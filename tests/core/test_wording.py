"""A displayed number is cut toward the side that flatters less."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import wording
from tests.core.seeded import seeded

SIZES = {"k": 10**3, "M": 10**6, "B": 10**9}


def said(written: str) -> Fraction:
    """The number that a reader takes from what is displayed."""
    bare = written.replace("−", "-").replace(",", "").removesuffix("ms").removesuffix("%").strip()
    size = SIZES.get(bare[-1], 1)
    return Fraction(bare.rstrip("kMB")) * size


@pytest.mark.parametrize(
    ("share", "digits", "good", "expected"),
    [
        (Fraction("0.999895"), 2, "high", "99.98 %"),
        (Fraction("0.999895"), 2, "low", "99.99 %"),
        (Fraction("0.99999999"), 2, "high", "99.99 %"),
        (Fraction(1), 2, "high", "100.00 %"),
        (0.9999, 2, "high", "99.99 %"),
        (0.29, 2, "high", "29.00 %"),
        (0.07, 2, "low", "7.00 %"),
        (Fraction(-62, 1000), 0, "low", "−6 %"),
        (Fraction(-62, 1000), 0, "high", "−7 %"),
        (Fraction(-1, 10**6), 2, "low", "0.00 %"),
        (Fraction(-9), 0, "high", "−900 %"),
    ],
)
def test_a_share_is_cut(share: Fraction | float, digits: int, good: str, expected: str):
    assert wording.percent(share, digits, good=good) == expected


def test_99_9895_percent_is_never_shown_as_99_99():
    share = Fraction("0.999895")
    assert wording.percent(share) == "99.98 %"
    assert f"{float(share) * 100:.2f}" == "99.99"


def test_a_lift_is_cut_to_less_of_a_reduction():
    """Complaints fell by 4.96 %: not the five percent that were promised."""
    assert wording.percent(Fraction("-0.0496"), 1, good="low") == "−4.9 %"


@seeded
@given(st.fractions(-3, 3), st.integers(0, 4))
def test_a_cut_share_never_flatters_and_is_off_by_less_than_its_last_digit(
    share: Fraction, digits: int
):
    last_digit = Fraction(1, 10**digits)
    high = said(wording.percent(share, digits, good="high"))
    low = said(wording.percent(share, digits, good="low"))
    assert 0 <= share * 100 - high < last_digit
    assert 0 <= low - share * 100 < last_digit


@seeded
@given(st.decimals(0, 1, places=4), st.sampled_from(["high", "low"]))
def test_a_float_is_cut_like_the_number_it_is_written_as(share: Decimal, good: str):
    exact = wording.percent(Fraction(share), 2, good=good)
    assert wording.percent(float(share), 2, good=good) == exact
    assert said(exact) == share * 100


@seeded
@given(st.fractions(0, 10**13))
def test_a_count_never_flatters(number: Fraction):
    high, low = said(wording.count(number)), said(wording.count(number, good="low"))
    assert high <= number <= low
    assert number - high < max(1, number / 100)
    assert low - number < max(1, number / 100)


@pytest.mark.parametrize(
    ("number", "good", "expected"),
    [
        (0, "high", "0"),
        (999, "high", "999"),
        (1_000, "high", "1k"),
        (999_999, "high", "999.99k"),
        (999_999, "low", "1M"),
        (4_320_000, "high", "4.32M"),
        (4_320_000, "low", "4.32M"),
        (4_320_001, "low", "4.33M"),
        (43_200_000_000, "high", "43.2B"),
        (10**13, "high", "10000B"),
        (Fraction(1, 2), "high", "0"),
        (Fraction(1, 2), "low", "1"),
        (-1_500, "high", "−1.5k"),
    ],
)
def test_a_count_is_said_at_its_scale(number: Fraction | int, good: str, expected: str):
    assert wording.count(number, good=good) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(4_320_000, "4,320,000"), (999, "999"), (-1_000, "−1,000"), (Fraction(7, 2), "3")],
)
def test_a_count_in_full_has_its_thousands_apart(number: Fraction | int, expected: str):
    assert wording.whole(number) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (20.0, "20.0 ms"),
        (20.000001, "20.1 ms"),
        (20.0000000001, "20.1 ms"),
        (0.625, "0.63 ms"),
        (9.99, "9.99 ms"),
        (9.991, "10.00 ms"),
        (640.0, "640.0 ms"),
        (None, "no data"),
    ],
)
def test_a_latency_is_cut_up(value: float | None, expected: str):
    assert wording.milliseconds(value) == expected


@seeded
@given(st.floats(0, 1_000))
def test_a_latency_never_flatters(value: float):
    shown = said(wording.milliseconds(value))
    assert Fraction(value) <= shown + Fraction(1, 10**12)
    assert shown - Fraction(value) < Fraction(1, 10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction("14.4"), "14.4"),
        (Fraction("14.41"), "14.5"),
        (0, "0.0"),
        (0.1, "0.1"),
        (Fraction(1, 10**9), "0.1"),
        (Fraction("99.95"), "100.0"),
        (Fraction("100.1"), "101"),
        (10_000, "10,000"),
        (None, "unknown"),
    ],
)
def test_a_burn_rate_is_cut_up(value: Fraction | float | None, expected: str):
    assert wording.rate(value) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(0), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=119), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47, minutes=59), "47 hours"),
        (timedelta(days=2, hours=23), "2 days"),
    ],
)
def test_a_length_of_time_is_cut_down(length: timedelta, expected: str):
    assert wording.duration(length) == expected


@pytest.mark.parametrize(
    ("moment", "as_of", "expected"),
    [
        (datetime(2026, 6, 1, 3, 12, tzinfo=UTC), None, "1 Jun 2026 03:12 UTC"),
        (
            datetime(2026, 6, 1, 23, 0, tzinfo=UTC),
            datetime(2026, 6, 2, 1, 0, tzinfo=timezone(timedelta(hours=3))),
            "23:00 UTC",
        ),
        (
            datetime(2026, 6, 1, 1, 0, tzinfo=timezone(timedelta(hours=3))),
            datetime(2026, 6, 1, 9, 0, tzinfo=UTC),
            "31 May 2026 22:00 UTC",
        ),
    ],
)
def test_a_time_is_said_in_utc_and_without_the_day_of_as_of(
    moment: datetime, as_of: datetime | None, expected: str
):
    assert wording.clock(moment, as_of) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [([], ""), (["one"], "one"), (["one", "two"], "one and two"), (["a", "b", "c"], "a, b and c")],
)
def test_parts_are_listed_as_in_a_sentence(parts: list[str], expected: str):
    assert wording.listing(parts) == expected


@pytest.mark.parametrize(("number", "expected"), [(0, "no"), (10, "ten"), (11, "11")])
def test_small_numbers_are_words(number: int, expected: str):
    assert wording.number_word(number) == expected
