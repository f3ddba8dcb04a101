"""Whole numbers in proportion to scores, between a floor and a ceiling, that add up to a total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

#: Halvings of the search for the factor: 2^-80 of the first bracket is below any label.
_HALVINGS = 80
#: The search may end this far below a whole number of labels that it means.
_ROUNDING = 1e-6


def apportioned(
    scores: Floats, present: Floats, floor: Floats, ceiling: Floats, more: Counts
) -> Counts:
    """Whole numbers of further labels, shape (m, h), that add up to each of `more`, shape (m,).

    Labels are proportional to the scores where that lies between floor and ceiling.

    Args:
        scores: shape (h,), as the following.
        present: labels that are there.
        floor: labels that every stratum is to have, at least those that are there.
        ceiling: labels that it can have; a whole number above those that are there.
        more: labels to divide; more than there is room for are left out.

    >>> scores, present = np.array([1.0, 2.0, 6.0]), np.array([0.0, 40.0, 0.0])
    >>> floor, ceiling = np.array([10.0, 40.0, 10.0]), np.array([500.0, 500.0, 90.0])
    >>> apportioned(scores, present, floor, ceiling, np.array([5, 100, 200])).tolist()
    [[3, 0, 2], [14, 0, 86], [50, 60, 90]]
    """
    needed, possible = (floor - present).sum(), (ceiling - present).sum()
    total = np.minimum(more, np.floor(possible)).astype(np.float64)
    low = np.zeros(total.shape)
    highest = (ceiling / np.where(scores > 0, scores, np.inf)).max(initial=0.0)
    high = np.full(total.shape, highest)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        given = np.clip(middle[:, None] * scores, floor, ceiling).sum(axis=-1) - present.sum()
        low, high = np.where(given < total, middle, low), np.where(given < total, high, middle)
    exact = np.clip(high[:, None] * scores, floor, ceiling) - present
    scarce = (floor - present) * (total / (needed if needed > 0 else 1))[:, None]
    exact = np.where((total < needed)[:, None], scarce, exact)
    # Largest remainder.
    whole = np.floor(exact + _ROUNDING)
    rest = exact - whole
    left = np.rint(total - whole.sum(axis=-1))
    rank = np.argsort(np.argsort(-rest, axis=-1, kind="stable"), axis=-1, kind="stable")
    return np.asarray(whole + (rank < left[:, None])).astype(np.int64)
