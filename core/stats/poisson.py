"""Rates of counted events: exact intervals of one Poisson rate, and of the ratio of two.

One rate: Garwood (1936, Biometrika 28, 437-442). The bounds are those rates under which so few, or
so many, events would have been seen with probability alpha/2; written with quantiles of the gamma
distribution. Coverage is at least the confidence at every rate.

Two rates: given how many events there were on both sides, how many of them fell on the second side
is binomial with p = r E2 / (E1 + r E2), r being the ratio of the rates and E the exposures.
Clopper and Pearson's (1934, Biometrika 26, 404-413) bounds of p become those of r (Przyborowski and
Wilenski 1940, Biometrika 31, 313-323). The method 'exact' covers at least as often as it says; at
small counts rather more often. 'mid-p' counts half of the probability of exactly what was seen
(Lancaster 1961, JASA 56, 223-234): shorter intervals, whose coverage is near the confidence on
average and may fall below it a little. Verdicts here use 'exact'.

Both rest on the events being independent. Events that come in bursts are more variable than that,
and every interval here is then too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv, gammaincinv

Floats = NDArray[np.float64]
Method = Literal["exact", "mid-p"]

#: Halvings of [0, 1] after which a bound of a probability is known to the last digit of a float.
_HALVINGS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """A rate, or a ratio of rates, with its interval; each of shape (...).

    Attributes:
        value: the point; NaN where nothing tells it (no exposure, no event on either side), and
            infinite where only the second side has events.
        low: the lower bound; 0 where nothing is known.
        high: the upper bound; infinite where nothing is known.
    """

    value: Floats
    low: Floats
    high: Floats

    @property
    def ends(self) -> tuple[Floats, Floats, Floats]:
        """Value, low and high."""
        return self.value, self.low, self.high

    def at(self, places: NDArray[np.int64]) -> Interval:
        """Those of some places of the first axis, in their order."""
        return Interval(self.value[places], self.low[places], self.high[places])


def rate(events: ArrayLike, exposure: ArrayLike, confidence: float = 0.95) -> Interval:
    """Events per unit of exposure with Garwood's interval.

    Args:
        events: counts, broadcast against exposure.
        exposure: e.g. millions of letters; where it is 0 nothing is known.
        confidence: in (0, 1).

    Raises:
        ValueError: a count or an exposure is negative or no number, or the confidence is out of
            range.

    >>> found = rate([0, 3], [2.0, 2.0])
    >>> found.value.tolist(), found.low.round(4).tolist(), found.high.round(4).tolist()
    ([0.0, 1.5], [0.0, 0.3093], [1.8444, 4.3836])
    """
    tail = _tail(confidence)
    k, size = np.broadcast_arrays(_counted("events", events), _counted("exposure", exposure))
    seen = size > 0
    per = np.where(seen, size, 1.0)
    # The quantile of a gamma of shape 0 is 0, which gammaincinv leaves undefined.
    least = np.where(k > 0, gammaincinv(np.where(k > 0, k, 1.0), tail), 0.0)
    most = gammaincinv(k + 1, 1 - tail)
    return Interval(
        np.where(seen, k / per, np.nan),
        np.where(seen, least / per, 0.0),
        np.where(seen, most / per, np.inf),
    )


def ratio(
    first: ArrayLike,
    first_exposure: ArrayLike,
    second: ArrayLike,
    second_exposure: ArrayLike,
    *,
    confidence: float = 0.95,
    method: Method = "exact",
) -> Interval:
    """The second rate over the first, with its interval.

    Args:
        first: events of the first side, e.g. before a release; all are broadcast.
        first_exposure: its exposure.
        second: events of the second side.
        second_exposure: its exposure, in the same unit.
        confidence: in (0, 1).
        method: 'exact' (Clopper-Pearson, at least the confidence) or 'mid-p'.

    Raises:
        ValueError: a count or an exposure is negative or no number, or the confidence is out of
            range.

    >>> found = ratio(20, 1.0, 4, 1.0)
    >>> [round(float(end), 4) for end in (found.value, found.low, found.high)]
    [0.2, 0.0497, 0.597]
    >>> float(ratio(3, 1.0, 0, 1.0).high.round(4)), float(ratio(0, 1.0, 0, 1.0).high)
    (2.42, inf)
    """
    tail = _tail(confidence)
    a, e1, b, e2 = np.broadcast_arrays(
        _counted("first", first),
        _counted("first_exposure", first_exposure),
        _counted("second", second),
        _counted("second_exposure", second_exposure),
    )
    known = (e1 > 0) & (e2 > 0) & (a + b > 0)
    one, two = np.where(known, a, 1.0), np.where(known, b, 1.0)
    low, high = _exact(one, two, tail) if method == "exact" else _mid_p(one, two, tail)
    scale = np.where(known, e1, 1.0) / np.where(known, e2, 1.0)
    with np.errstate(divide="ignore", over="ignore"):
        value = np.where(known, two / one * scale, np.nan)
        lower = np.where(known, low / (1 - low) * scale, 0.0)
        upper = np.where(known, high / (1 - high) * scale, np.inf)
    return Interval(value, lower, upper)


def _exact(one: Floats, two: Floats, tail: float) -> tuple[Floats, Floats]:
    """Clopper-Pearson bounds of the second side's share of the events."""
    low = np.where(two > 0, betaincinv(np.where(two > 0, two, 1.0), one + 1, tail), 0.0)
    high = np.where(one > 0, betaincinv(two + 1, np.where(one > 0, one, 1.0), 1 - tail), 1.0)
    return low, high


def _mid_p(one: Floats, two: Floats, tail: float) -> tuple[Floats, Floats]:
    """Mid-P bounds of the second side's share, by halving: both tails are monotone in it."""
    bounds = []
    for upper in (False, True):
        below, above = np.zeros_like(one), np.ones_like(one)
        for _ in range(_HALVINGS):
            middle = (below + above) / 2
            mass = _half_tail(one, two, middle, upper=upper)
            higher = mass > tail if upper else mass < tail
            below, above = np.where(higher, middle, below), np.where(higher, above, middle)
        bounds.append((below + above) / 2)
    return np.where(two > 0, bounds[0], 0.0), np.where(one > 0, bounds[1], 1.0)


def _half_tail(one: Floats, two: Floats, share: Floats, *, upper: bool) -> Floats:
    """P(at least two events) less half of P(exactly two), or P(at most two) less half of it."""
    at_least = np.where(two > 0, betainc(np.where(two > 0, two, 1.0), one + 1, share), 1.0)
    more = np.where(one > 0, betainc(two + 1, np.where(one > 0, one, 1.0), share), 0.0)
    half = (at_least - more) / 2
    return np.asarray(1 - more - half if upper else at_least - half)


def _counted(name: str, values: ArrayLike) -> Floats:
    found = np.asarray(values, np.float64)
    if not (np.isfinite(found) & (found >= 0)).all():
        raise ValueError(f"{name} must be finite and not negative")
    return found


def _tail(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence == {confidence}, must be in (0, 1)")
    return (1 - confidence) / 2
