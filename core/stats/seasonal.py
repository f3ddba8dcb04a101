"""Whether a day's rate of events fits its weekly pattern: a prediction interval.

The days of some weeks before are the pattern. Every day of the week has its own rate, events over
exposure; how much days scatter around their rate is taken from all of them together. Events are
more variable than Poisson, because campaigns come in bursts: each day's rate has a relative
variance tau^2 of its own on top (extra-Poisson variation: Breslow 1984, Applied Statistics 33,
38-44, by moments).

    rate_w = K_w / E_w                          (events and exposure of the weekday in the pattern)
    m      = e rate_w                           (expected on each day of the pattern)
    tau^2  = max(0, mean ((k - m) / m)^2 n / (n - weekdays) - mean 1 / m)
    m_new  = e_new rate_w
    Var(k_new - m_new) = m_new (1 + m_new / K_w) + tau^2 m_new^2 (1 + 1 / days_w)

The second term of each bracket is what is not known of the rate itself. The interval is m_new +- t
sqrt(Var), with Student's t of n - weekdays degrees of freedom. Taking the variance as proportional
to m (quasi-Poisson) was tried: with rates that differ by weekday, the busiest days had 2.5 times
as many false alarms as the level says. The simulation in tests/core/stats/test_seasonal.py: at a
level of 0.001 about 0.001 of the days are outside if days scatter by up to 5 %, fewer if they do
not scatter beyond chance, and 0.003 if they scatter by 15 % (log-normal: the upper tail is heavy).

What goes wrong: a day that was extraordinary stays in the pattern for weeks. It widens the interval
(tau grows), so that alarms are missed rather than false. A slow trend does the same. A holiday is
outside of its pattern, and is meant to be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

WEEK = 7
#: A weekday's rate from fewer days than this is not a pattern.
FEWEST_WEEKS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What rate was to be expected on a day; each of shape (...).

    Attributes:
        value: events per exposure on this weekday.
        low: lower bound; at least 0.
        high: upper bound.
        spread: how much days scatter around their rate beyond chance (tau), relative to it.
    """

    value: Floats
    low: Floats
    high: Floats
    spread: Floats


def weekly_prediction(
    events: ArrayLike, exposure: ArrayLike, new_exposure: ArrayLike, false_alarms: float
) -> Prediction:
    """Predict the rate of the day after a pattern of whole weeks.

    Args:
        events: counts of consecutive days, oldest first, shape (..., 7 weeks); NaN where a day is
            missing.
        exposure: likewise, e.g. letters. A day of no exposure counts as missing.
        new_exposure: of the day that follows, shape (...).
        false_alarms: the share of days that are to fall outside by chance, both sides together.

    Returns:
        The prediction; NaN where the weekday has fewer than FEWEST_WEEKS days, or no event.

    Raises:
        ValueError: the days are not whole weeks, the shapes differ, a count is negative, or the
            level is out of range.

    >>> events = np.tile([90, 100, 110, 100, 95, 60, 50], 6)
    >>> found = weekly_prediction(events, np.full(42, 1e6), 1e6, 0.001)
    >>> [round(float(end) * 1e6, 1) for end in (found.low, found.value, found.high)]
    [53.2, 90.0, 126.8]
    """
    if not 0 < false_alarms < 1:
        raise ValueError(f"false_alarms == {false_alarms}, must be in (0, 1)")
    k, e = np.asarray(events, np.float64), np.asarray(exposure, np.float64)
    if k.shape != e.shape or not k.shape or k.shape[-1] % WEEK or not k.shape[-1]:
        raise ValueError(f"events {k.shape}, exposure {e.shape}: must be the same whole weeks")
    if (k < 0).any() or (e < 0).any():
        raise ValueError("events and exposure must not be negative")
    known = np.isfinite(k) & np.isfinite(e) & (e > 0)
    shape = (*k.shape[:-1], -1, WEEK)
    k, e, known = (
        np.where(known, k, 0).reshape(shape),
        np.where(known, e, 0).reshape(shape),
        known.reshape(shape),
    )
    of_day = k.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = of_day / e.sum(axis=-2)
        mean = e * rate[..., None, :]
        used = known & (mean > 0)
        days = used.sum(axis=(-2, -1))
        degrees = days - used.any(axis=-2).sum(axis=-1)
        apart = np.where(used, (k / mean - 1) ** 2, 0).sum(axis=(-2, -1)) / degrees
        chance = np.where(used, 1 / mean, 0).sum(axis=(-2, -1)) / days
        spread = np.sqrt(np.maximum(0.0, apart - chance))
        # Whole weeks: the day that follows falls on the weekday of the first.
        of_weekday = used[..., 0].sum(axis=-1)
        enough = of_weekday >= FEWEST_WEEKS
        size = np.asarray(new_exposure, np.float64)
        expected = size * rate[..., 0]
        error = np.sqrt(
            expected * (1 + expected / of_day[..., 0])
            + (spread * expected) ** 2 * (1 + 1 / of_weekday)
        )
        reach = stdtrit(degrees, 1 - false_alarms / 2) * error / size
    value = np.where(enough & (size > 0), rate[..., 0], np.nan)
    return Prediction(value, np.maximum(value - reach, 0.0), value + reach, spread)
