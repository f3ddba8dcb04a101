"""What is still to come: days to a decision at the present pace, and what can be detected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from core.ports import Counts
from core.stats.power import detectable_shift
from core.stats.projection import projected_errors
from core.stats.ratio import log_margin
from core.stats.sequential import Rule, half_width, mixing_variance

Floats = NDArray[np.float64]

#: A day on which hardly anything was exposed has an error so many times as large, and no more.
_LARGE = 1e6
#: True lifts that days are told for, as multiples of the margin; 0 is no effect at all. Where the
#: margin is "no change", they are multiples of 5 %.
MULTIPLES = (0.0, 0.5, 1.2, 1.5, 2.0, 3.0)
WITHOUT_MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a test will be decided if its present lift is the truth.

    Attributes:
        days: more days needed; None where a decision is out of sight.
        by: 'always valid' or 'last look'; '' where out of sight.
        to_last_look: days until the planned last look; 0 once it was made.
    """

    days: int | None
    by: str
    to_last_look: int


@dataclass(frozen=True, slots=True)
class DaysFor:
    """Days from the start to a decision, were a lift the true one.

    Attributes:
        lift: relative change.
        days: of the test; None where it is out of sight.
    """

    lift: float
    days: int | None


@dataclass(frozen=True, slots=True)
class Detectable:
    """What the planned end can still show, with a given power.

    Attributes:
        error: standard error of the log lift expected at the planned end.
        met: the true lift from which on the last look says "met" with that power.
        change: the smallest true lift, in the good direction, that an ordinary look at the planned
            end tells from no change with that power.
        power: e.g. 0.8.
    """

    error: float
    met: float
    change: float
    power: float


@dataclass(frozen=True, slots=True, eq=False)
class Pace:
    """What a forecast starts from.

    Attributes:
        number: the number of the present day, the start being day 1.
        error: present standard error of the log lift.
        degrees: its degrees of freedom.
        daily: denominators of each complete day so far, shape (n,).
        minimum: complete days before any verdict.
        last_look: the number of the planned last day.
        looked: the last look has been made.
        s_plan: what the band is tuned for.
    """

    number: int
    error: float
    degrees: float
    daily: Floats
    minimum: int
    last_look: int
    looked: bool
    s_plan: float


def forecast(log: float, margin: float, pace: Pace, rule: Rule, horizon: int) -> Forecast:
    """When the present log lift, were it the truth, leaves the margin out.

    Args:
        log: the lift on the log scale.
        margin: relative change.
        pace: what it starts from.
        rule: by which the test is decided.
        horizon: days beyond which a decision is out of sight.
    """
    left = 0 if pace.looked else max(pace.last_look - pace.number, 0)
    errors = projected_errors(pace.error, pace.daily, horizon)
    counted = pace.daily.size + np.arange(1, horizon + 1)
    found = _decided(abs(log - log_margin(margin)), errors, counted, pace, rule)
    if found is None:
        return Forecast(None, "", left)
    return Forecast(found[0], found[1], left)


def days_for(
    margin: float, direction: str, pace: Pace, rule: Rule, horizon: int
) -> tuple[DaysFor, ...]:
    """Days of the whole test for several true lifts, at the present pace.

    The error of earlier days is told from their own denominators, as the present one's is.
    """
    so_far = pace.daily.cumsum()
    errors = np.concatenate(
        [
            pace.error * np.sqrt(so_far[-1] / np.maximum(so_far, so_far[-1] / _LARGE)),
            projected_errors(pace.error, pace.daily, horizon),
        ]
    )
    counted = np.arange(1, errors.size + 1)
    start = Pace(
        pace.number - pace.daily.size,
        pace.error,
        pace.degrees,
        pace.daily,
        pace.minimum,
        pace.last_look,
        False,
        pace.s_plan,
    )
    found = []
    for multiple in MULTIPLES:
        lift = multiple * (margin or (-WITHOUT_MARGIN if direction == "down" else WITHOUT_MARGIN))
        if lift <= -1:
            continue
        gap = abs(log_margin(lift) - log_margin(margin))
        decided = _decided(gap, errors, counted, start, rule)
        found.append(DaysFor(lift, None if decided is None else start.number + decided[0]))
    return tuple(found)


def detectable(margin: float, direction: str, pace: Pace, rule: Rule, power: float) -> Detectable:
    """What the planned end can show; where it has passed, what the present day can."""
    ahead = pace.last_look - pace.number
    error = pace.error
    if ahead > 0 and not pace.looked:
        error = float(projected_errors(pace.error, pace.daily, ahead)[-1])
    sign = -1 if direction == "down" else 1
    beyond = detectable_shift(error, pace.degrees, rule.final_alpha, power)
    from_none = detectable_shift(error, pace.degrees, 0.025, power)
    return Detectable(
        error,
        float(np.expm1(log_margin(margin) + sign * beyond)),
        float(np.expm1(sign * from_none)),
        power,
    )


def _decided(
    gap: float, errors: Floats, counted: Counts, pace: Pace, rule: Rule
) -> tuple[int, str] | None:
    """The first of the coming days on which half a width is below the gap, and by what."""
    alpha = 2 * rule.daily_alpha
    band = half_width(errors, mixing_variance(pace.s_plan, alpha), alpha) < gap
    at = np.flatnonzero(band & (counted >= pace.minimum))
    by_band = int(at[0]) + 1 if at.size else None
    look = pace.last_look - pace.number
    if not pace.looked and 0 < look <= errors.size:
        one_look = float(stdtrit(pace.degrees, 1 - rule.final_alpha)) * errors[look - 1]
        if one_look < gap and (by_band is None or look < by_band):
            return look, "last look"
    return None if by_band is None else (by_band, "always valid")
