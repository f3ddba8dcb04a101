"""A share of independent draws with its interval, plain and weighted by the size of what was drawn.

Source: Wilson (1927), Probable inference, the law of succession, and statistical inference (JASA
22, 209-212); Cochran (1977), Sampling Techniques, section 6.4, for the variance of a ratio; Kish
(1965), Survey Sampling, for the effective number of unequally weighted draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval.

    Attributes:
        value: in [0, 1].
        low: the lower end, 0 <= low <= value.
        high: the upper end, value <= high <= 1.
        n: draws that it rests on.
    """

    value: float
    low: float
    high: float
    n: int


def share(hits: ArrayLike, confidence: float = 0.95) -> Share | None:
    """The share of draws that hit, with Wilson's interval; None without a draw.

    Args:
        hits: whether each draw hit, shape (n,).
        confidence: in (0, 1).

    Raises:
        ValueError: hits is not flat, or the confidence is out of range.

    >>> found = share([True] * 9 + [False])
    >>> [round(end, 4) for end in (found.low, found.value, found.high)]
    [0.5958, 0.9, 0.9821]
    """
    drawn = np.asarray(hits, np.float64)
    return weighted_share(drawn, np.ones(drawn.shape), confidence)


def weighted_share(hits: ArrayLike, weights: ArrayLike, confidence: float = 0.95) -> Share | None:
    """The share of weight that hit, where draws were made whatever their weight; None without one.

    R = sum w y / sum w is a ratio estimator: Var R = sum w^2 (y - R)^2 / (sum w)^2. The interval is
    Wilson's with the smaller of two effective numbers of draws: R (1 - R) / Var R, and Kish's
    (sum w)^2 / sum w^2, which alone is left where every draw fell on the same side and the variance
    is 0. With equal weights both are n, and it is the plain one.

    Args:
        hits: whether each draw hit, shape (n,).
        weights: above 0, same shape.
        confidence: in (0, 1).

    Raises:
        ValueError: the shapes differ or are not flat, a weight is not above 0, or the confidence is
            out of range.

    >>> found = weighted_share([1, 1, 0, 1], [10, 1, 1, 1])
    >>> [round(end, 3) for end in (found.low, found.value, found.high)]
    [0.256, 0.923, 0.998]
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence == {confidence}, must be in (0, 1)")
    y, w = np.asarray(hits, np.float64), np.asarray(weights, np.float64)
    if y.ndim != 1 or y.shape != w.shape:
        raise ValueError(f"hits.shape == {y.shape}, weights.shape == {w.shape}, must be (n,)")
    if not (w > 0).all():
        raise ValueError("weights must be above 0")
    if not y.size:
        return None
    total = w.sum()
    value = float(np.clip((w * y).sum() / total, 0, 1))
    effective = float(total**2 / (w**2).sum())
    variance = float((w**2 * (y - value) ** 2).sum() / total**2)
    if variance > 0:
        effective = min(effective, value * (1 - value) / variance)
    low, high = _wilson(value, effective, float(ndtri((1 + confidence) / 2)))
    return Share(value, min(low, value), max(high, value), int(y.size))


def _wilson(value: float, n: float, z: float) -> tuple[float, float]:
    middle = (value + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)
