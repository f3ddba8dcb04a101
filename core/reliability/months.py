"""Calendar months to report by, with planned maintenance and without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from core.ports import Maintenance, ReliabilityReader, Trend
from core.stats.burn import Budget
from core.timeframe import DAY, MINUTE, Span

#: This month and the ones before it.
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month (UTC), up to as-of.

    Attributes:
        first_day: its first day, midnight UTC.
        complete: whether it is over.
        slis: share of good letters by 'availability' and 'latency'; None without letters.
        budgets: of the month's letters, by the same keys.
        without_maintenance: as slis, letters during planned maintenance left out; equal where none was.
        maintenance_minutes: planned minutes in it.
        coverage: minutes with rows over minutes since the service's first; None before it began.
    """

    first_day: datetime
    complete: bool
    letters: int
    slis: Mapping[str, Fraction | None]
    budgets: Mapping[str, Budget]
    without_maintenance: Mapping[str, Fraction | None]
    maintenance_minutes: int
    coverage: Fraction | None


def months(
    reader: ReliabilityReader, service: str, end: datetime, objectives: Mapping[str, Fraction]
) -> tuple[Month, ...]:
    """The month that as-of lies in and the three before it, newest first; none without letters."""
    starts = [end.replace(day=1, hour=0, minute=0)]
    while len(starts) < SHOWN:
        starts.append((starts[-1] - DAY).replace(day=1))
    daily = reader.trend(service, starts[-1], end, DAY)
    began = next(
        (day for day, minutes in zip(daily.times, daily.minutes, strict=True) if minutes), None
    )
    planned = reader.maintenance(service, starts[-1], end)
    ends = [end, *starts[:-1]]
    found = []
    for start, until in zip(starts, ends, strict=True):
        if began is None or until <= began or until <= start:
            continue
        span = Span(start, until)
        found.append(_month(reader, service, daily, span, began, planned, objectives, end))
    return tuple(found)


def _month(
    reader: ReliabilityReader,
    service: str,
    daily: Trend,
    span: Span,
    began: datetime,
    planned: tuple[Maintenance, ...],
    objectives: Mapping[str, Fraction],
    as_of: datetime,
) -> Month:
    days = [at for at, day in enumerate(daily.times) if day in span]
    letters, errors, slow, minutes = (
        int(counts[days].sum())
        for counts in (daily.letters, daily.errors, daily.slow, daily.minutes)
    )
    left_out, maintenance_minutes = _during_maintenance(reader, service, span, planned)
    # The service's first day counts from its first minute on, not from midnight.
    due = (span.end - max(span.start, began)) // MINUTE
    if began in span:
        first = daily.times.index(began)
        due += int(daily.minutes[first]) - (min(began + DAY, span.end) - began) // MINUTE
    next_month = (span.start + 31 * DAY).replace(day=1)
    return Month(
        first_day=span.start,
        complete=next_month <= as_of,
        letters=letters,
        slis=_slis(letters, errors, slow),
        budgets={
            "availability": Budget.of(errors, letters, objectives["availability"]),
            "latency": Budget.of(slow, letters - errors, objectives["latency"]),
        },
        without_maintenance=_slis(
            letters - left_out[0], errors - left_out[1], slow - left_out[2]
        ),
        maintenance_minutes=maintenance_minutes,
        coverage=Fraction(minutes, due) if due > 0 else None,
    )


def _slis(letters: int, errors: int, slow: int) -> dict[str, Fraction | None]:
    answered = letters - errors
    return {
        "availability": 1 - Fraction(errors, letters) if letters else None,
        "latency": 1 - Fraction(slow, answered) if answered else None,
    }


def _during_maintenance(
    reader: ReliabilityReader, service: str, span: Span, planned: tuple[Maintenance, ...]
) -> tuple[tuple[int, int, int], int]:
    """Letters, errors and slow letters of the planned minutes, and how many minutes they are."""
    letters = errors = slow = minutes = 0
    for entry in planned:
        start, end = max(entry.starts_at, span.start), min(entry.ends_at, span.end)
        if end <= start:
            continue
        minutes += (end - start) // MINUTE
        for part in reader.slices(service, start, end, "datacenter"):
            if entry.datacenter in {"", part.key}:
                letters, errors, slow = (
                    letters + part.letters,
                    errors + part.errors,
                    slow + part.slow,
                )
    return (letters, errors, slow), minutes
