"""How far two classifiers decide alike about the same things, with an interval over time.

Over the things that both have seen, every number here is exact: there is no sample. An interval is
needed for what the pair does in general, next week included, and there the things are no
independent draws: hours and days differ. So whole blocks of time are left out by turns (the
jackknife with unequal blocks pooled, Efron and Stein 1981, The jackknife estimate of variance,
Annals of Statistics 9, 586-596), with Student's t of one degree of freedom less than there are
blocks. Cohen's kappa, the agreement beyond chance, is from Cohen (1960), A coefficient of agreement
for nominal scales, Educational and Psychological Measurement 20, 37-46.

Tables have four cells, in this order: both positive, the first alone, the second alone, both
negative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
#: With fewer blocks the variance between them is hardly known.
FEWEST_BLOCKS = 5


@dataclass(frozen=True, slots=True)
class Pooled:
    """A statistic of all blocks together.

    Attributes:
        value: exact for what the blocks hold; None where it is undefined.
        low: lower end of the interval over time; None where there are too few blocks.
        high: the upper end.
        blocks: how many.
    """

    value: float | None
    low: float | None
    high: float | None
    blocks: int


def agreement(cells: ArrayLike) -> Floats:
    """The share decided alike, shape (...), of tables of shape (..., 4); NaN without any thing.

    >>> float(agreement([40, 5, 5, 50]))
    0.9
    """
    table = _tables(cells)
    return _over(table[..., 0] + table[..., 3], table.sum(axis=-1))


def kappa(cells: ArrayLike) -> Floats:
    """Cohen's kappa, shape (...): 1 is full agreement, 0 is chance.

    NaN where both always decide the same one way: chance then agrees always.

    >>> round(float(kappa([1, 2, 2, 95])), 3), round(float(kappa([0, 2, 2, 96])), 3)
    (0.313, -0.02)
    """
    table = _tables(cells)
    a, b, c, d = (table[..., at] for at in range(4))
    return _over(2 * (a * d - b * c), (a + b) * (b + d) + (a + c) * (c + d))


def more_positive(cells: ArrayLike) -> Floats:
    """By how much the second's share of positive decisions is larger than the first's, (...)."""
    table = _tables(cells)
    return _over(table[..., 2] - table[..., 1], table.sum(axis=-1))


def second_alone(cells: ArrayLike) -> Floats:
    """Of what is decided differently, the share that the second decides positive, shape (...).

    This is what McNemar (1947, Psychometrika 12, 153-157) holds against one half: with it, neither
    decides positive more often.
    """
    table = _tables(cells)
    return _over(table[..., 2], table[..., 1] + table[..., 2])


def pooled(
    blocks: ArrayLike,
    statistic: Callable[[Floats], Floats],
    bounds: tuple[float, float],
    confidence: float = 0.95,
) -> Pooled:
    """A statistic over all blocks with its jackknife interval.

    Args:
        blocks: tables of stretches of time that are about independent, shape (g, 4).
        statistic: of tables of shape (..., 4), such as `kappa`.
        bounds: what it cannot leave; the interval is cut there.
        confidence: in (0, 1).

    Raises:
        ValueError: the shape does not fit, a count is negative, or the confidence is out of range.

    >>> days = [[40, 5, 5, 50], [42, 4, 5, 49], [39, 6, 4, 51], [41, 5, 4, 50], [40, 4, 6, 50]]
    >>> found = pooled(days, agreement, (0, 1))
    >>> [round(end, 3) for end in (found.low, found.value, found.high)]
    [0.897, 0.904, 0.911]
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence == {confidence}, must be in (0, 1)")
    table = _tables(blocks)
    if table.ndim != 2:
        raise ValueError(f"blocks.shape == {table.shape}, must be (blocks, 4)")
    table = table[table.sum(axis=-1) > 0]
    count, whole = len(table), table.sum(axis=0)
    value = float(statistic(whole))
    if np.isnan(value):
        return Pooled(None, None, None, count)
    without = statistic(whole - table)
    if count < FEWEST_BLOCKS or not np.isfinite(without).all():
        return Pooled(value, None, None, count)
    variance = (count - 1) / count * float(((without - without.mean()) ** 2).sum())
    half = float(stdtrit(count - 1, (1 + confidence) / 2)) * sqrt(variance)
    return Pooled(value, max(value - half, bounds[0]), min(value + half, bounds[1]), count)


def _tables(cells: ArrayLike) -> Floats:
    table = np.asarray(cells, np.float64)
    if not table.ndim or table.shape[-1] != 4:
        raise ValueError(f"cells.shape == {table.shape}, must be (..., 4)")
    if table.size and table.min() < 0:
        raise ValueError(f"cells.min() == {table.min()}, must not be below 0")
    return table


def _over(top: Floats, bottom: Floats) -> Floats:
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), np.nan)
