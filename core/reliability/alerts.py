"""Burn rates of a grid of minutes, and which policies fire on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Minutes
from core.reliability.coverage import Coverage
from core.reliability.settings import SLIS, Settings
from core.stats.burn import FEWEST_BAD, Policy, Tally, burn_rate, fires
from core.timeframe import MINUTE, Window

#: Floats may say that a window burns fast enough only when it does so by more than their own error.
_CLEARLY = 1.001


@dataclass(frozen=True, slots=True)
class Alert:
    """One policy's state for one indicator; firing None is unknown.

    Attributes:
        since: the minute that began the present firing, or the oldest one that was looked at; None
            unless it fires. Unknown minutes in between hold it: they do not end it.
    """

    policy: Policy
    kind: str
    firing: bool | None
    long_burn: Fraction | None
    short_burn: Fraction | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Series:
    """Running sums of one indicator over the minutes of a grid, each of shape (minutes + 1,)."""

    bad: Counts
    total: Counts
    missing: Counts
    gaps: Counts
    rows: Counts

    @property
    def minutes(self) -> int:
        """How many minutes it covers."""
        return len(self.bad) - 1

    def tally(self, window: timedelta, end: int) -> Tally:
        """The window before a minute; one without any row at all is a gap too."""
        first = max(end - window // MINUTE, 0)
        return Tally(
            bad=int(self.bad[end] - self.bad[first]),
            total=int(self.total[end] - self.total[first]),
            missing=int(self.missing[end] - self.missing[first]),
            gap=bool(self.gaps[end] > self.gaps[first] or self.rows[end] == self.rows[first]),
        )

    def clearly_above(self, window: timedelta, limit: float) -> NDArray[np.bool_]:
        """Whether the window before each minute is bad beyond doubt, shape (minutes + 1,)."""
        ends = np.arange(self.minutes + 1)
        starts = (ends - window // MINUTE).clip(min=0)
        bad = self.bad - self.bad[starts]
        most = self.total - self.total[starts] + self.missing - self.missing[starts]
        enough = (bad >= FEWEST_BAD) & (bad > _CLEARLY * limit * most)
        found: NDArray[np.bool_] = enough & ~self.with_gap(window)
        return found

    def with_gap(self, window: timedelta) -> NDArray[np.bool_]:
        """Whether the window before each minute has a gap, as in `tally`, shape (minutes + 1,)."""
        starts = (np.arange(self.minutes + 1) - window // MINUTE).clip(min=0)
        found: NDArray[np.bool_] = (self.gaps > self.gaps[starts]) | (
            self.rows == self.rows[starts]
        )
        return found


def series_of(grid: Minutes, covered: Coverage) -> dict[str, Series]:
    """The running sums of each indicator of a grid."""
    letters, errors, slow, rows = (
        counts.sum(axis=0) for counts in (grid.letters, grid.errors, grid.slow, grid.rows)
    )
    believed = (covered.unknown_letters, covered.gaps, rows)
    counted = {"availability": (errors, letters), "latency": (slow, letters - errors)}
    return {kind: Series(*map(_running, (*counted[kind], *believed))) for kind in SLIS}


def burn_windows(series: Series, settings: Settings, kind: str) -> Mapping[str, Fraction | None]:
    """The burn rate of every window that a policy looks at, by its name, shortest first."""
    lengths = sorted(
        {length for policy in settings.policies for length in (policy.long, policy.short)}
    )
    tallies = {str(Window(length)): series.tally(length, series.minutes) for length in lengths}
    return {
        name: burn_rate(tally.bad, tally.total, settings.objectives[kind])
        for name, tally in tallies.items()
    }


def alert(policy: Policy, kind: str, series: Series, start: datetime, settings: Settings) -> Alert:
    """A policy's state at the end of a series that starts at a moment."""
    objective = settings.objectives[kind]

    def state(end: int) -> bool | None:
        long, short = series.tally(policy.long, end), series.tally(policy.short, end)
        return fires(policy, long, short, objective, period=settings.period)

    end = series.minutes
    long, short = series.tally(policy.long, end), series.tally(policy.short, end)
    firing = state(end)
    since = None
    if firing:
        limit = float(policy.factor(settings.period) * (1 - objective))
        clearly = series.clearly_above(policy.long, limit)
        clearly &= series.clearly_above(policy.short, limit)
        # A gap in the short window is unknown, neither quiet nor firing: a month without rows, as
        # before the first one, is not gone through minute by minute.
        known = ~series.with_gap(policy.short)
        doubtful = np.flatnonzero(~clearly & known)[::-1].tolist()
        quiet = next((at for at in doubtful if state(at) is False), 0)
        began = next(at for at in np.flatnonzero(known).tolist() if at > quiet and state(at))
        since = start + (began - 1) * MINUTE
    return Alert(
        policy,
        kind,
        firing,
        burn_rate(long.bad, long.total, objective),
        burn_rate(short.bad, short.total, objective),
        since,
    )


def _running(counts: NDArray[np.generic]) -> Counts:
    return np.concatenate([[0], counts.astype(np.int64).cumsum()])
