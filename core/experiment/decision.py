"""The verdict as it would have been read day by day: what was crossed first holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.experiment.effects import Interval
from core.ports import Amendment, ExperimentDefinition
from core.stats.ratio import Lifts, interval, log_margin
from core.stats.sequential import (
    Bounds,
    Rule,
    confidence_sequence,
    deciding_bounds,
    first_crossing,
    mixing_variance,
    p_always_valid,
)

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Outcome(Enum):
    """What is known about an experiment's primary metric, and its word."""

    MET = "met"
    NOT_MET = "not met"
    KEEP_COLLECTING = "keep collecting"
    #: The test is over, and neither the band nor the last look decided it.
    LEFT_OPEN = "left open"
    INVALID = "invalid"
    NO_DATA = "no data"
    NOT_BEGUN = "not begun"


@dataclass(frozen=True, slots=True, eq=False)
class Daily:
    """The lift so far at the end of each day, d values each; NaN on days that are not complete.

    Attributes:
        lift: relative change.
        error: standard error of the log lift.
        fixed_low: the ordinary interval.
        fixed_high: likewise.
        always_low: the always-valid band of the same confidence; NaN before it is tuned.
        always_high: likewise.
        deciding_low: what the rule decides by: the wider band at the rule's own error on every
            day, the last look's interval on its day.
        deciding_high: likewise.
        p_margin: always-valid p-value against the margin.
    """

    lift: Floats
    error: Floats
    fixed_low: Floats
    fixed_high: Floats
    always_low: Floats
    always_high: Floats
    deciding_low: Floats
    deciding_high: Floats
    p_margin: Floats


@dataclass(frozen=True, slots=True)
class Decision:
    """When and by what the margin was crossed.

    Attributes:
        day: the day whose end decided.
        number: its number, the start being day 1.
        look: 'always valid' (the daily band) or 'last look' (the planned end).
        met: whether the primary metric reached its margin.
        lift: the lift on that day.
        bounds: what left the margin out.
    """

    day: date
    number: int
    look: str
    met: bool
    lift: float
    bounds: Interval


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an experiment may be decided.

    Attributes:
        minimum: complete days before any verdict.
        ends_on: the planned last day.
        last_look_on: the day of the one ordinary look; the planned last day as it was before
            anybody could have seen that day.
    """

    minimum: int
    ends_on: date
    last_look_on: date


def schedule_of(definition: ExperimentDefinition, amendments: tuple[Amendment, ...]) -> Schedule:
    """The plan's days.

    A planned end that is moved once it has passed, or into the past, does not move the last look:
    a day that is chosen after it was seen is no planned day.
    """
    changes = [
        (one.amended_at.date(), one.before["planned_days"], one.after["planned_days"])
        for one in amendments
        if "planned_days" in one.before and "planned_days" in one.after
    ]

    def end_of(planned_days: int) -> date:
        return definition.starts_on + timedelta(days=planned_days - 1)

    ends = end_of(definition.planned_days)
    look = end_of(changes[0][1]) if changes else ends
    for amended_on, _, planned_days in changes:
        if amended_on <= min(look, end_of(planned_days)):
            look = end_of(planned_days)
    return Schedule(definition.minimum_days, ends, look)


def daily_of(
    found: Lifts,
    complete: Mask,
    final: Mask,
    *,
    margin: float,
    alpha: float,
    rule: Rule,
    s_plan: float | None,
    known_from: int,
) -> Daily:
    """Everything that is drawn over the days.

    Args:
        found: cumulative lifts, shape (d,).
        complete: days that count, shape (d,).
        final: True on the day of the last look, shape (d,).
        margin: relative change.
        alpha: of the ordinary interval and the band beside it.
        rule: by which the test is decided.
        s_plan: what the band is tuned for; None while that is unknown.
        known_from: the first day on which it was known.
    """
    log = np.where(complete, found.log, np.nan)
    error = np.where(complete, found.error, np.nan)
    shown = Lifts(log, error, found.degrees)
    low, high = interval(shown, alpha)
    nothing = np.full(log.shape, np.nan)
    always_low = always_high = p = nothing
    if s_plan is not None:
        tau2 = mixing_variance(s_plan, alpha)
        known = np.arange(log.size) >= known_from
        ends = confidence_sequence(log, error, tau2, alpha)
        always_low, always_high = (np.where(known, np.expm1(end), np.nan) for end in ends)
        p = np.where(known, p_always_valid(log, error, log_margin(margin), tau2), np.nan)
    bounds = deciding_bounds(shown, s_plan, final, rule)
    decides = final | (np.arange(log.size) >= known_from)
    deciding_low, deciding_high = (
        np.where(decides, np.expm1(end), np.nan) for end in (bounds.low, bounds.high)
    )
    return Daily(
        shown.relative,
        error,
        low,
        high,
        always_low,
        always_high,
        deciding_low,
        deciding_high,
        p,
    )


def last_look(days: tuple[date, ...], may: Mask, look_on: date) -> Mask:
    """True on the day of the last look: the first that may decide at or after the planned one."""
    at = [number for number, day in enumerate(days) if day >= look_on and may[number]]
    found = np.zeros(len(days), bool)
    if at:
        found[at[0]] = True
    return found


def decide(
    daily: Daily,
    days: tuple[date, ...],
    may: Mask,
    final: Mask,
    *,
    margin: float,
    direction: str,
    rule: Rule,
) -> Decision | None:
    """The first day on which the deciding bounds left the margin out; None while open.

    Args:
        daily: of one comparison.
        days: d days.
        may: days on which a verdict may be given, shape (d,).
        final: True on the day of the last look, shape (d,).
        margin: relative change.
        direction: 'down' where the lift has to lie below the margin, 'up' above it.
        rule: by which it is decided.
    """
    crossed = first_crossing(Bounds(daily.deciding_low, daily.deciding_high), margin, may)
    if crossed is None:
        return None
    at, side = crossed
    one_sided = rule.final_alpha if final[at] else rule.daily_alpha
    return Decision(
        days[at],
        at + 1,
        "last look" if final[at] else "always valid",
        (side < 0) == (direction == "down"),
        float(daily.lift[at]),
        Interval(float(daily.deciding_low[at]), float(daily.deciding_high[at]), 1 - 2 * one_sided),
    )
