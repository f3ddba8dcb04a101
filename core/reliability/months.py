"""Calendar months to report by, with planned maintenance and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from core.ports import Maintenance, ReliabilityReader, Trend
from core.reliability.settings import SLIS
from core.reliability.totals import Totals
from core.stats.burn import Budget
from core.timeframe import DAY, MINUTE, Span, floor_to

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
        without_maintenance: as slis, letters during planned maintenance left out; equal where none
            was.
        maintenance_minutes: planned minutes in it, wherever they were planned.
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
    """The month that as-of lies in and the three before it, newest first; none before the first."""
    starts = [end.replace(day=1, hour=0, minute=0)]
    while len(starts) < SHOWN:
        starts.append((starts[-1] - DAY).replace(day=1))
    daily = reader.trend(service, starts[-1], end, DAY)
    began = next(
        (day for day, minutes in zip(daily.times, daily.minutes, strict=True) if minutes), None
    )
    planned = reader.maintenance(service, starts[-1], end)
    found = []
    for start, until in zip(starts, [end, *starts[:-1]], strict=True):
        if began is None or until <= began or until <= start:
            continue
        span = Span(start, until)
        left_out, length = _during_maintenance(reader, service, span, planned)
        found.append(_month(daily, span, began, objectives, (left_out, length)))
    return tuple(found)


def _month(
    daily: Trend,
    span: Span,
    began: datetime,
    objectives: Mapping[str, Fraction],
    planned: tuple[Totals, timedelta],
) -> Month:
    days = [at for at, day in enumerate(daily.times) if day in span]
    letters, errors, slow, minutes = (
        int(counts[days].sum())
        for counts in (daily.letters, daily.errors, daily.slow, daily.minutes)
    )
    everything = Totals(letters, errors, slow)
    left_out, length = planned
    # The service's first day counts from its first minute on, not from midnight.
    due = (span.end - max(span.start, began)) // MINUTE
    if began in span:
        first = daily.times.index(began)
        due += int(daily.minutes[first]) - (min(began + DAY, span.end) - began) // MINUTE
    return Month(
        first_day=span.start,
        complete=span.end == (span.start + 31 * DAY).replace(day=1),
        letters=letters,
        slis={kind: everything.good(kind) for kind in SLIS},
        budgets={kind: Budget.of(*everything.counts(kind), objectives[kind]) for kind in SLIS},
        without_maintenance={kind: (everything - left_out).good(kind) for kind in SLIS},
        maintenance_minutes=length // MINUTE,
        coverage=Fraction(minutes, due) if due > 0 else None,
    )


def _during_maintenance(
    reader: ReliabilityReader, service: str, span: Span, planned: Sequence[Maintenance]
) -> tuple[Totals, timedelta]:
    """Letters of the planned minutes of a span, and how long they are; overlaps count once.

    A minute that was planned in part is not left out: that would flatter.
    """
    entries = [
        (
            max(floor_to(entry.starts_at + MINUTE - timedelta.resolution, MINUTE), span.start),
            min(floor_to(entry.ends_at, MINUTE), span.end),
            entry.datacenter,
        )
        for entry in planned
    ]
    moments = {moment for start, end, _ in entries if start < end for moment in (start, end)}
    left_out, length = [], timedelta(0)
    for first, last in pairwise(sorted(moments)):
        where = {name for start, end, name in entries if start <= first and last <= end}
        if not where:
            continue
        length += last - first
        left_out += [
            part
            for part in reader.slices(service, first, last, "datacenter")
            if "" in where or part.key in where
        ]
    return Totals.of(left_out), length
