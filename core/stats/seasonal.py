"""Whether a day's rate of events fits its weekly pattern: a quasi-Poisson prediction interval.

The days of some weeks before are the pattern. Every day of the week has its own rate, events over
exposure; how much days scatter around their rate is taken from all of them together. Counts of
events are more variable than Poisson: campaigns come in bursts. With the dispersion phi the
variance of a count of mean m is phi m (Wedderburn 1974, Biometrika 61, 439-447; McCullagh and
Nelder 1989, Generalized Linear Models, section 9.2):

    rate_w = K_w / E_w                      (events and exposure of the weekday in the pattern)
    phi    = max(1, sum (k - e rate)^2 / (e rate) / (n - weekdays))
    m      = e_new rate_w,   Var(k_new - m) = phi m (1 + m / K_w)

The second term is what is not known of the rate itself. The interval is m +- t sqrt(Var), with
Student's t of n - weekdays degrees of freedom. Its false alarms are simulated in
tests/core/stats/test_seasonal.py: with 8 weeks, days that scatter by up to 5 % and a level of
0.001, at most about twice as many days are outside as it says, most of them in heavy tails.

What goes wrong: a day that was extraordinary stays in the pattern for weeks. It widens the interval
(phi grows), so that alarms are missed rather than false. A slow trend does the same. A holiday is
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
        dispersion: of the pattern, at least 1.
    """

    value: Floats
    low: Floats
    high: Floats
    dispersion: Floats


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
        scatter = np.where(known & (mean > 0), (k - mean) ** 2 / mean, 0).sum(axis=(-2, -1))
        degrees = known.sum(axis=(-2, -1)) - known.any(axis=-2).sum(axis=-1)
        dispersion = np.maximum(1.0, scatter / degrees)
        # Whole weeks: the day that follows falls on the weekday of the first.
        enough = (known[..., 0].sum(axis=-1) >= FEWEST_WEEKS) & (of_day[..., 0] > 0)
        size = np.asarray(new_exposure, np.float64)
        expected = size * rate[..., 0]
        error = np.sqrt(dispersion * expected * (1 + expected / of_day[..., 0]))
        reach = stdtrit(degrees, 1 - false_alarms / 2) * error / size
    value = np.where(enough & (size > 0), rate[..., 0], np.nan)
    return Prediction(value, np.maximum(value - reach, 0.0), value + reach, dispersion)
