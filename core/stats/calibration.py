"""What precision and recall the scores alone let expect (CBPE, confidence-based estimation).

Scores are calibrated on labelled history: how often a letter of a bin is positive. If that still
holds, the histogram of today's scores tells today's precision and recall without labels. It is
exact under a pure shift of the mix of letters and blind to a change of what a score means, so that
it is an early warning and decides nothing.

Source: Guillory et al., Predicting with Confidence on Unseen Distributions (ICCV 2021); the name
is NannyML's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.scores import ALL_BINS

Floats = NDArray[np.float64]

#: Labels, half of them positive, that all bins together are given beforehand (Jeffreys' prior): so
#: few that they move nothing but a share of 0 or 1.
PRIOR = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What a score has meant.

    Attributes:
        probability: of a letter of each of the contract's bins to be positive, not decreasing,
            shape (200,).
        labels: how many it rests on.
    """

    probability: Floats
    labels: float


def calibrate(bins: ArrayLike, labels: ArrayLike, positives: ArrayLike) -> Calibration:
    """Isotonic regression of the label on the score bin (Zadrozny and Elkan, KDD 2002).

    Bins with labels are fitted by weighted least squares under the constraint that a higher score
    never means less; bins without are interpolated between their neighbours, and beyond the
    outermost labels the outermost value holds.

    Args:
        bins: the contract's bin numbers, ascending, shape (b,).
        labels: of each bin, counts or effective numbers, shape (b,).
        positives: positive ones, shape (b,).

    Raises:
        ValueError: shapes differ, a bin does not exist or does not ascend, counts contradict each
            other, or there is no label at all.

    >>> found = calibrate([-20, 0, 10, 20], [50, 50, 0, 50], [0, 20, 0, 49]).probability
    >>> [round(float(found[bin_ + 100]), 3) for bin_ in (-100, -20, -10, 0, 10, 20, 99)]
    [0.003, 0.003, 0.202, 0.401, 0.689, 0.977, 0.977]
    """
    from scipy.optimize import isotonic_regression

    at = np.asarray(bins, dtype=np.int64)
    n, k = np.asarray(labels, dtype=np.float64), np.asarray(positives, dtype=np.float64)
    if at.ndim != 1 or not at.shape == n.shape == k.shape:
        raise ValueError("bins, labels and positives must be one-dimensional and of one shape")
    if np.any(np.diff(at) <= 0) or not np.isin(at, ALL_BINS).all():
        raise ValueError(f"bins must ascend within {ALL_BINS[0]}..{ALL_BINS[-1]}")
    if np.any(k < 0) or np.any(k > n):
        raise ValueError("positives must lie between 0 and labels")
    labelled = n > 0
    if not labelled.any():
        raise ValueError("labels must not all be 0")
    weight = n[labelled] + PRIOR / labelled.sum()
    share = (k[labelled] + PRIOR / labelled.sum() / 2) / weight
    fitted = isotonic_regression(share, weights=weight).x
    return Calibration(np.interp(ALL_BINS, at[labelled], fitted), float(n.sum()))


def expected(letters: ArrayLike, decided: ArrayLike, probability: ArrayLike) -> tuple[float, float]:
    """Precision and recall if scores mean what they did.

    Args:
        letters: by whatever splits them, such as decision and bin; any shape.
        decided: True where letters were decided positive, of a shape that broadcasts.
        probability: of a letter to be positive, of a shape that broadcasts.

    Returns:
        P = sum_A N c / sum_A N and R = sum_A N c / sum N c over everything; NaN where nothing was
        decided positive, or nothing is expected to be positive.

    >>> precision, recall = expected([60, 30, 10], [False, True, True], [0.0, 0.8, 1.0])
    >>> round(precision, 3), round(recall, 3)
    (0.85, 1.0)
    """
    count, above, chance = np.broadcast_arrays(
        np.asarray(letters, dtype=np.float64),
        np.asarray(decided, dtype=np.bool_),
        np.asarray(probability, dtype=np.float64),
    )
    positive = count * chance
    found, every = float(positive[above].sum()), float(positive.sum())
    chosen = float(count[above].sum())
    return found / chosen if chosen > 0 else nan, found / every if every > 0 else nan
