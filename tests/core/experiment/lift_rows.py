"""Rows of experiments by the lift that is in them, and what is reported of them on a day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from core.experiment import ExperimentReport, report
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    BucketRow,
    FakeExperimentReader,
    World,
    on_day,
)

#: Decided by the band on the first day that may decide; too near the margin to decide; undecided
#: by the band, but not by the last look.
STRONG, CLOSE, LAST = -0.20, -0.07, -0.085


@cache
def rows(
    lift: float = STRONG,
    days: int | None = None,
    shares: tuple[tuple[str, float], ...] = (),
    **options: float,
) -> tuple[BucketRow, ...]:
    world = World(lifts={"treatment": lift}, shares=dict(shares), **options)
    # Only what is undecided by then is looked at after three weeks.
    return tuple(world.rows(days or (35 if lift in {CLOSE, LAST} else 21)))


def seen(found: Sequence[BucketRow], number: int, **reader: object) -> ExperimentReport:
    """The report on a day, by a reader with more than rows."""
    return report(FakeExperimentReader(found, **reader), SERVICE, on_day(number))
