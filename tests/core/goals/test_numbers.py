"""Numbers as people type them: read exactly, and refused where they could mean two things."""

from decimal import Decimal

import pytest

from core.goals.numbers import limit_words, number_words, read_number, typed_words
from core.status import Operator

SHARE, RATE = "share", "letters a minute"


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("99 %", SHARE, "0.99"),
        ("99%", SHARE, "0.99"),
        ("0.99", SHARE, "0.99"),
        ("99,99 %", SHARE, "0.9999"),
        ("0,9999", SHARE, "0.9999"),
        ("0", SHARE, "0"),
        ("100 %", SHARE, "1"),
        ("20 ms", "ms", "20"),
        ("20 мс", "ms", "20"),
        ("1M", RATE, "1000000"),
        ("1 M letters a minute", RATE, "1000000"),
        ("2 000 000", RATE, "2000000"),
        ("2\u00a0000\u00a0000", RATE, "2000000"),
        ("2,000,000", RATE, "2000000"),
        ("1.5 billion letters a day", "letters a day", "1500000000"),
        ("1,5 млн писем", "letters", "1500000"),
        ("10 млн.", "letters", "10000000"),
        ("100k", "letters", "100000"),
    ],
)
def test_what_is_plain_is_read_exactly(typed: str, unit: str, value: str):
    read = read_number(typed, unit, "…")
    assert (read.value, read.refused) == (Decimal(value), "")


@pytest.mark.parametrize(
    ("typed", "unit", "said"),
    [
        ("99", SHARE, "is 99 meant as 99 %?"),
        ("1", SHARE, "is 1 meant as 1 %?"),
        ("101 %", SHARE, "between 0 % and 100 %"),
        ("-1 %", SHARE, "between 0 % and 100 %"),
        ("20 ms", SHARE, "a share of one, not in 'ms'"),
        ("1M", SHARE, "a share of one, not in 'M'"),
        ("1,234 %", SHARE, "In doubt: is 1,234 meant as 1234 or as 1.234?"),
        ("1,000", RATE, "In doubt: is 1,000 meant as 1000 or as 1.000?"),
        ("1,000k", RATE, "In doubt"),
        ("99 %", RATE, "in letters a minute, not in '%'"),
        ("20 ms", RATE, "in letters a minute, not in 'ms'"),
        ("1m", RATE, "not in 'm'"),
        ("1e6", RATE, "not in 'e6'"),
        ("-5", RATE, "Must not be below zero."),
        ("", RATE, "Write a number such as"),
        ("nan", RATE, "Write a number such as"),
        ("many", RATE, "Write a number such as"),
        ("1.2.3", RATE, "1.2.3 is no number"),
        ("9" * 16, RATE, "more than 15 digits"),
        ("1 00", RATE, "is no number"),
    ],
)
def test_what_could_mean_two_things_is_refused_and_says_why(typed: str, unit: str, said: str):
    read = read_number(typed, unit, "99 %")
    assert read.value is None
    assert said in read.refused


def test_a_lift_may_be_below_zero():
    assert read_number("−5 %", SHARE, "-5 %", signed=True).value == Decimal("-0.05")
    assert read_number("-0.05", SHARE, "-5 %", signed=True).value == Decimal("-0.05")
    assert read_number("-5", SHARE, "-5 %", signed=True).value is None


@pytest.mark.parametrize(
    ("value", "unit"),
    [("0.9999", SHARE), ("-0.05", SHARE), ("1500000000", "letters a day"), ("20.5", "ms")],
)
def test_what_a_form_begins_with_is_read_back_as_it_was(value: str, unit: str):
    typed = typed_words(Decimal(value), unit)
    assert read_number(typed, unit, "", signed=True).value == Decimal(value)


def test_numbers_are_said_in_full():
    assert number_words(Decimal("0.99990"), SHARE) == "99.99 %"
    assert number_words(Decimal("1234567"), RATE) == "1,234,567 letters a minute"
    assert limit_words(Operator.AT_MOST, Decimal("-0.05"), SHARE) == "at most −5 %"
