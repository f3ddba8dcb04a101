"""How a standard error shrinks as days are added, at the pace at which they have been coming.

The variance of a ratio's log goes with one over what was exposed, so s_d^2 = s_n^2 D_n / D_d for
denominators D (letters, user-days) summed over the days so far. What comes next is taken to come at
the mean pace of the newest days: users enter a test over time and come back, so its first days are
not like the later ones. Lasting differences between buckets do not shrink, so far projections are
somewhat too hopeful.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Days that the pace is taken from: one weekly cycle.
PACE_DAYS = 7


def projected_errors(
    error: float, daily: ArrayLike, ahead: int, *, pace_days: int = PACE_DAYS
) -> Floats:
    """Standard errors of the coming days.

    Args:
        error: the present one.
        daily: denominators of each day so far, shape (n,).
        ahead: how many days to look ahead.
        pace_days: how many of the newest days tell the pace.

    Returns:
        Shape (ahead,): after 1, 2, ... more days.

    Raises:
        ValueError: there is no day, or none of them holds anything.

    >>> projected_errors(0.02, [50.0, 100.0], 2, pace_days=1).round(4).tolist()
    [0.0155, 0.0131]
    """
    held = np.asarray(daily, np.float64)
    total = float(held.sum())
    if held.ndim != 1 or not total > 0:
        raise ValueError(f"daily == {held.tolist()}, must hold days, and one above 0")
    pace = float(held[-pace_days:].mean())
    return np.asarray(error * np.sqrt(total / (total + pace * np.arange(1, ahead + 1))))
