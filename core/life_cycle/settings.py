"""What a shadow run is held to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from core.timeframe import DAY, HOUR


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of a shadow run.

    Attributes:
        hours: with rows, at least; a week has every hour of every day of the week in it.
        gaps: hours of the run without rows, at most, as a share. What happened in them nobody
            knows.
        errors: letters on which the candidate failed, at most, as a share: what production is held
            to, 99.99 % of the letters answered.
        slow: letters that it answered too late, likewise.
        pause: hours apart by more than this are two runs.
        late: a run whose newest row is older than this runs no more.
        back: how far back runs are looked for.
    """

    hours: int = 168
    gaps: Fraction = Fraction(1, 100)
    errors: Fraction = Fraction(1, 10_000)
    slow: Fraction = Fraction(1, 10_000)
    pause: timedelta = 2 * DAY
    late: timedelta = 3 * HOUR
    back: timedelta = 400 * DAY
