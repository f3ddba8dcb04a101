"""How long labels take, and which days have (nearly) all of theirs.

A label that has not come yet is not seen, so that recent letters can only show short lags (right
truncation). Lags are therefore taken from letters that are old enough to have shown any lag.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: With fewer labels of old letters than this, those of all letters are taken.
FEWEST = 100
#: A longest lag of more than this share of what could be seen may well not be the longest.
NEARLY_ALL = 0.9
#: A day is mature when this share of the labels that it will get have come.
MATURE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class LagDistribution:
    """The lags of labels, from the score to the label.

    Attributes:
        lags: seconds, ascending, shape (n,); empty where there is no label.
        truncated: whether lags may be longer than could be seen: lags of recent letters had to be
            taken too, or some label took about as long as the oldest letter is old. Lags then look
            shorter, and days more mature, than they are.
    """

    lags: Floats
    truncated: bool

    def share_arrived(self, age: ArrayLike) -> Floats:
        """The share of labels that come within an age, the empirical distribution function.

        Args:
            age: how long ago letters were scored, seconds, any shape; negative before it.

        Returns:
            Shares, same shape; NaN where no lag is known.

        >>> LagDistribution(np.array([10.0, 20.0, 40.0]), False).share_arrived([9, 20, 50]).round(2)
        array([0.  , 0.67, 1.  ])
        """
        ages = np.asarray(age, dtype=np.float64)
        if not self.lags.size:
            return np.full(ages.shape, np.nan)
        return np.searchsorted(self.lags, ages, side="right") / self.lags.size

    def quantile(self, p: float) -> float | None:
        """The shortest age within which a share p of the labels come, seconds.

        Returns:
            None where no lag is known.

        Raises:
            ValueError: p is not in (0, 1].

        >>> LagDistribution(np.array([10.0, 20.0, 40.0]), False).quantile(0.5)
        20.0
        """
        if not 0 < p <= 1:
            raise ValueError(f"p == {p}, must be in (0, 1]")
        if not self.lags.size:
            return None
        # Cut to what a float can mean: 0.07 * 100 is 7.000000000000001, and not rank 8.
        rank = int(np.ceil(round(p * self.lags.size, 6)))
        return float(self.lags[max(rank, 1) - 1])


def lag_distribution(
    predicted: ArrayLike, lag: ArrayLike, known_at: float, fewest: int = FEWEST
) -> LagDistribution:
    """Lags from labels of letters older than the longest lag seen, or of all if those are too few.

    Args:
        predicted: when the letters were scored, seconds since 1970, shape (n,).
        lag: from the score to the label, seconds, shape (n,).
        known_at: when the labels were looked at, seconds since 1970.
        fewest: labels of old letters that are enough.

    Raises:
        ValueError: shapes differ, or a lag is negative or ends after known_at.

    >>> found = lag_distribution([0.0, 5.0, 98.0], [50.0, 10.0, 1.0], 100.0, fewest=2)
    >>> found.lags.tolist(), found.truncated
    ([10.0, 50.0], False)
    """
    scored = np.asarray(predicted, dtype=np.float64)
    took = np.asarray(lag, dtype=np.float64)
    if scored.ndim != 1 or scored.shape != took.shape:
        raise ValueError(f"lag.shape == {took.shape}, must be one-dimensional as predicted")
    if took.size and not took.min() >= 0:
        raise ValueError("lag must not be negative")
    # A microsecond is what the store keeps, and more than a float since 1970 does.
    if took.size and not (scored + took).max() <= known_at + 1e-6:
        raise ValueError("lag must end by known_at")
    longest, oldest = took.max(initial=0.0), (known_at - scored).max(initial=0.0)
    old = took[known_at - scored >= longest]
    enough = old.size >= fewest
    truncated = not enough or bool(longest > NEARLY_ALL * oldest)
    return LagDistribution(np.sort(old if enough else took), truncated)


def maturity(lags: LagDistribution, age: ArrayLike, letters: ArrayLike | None = None) -> Floats:
    """The share of the labels a day will get that have come.

    Args:
        lags: how long labels take.
        age: of the letters of each hour of the day, seconds, in the middle of the hour, shape
            (..., hours).
        letters: of each hour, of a shape that broadcasts with age; as many in each if left out.

    Returns:
        Shares, shape (...); NaN for a day without letters, and where no lag is known.

    >>> lags = LagDistribution(np.array([10.0, 20.0, 40.0, 80.0]), truncated=False)
    >>> maturity(lags, [[100, 30], [30, 0]], [1, 3]).tolist()
    [0.625, 0.125]
    """
    arrived = lags.share_arrived(age)
    weight = np.ones(arrived.shape) if letters is None else np.asarray(letters, dtype=np.float64)
    weight = np.broadcast_to(weight, np.broadcast_shapes(weight.shape, arrived.shape))
    total = weight.sum(axis=-1)
    return np.asarray((arrived * weight).sum(axis=-1) / np.where(total > 0, total, np.nan))
