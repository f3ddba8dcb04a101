"""When a number of letters will be trained on, at the pace of the last runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from core.timeframe import DAY
from core.training.runs import SeenRun

#: A twelfth of the Gregorian year of 365.2425 days.
MONTH_DAYS = 365.2425 / 12


@dataclass(frozen=True, slots=True)
class Increase:
    """From a succeeded run to the next one that counts more letters than any before it.

    Attributes:
        run_id: the later run.
        letters: how many more it counts.
        since: when the earlier run ended.
        until: when the later one ended.
    """

    run_id: str
    letters: int
    since: datetime
    until: datetime

    @property
    def daily(self) -> float:
        """Letters a day."""
        return self.letters / ((self.until - self.since) / DAY)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the letters grow, and where a forecast starts.

    Attributes:
        increases: the ones that it is taken from, oldest first.
        daily: letters a day over all of them: the sum of their letters over the sum of their times.
        slowest: letters a day of the slowest of them.
        fastest: of the fastest.
        letters: counted now.
        since: the moment from which the remaining letters take their time.
        stalled: no run has counted more for longer than any of the increases took. The silence
            then counts as part of the last increase, and the forecast starts at as-of.
    """

    increases: tuple[Increase, ...]
    daily: float
    slowest: float
    fastest: float
    letters: int
    since: datetime
    stalled: bool

    @property
    def monthly(self) -> float:
        """Letters a month of 30.4 days."""
        return self.daily * MONTH_DAYS


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a number of letters is reached; a date beyond the horizon is None.

    Attributes:
        on: at the present pace.
        earliest: at the fastest pace seen.
        latest: at the slowest pace seen.
    """

    on: date | None
    earliest: date | None
    latest: date | None


def find_pace(models: Sequence[SeenRun], as_of: datetime, last: int) -> tuple[Pace | None, str]:
    """The present pace, or why there is none.

    The pace is a ratio of sums, so that long and short increases weigh by their time. Runs that
    count no more letters than one before them (the same model exported again, a smaller trial) are
    no increase, but the time until the next larger run contains theirs. The slowest and the fastest
    increase bound what has been seen; they are no confidence interval, which three increases could
    not carry.

    Args:
        models: succeeded runs in the order in which they ended.
        as_of: the moment of the forecast.
        last: from how many of the last increases, at least one.

    Returns:
        The pace and '', or None and the reason.
    """
    if len(models) < 2:
        return None, "fewer than two runs have succeeded"
    found = _increases(models)
    if not found:
        return None, "no succeeded run counts more letters than the one before it"
    most = max(one.letters for one in models)
    if models[-1].letters < most:
        return None, "the newest model is trained on fewer letters than one before it"
    taken = found[-last:]
    stalled = as_of - taken[-1].until > max(one.until - one.since for one in taken)
    start = taken[-1].until
    if stalled:
        taken[-1] = replace(taken[-1], until=as_of)
        start = as_of
    days = sum((one.until - one.since) / DAY for one in taken)
    paces = [one.daily for one in taken]
    daily = sum(one.letters for one in taken) / days
    return Pace(tuple(taken), daily, min(paces), max(paces), most, start, stalled), ""


def arrival(pace: Pace, letters: int, as_of: datetime, horizon: timedelta) -> Arrival:
    """When a number of letters is reached, never before as-of: what is not there yet is to come.

    Growth is taken as even, although it comes run by run: the run that gets there ends on the date
    told or later.
    """
    left = letters - pace.letters

    def on(daily: float) -> date | None:
        days = left / daily
        if days > horizon / DAY:
            return None
        return max(pace.since + timedelta(days=days), as_of).date()

    return Arrival(on(pace.daily), on(pace.fastest), on(pace.slowest))


def _increases(models: Sequence[SeenRun]) -> list[Increase]:
    """Every increase, oldest first; of runs that ended at one moment the largest counts."""
    highs: list[tuple[datetime, SeenRun]] = []
    for one in models:
        if one.ended_at is None or (highs and one.letters <= highs[-1][1].letters):
            continue
        if highs and highs[-1][0] == one.ended_at:
            highs.pop()
        highs.append((one.ended_at, one))
    return [
        Increase(after.run.run_id, after.letters - before.letters, since, until)
        for (since, before), (until, after) in pairwise(highs)
    ]
