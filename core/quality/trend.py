"""Quality by day of the score, and how many of a day's labels have come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from core.ports import LabelLags
from core.quality.cells import Counted
from core.quality.settings import Settings
from core.quality.slices import SliceQuality, slice_qualities
from core.stats import maturity
from core.stats.maturity import MATURE, LagDistribution
from core.status import Estimate
from core.timeframe import DAY, Span

#: More days than this are told by week: nobody sees more, and a day alone has few labels.
MOST_DAYS = 100
#: What is told by day.
TOLD = ("precision", "recall")
#: Pieces of a day whose age is looked at: half hours of a day.
_PIECES = 48


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day of the window, or a week of it where there are too many days to tell apart.

    Attributes:
        day: the day, or the week's Monday.
        length: a day or a week.
        quality: of the letters that were scored then; its interval is for this stretch alone.
        arrived: share of the labels it will get that have come; None where lags are not known.
    """

    day: date
    length: timedelta
    quality: SliceQuality
    arrived: float | None

    @property
    def mature(self) -> bool:
        """Whether (nearly) all its labels have come."""
        return self.arrived is not None and self.arrived >= MATURE

    @property
    def precision(self) -> Estimate:
        """The day's precision."""
        return self.quality.measures["precision"]

    @property
    def recall(self) -> Estimate:
        """The day's recall."""
        return self.quality.measures["recall"]


@dataclass(frozen=True, slots=True)
class Lag:
    """How long labels take.

    Attributes:
        median: half of the labels come within this time; None without labels.
        slowest: 95 % come within this time.
        estimated: from labels whose letters are old enough to have shown any lag; else, from all,
            which makes lags look shorter than they are.
    """

    median: timedelta | None
    slowest: timedelta | None
    estimated: bool


def lag_of(lags: LabelLags, known_at: datetime) -> tuple[Lag, LagDistribution | None]:
    """Lags in words' reach, and the distribution they come from; None without labels."""
    if not lags.lag.size:
        return Lag(None, None, estimated=False), None
    found = maturity.lag_distribution(lags.predicted, lags.lag, known_at.timestamp())
    median, slowest = (timedelta(seconds=found.quantile(p) or 0.0) for p in (0.5, MATURE))
    return Lag(median, slowest, estimated=not found.truncated), found


def days(
    counted: Counted,
    span: Span,
    known_at: datetime,
    distribution: LagDistribution | None,
    settings: Settings,
) -> tuple[Day, ...]:
    """Every day of the window with scored letters, oldest first; weeks beyond `MOST_DAYS`."""
    if not counted.days.size:
        return ()
    length = DAY if counted.days.size <= MOST_DAYS else 7 * DAY
    begins = counted.days
    if length > DAY:
        # 1970-01-01 was a Thursday, three days after a Monday.
        number = counted.days.astype(np.int64)
        begins = ((number + 3) // 7 * 7 - 3).astype("datetime64[D]")
    firsts, starts = np.unique(begins, return_index=True)
    written = [first.astype(object) for first in firsts]
    qualities = slice_qualities(
        [day.isoformat() for day in written],
        counted.by_day().joined(starts),
        settings,
        adjusted=False,
        measures=TOLD,
    )
    return tuple(
        Day(day, length, quality, arrived_share(_of(day, length, span), known_at, distribution))
        for day, quality in zip(written, qualities, strict=True)
        if quality.letters
    )


def arrived_share(
    span: Span, known_at: datetime, distribution: LagDistribution | None
) -> float | None:
    """Share of the labels of a span's letters that have come, as if they were scored evenly.

    What the span has still to come is left out: its letters are not scored yet.
    """
    end = min(span.end, known_at)
    if distribution is None or end <= span.start:
        return None
    middles = (np.arange(_PIECES) + 0.5) / _PIECES * (end - span.start).total_seconds()
    ages = (known_at - span.start).total_seconds() - middles
    return float(maturity.maturity(distribution, ages))


def _of(day: date, length: timedelta, span: Span) -> Span:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Span(max(midnight, span.start), min(midnight + length, span.end))
