"""Series by day as the charts of an experiment take them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta

import altair as alt

from core.charts.chart import Mark, time_axis
from core.experiment.report import ExperimentReport

_HALF_A_DAY = timedelta(hours=12)
#: Room right of the plan for the names of lines, as a share of it.
_ROOM = 0.36
#: A line is broken where a day is missing.
BROKEN = "break-paths-show-path-domains"


def percent(value: float | None) -> float | None:
    """A share in percent, as charts take it; None where it is not known.

    >>> percent(-0.0512), percent(float("nan"))
    (-5.12, None)
    """
    return None if value is None or not math.isfinite(value) else round(float(value) * 100, 5)


def midnight(day: date) -> datetime:
    """The start of a day, where its value is drawn."""
    return datetime.combine(day, time(), UTC)


def day_axis(found: ExperimentReport) -> alt.X:
    """The planned days, and those past them, with room for names on the right."""
    first, last = found.definition.starts_on, found.schedule.ends_on
    if found.line.days:
        last = max(last, found.line.days[-1])
    start, end = midnight(first) - _HALF_A_DAY, midnight(last)
    return time_axis(span=(start, end + (end - start) * _ROOM))


def gaps(found: ExperimentReport) -> list[tuple[datetime, datetime]]:
    """Days before the last complete one that do not count, as stretches around their midnights."""
    return [(midnight(day) - _HALF_A_DAY, midnight(day) + _HALF_A_DAY) for day in found.line.gaps]


def marks(found: ExperimentReport) -> list[Mark]:
    """The days that the plan names, and the one that decided."""
    one, plan = found.definition, found.schedule
    named: dict[date, list[str]] = {}
    minimum = one.starts_on + timedelta(days=plan.minimum - 1)
    for day, name in (
        (minimum, "minimum"),
        (None if found.decision is None else found.decision.day, "decided"),
        (one.stopped_on, "stopped"),
        (plan.ends_on, "planned end"),
    ):
        if day is not None:
            named.setdefault(day, []).append(name)
    return [
        Mark(midnight(day), f"{' and '.join(names)}: day {(day - one.starts_on).days + 1}")
        for day, names in named.items()
    ]
