"""As-of, windows and freshness."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timeframe import (
    DAY,
    HOUR,
    MINUTE,
    STALE_AFTER_DAYS,
    STALE_AFTER_HOURS,
    STALE_AFTER_MINUTES,
    Freshness,
    Span,
    Window,
    floor_to,
    parse_as_of,
    span_of,
    write_time,
)
from tests.core.seeded import seeded

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "length", "words"),
    [
        ("5m", 5 * MINUTE, "5 minutes"),
        ("1h", HOUR, "1 hour"),
        (" 6h ", 6 * HOUR, "6 hours"),
        ("1d", DAY, "24 hours"),
        ("30d", 30 * DAY, "30 days"),
        ("400d", 400 * DAY, "400 days"),
    ],
)
def test_a_window_is_a_number_and_a_unit(written: str, length: timedelta, words: str):
    window = Window.parse(written)
    assert window.length == length
    assert str(window) == written.strip()
    assert window.words == words


@pytest.mark.parametrize(
    "written",
    ["", "30", "d", "0d", "-5m", "1.5h", "30D", "1w", "5m5m", "1 h", "401d", "9999999m", "1٠m"],
)
def test_what_is_no_window_is_refused_by_its_value(written: str):
    with pytest.raises(ValueError, match=f"^window == {written!r}, must be "):
        Window.parse(written)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=90), -HOUR])
def test_a_window_is_whole_minutes(length: timedelta):
    with pytest.raises(ValueError, match=f"^window == {length}, must be whole minutes"):
        Window(length)


@seeded
@given(st.integers(1, 400 * 1440))
def test_a_written_window_is_read_back(minutes: int):
    window = Window(minutes * MINUTE)
    assert Window.parse(str(window)) == window


@pytest.mark.parametrize(
    "written",
    ["2026-06-01T12:00Z", "2026-06-01T12:00:00", "2026-06-01T14:00+02:00", " 2026-06-01 12:00 "],
)
def test_an_as_of_is_read_in_utc(written: str):
    found = parse_as_of(written)
    assert found == NOON
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "written",
    ["", "now", "2026-13-01", "12:00", "0001-01-01T00:00+14:00", "9999-12-31", "1999-12-31T23:59Z"],
)
def test_what_is_no_as_of_is_refused_by_its_value(written: str):
    with pytest.raises(ValueError, match=re.escape(f"as_of == {written!r}, must ")):
        parse_as_of(written)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (NOON, "2026-06-01T12:00Z"),
        (NOON + timedelta(seconds=5), "2026-06-01T12:00:05Z"),
        (NOON.astimezone(timezone(timedelta(hours=3))), "2026-06-01T12:00Z"),
    ],
)
def test_a_time_is_written_in_utc_and_read_back(moment: datetime, written: str):
    assert write_time(moment) == written
    assert parse_as_of(written) == moment


@pytest.mark.parametrize("seconds", [0, 1, 59.999])
def test_the_minute_that_as_of_lies_in_is_never_in_the_window(seconds: float):
    span = span_of(Window.parse("5m"), NOON + timedelta(seconds=seconds))
    assert span == Span(NOON - 5 * MINUTE, NOON)
    assert span.minutes == 5
    assert NOON not in span
    assert NOON - MINUTE in span


def test_an_as_of_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="must have a time zone"):
        span_of(Window.parse("5m"), NOON.replace(tzinfo=None))


def test_a_moment_is_floored_to_days_from_midnight_utc_also_before_1970():
    assert floor_to(NOON, DAY) == datetime(2026, 6, 1, tzinfo=UTC)
    before = datetime(1969, 12, 31, 23, 59, 30, tzinfo=UTC)
    assert floor_to(before, MINUTE) == datetime(1969, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("step", "limit"),
    [(MINUTE, STALE_AFTER_MINUTES), (HOUR, STALE_AFTER_HOURS), (DAY, STALE_AFTER_DAYS)],
    ids=["minutes", "hours", "days"],
)
def test_data_are_stale_when_as_of_is_past_the_limit_and_not_before(
    step: timedelta, limit: timedelta
):
    newest = NOON - step
    edge = NOON + limit
    assert not Freshness.of(edge, newest, limit, step).stale
    assert Freshness.of(edge + timedelta(microseconds=1), newest, limit, step).stale


def test_the_limits_are_three_minutes_two_hours_and_a_day_and_a_half():
    limits = (STALE_AFTER_MINUTES, STALE_AFTER_HOURS, STALE_AFTER_DAYS)
    assert limits == (3 * MINUTE, 2 * HOUR, 36 * HOUR)


def test_without_any_row_there_is_nothing_fresh():
    assert Freshness.of(NOON, None) == Freshness(NOON, None, stale=True)
