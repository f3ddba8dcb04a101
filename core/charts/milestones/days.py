"""Days on a time axis."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from core.charts.chart import stamp

#: One day in the milliseconds of a chart.
DATE = timedelta(days=1) / timedelta(milliseconds=1)


def moment(day: date) -> datetime:
    """When a day begins, in UTC.

    >>> moment(date(2026, 6, 1))
    datetime.datetime(2026, 6, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.combine(day, time(0), UTC)


def stamp_of(day: date) -> float:
    """When a day begins, in milliseconds since 1970."""
    return stamp(moment(day))


def noon_of(day: date) -> float:
    """The middle of a day, in milliseconds since 1970."""
    return stamp_of(day) + DATE / 2
