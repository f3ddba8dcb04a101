"""Many comparisons at once: Holm's p-values, and the share of alpha that an interval gets.

Source: Holm, A simple sequentially rejective multiple test procedure (1979). Both hold whatever the
dependence between the comparisons.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Adjusted p-values: below alpha with probability at most alpha where nothing is there.

    Args:
        p: p-values, shape (m,); NaN is no comparison: it stays NaN and does not count.

    Raises:
        ValueError: p is not flat, or a value is outside [0, 1].

    >>> holm([0.01, 0.04, 0.03, float("nan")]).round(3).tolist()
    [0.03, 0.06, 0.06, nan]
    """
    values = np.asarray(p, np.float64)
    if values.ndim != 1:
        raise ValueError(f"p.shape == {values.shape}, must be (m,)")
    known = np.flatnonzero(~np.isnan(values))
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise ValueError("p must lie in [0, 1]")
    order = known[np.argsort(values[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted = np.full(values.shape, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted


def each_alpha(alpha: float, comparisons: int) -> float:
    """What one interval of several may miss, so that all hold together (Bonferroni).

    >>> each_alpha(0.05, 20)
    0.0025
    """
    return alpha / max(comparisons, 1)
