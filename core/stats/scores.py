"""The score bins of the metric contract: a tenth of a logit a bin, 200 bins.

bin = clamp(floor(10 ln(s / (1 - s))), -100, 99) for a score s in [0, 1]; score 0 is bin -100 and
score 1 is bin 99. A threshold that lies on the lower edge of a bin splits no bin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

LOWEST_BIN = -100
HIGHEST_BIN = 99
BINS = HIGHEST_BIN - LOWEST_BIN + 1
#: Every bin of the contract in order, shape (200,).
ALL_BINS: NDArray[np.int16] = np.arange(LOWEST_BIN, HIGHEST_BIN + 1, dtype=np.int16)
#: Bins a logit.
BINS_PER_LOGIT = 10


def score_at(bins: ArrayLike, position: ArrayLike) -> NDArray[np.float64]:
    """The score at a position inside a bin; position 0 is the bin's lower edge.

    Args:
        bins: bin numbers in -100..99, any shape.
        position: in [0, 1), of a shape that broadcasts with bins; in logits, not in scores.

    Returns:
        Scores in (0, 1), of the broadcast shape.

    Raises:
        ValueError: a bin or a position is out of range.

    >>> round(float(score_at(20, 0.5)), 4)
    0.8859
    """
    number, within = np.asarray(bins), np.asarray(position, dtype=np.float64)
    if number.size and not (number.min() >= LOWEST_BIN and number.max() <= HIGHEST_BIN):
        raise ValueError(f"bins must lie in {LOWEST_BIN}..{HIGHEST_BIN}")
    if within.size and not (within.min() >= 0 and within.max() < 1):
        raise ValueError("position must lie in [0, 1)")
    logits = (number + within) / BINS_PER_LOGIT
    return np.asarray(1 / (1 + np.exp(-logits)))


#: Lower edges of bins -99..99, shape (199,): what lies below all of them is bin -100.
_EDGES = score_at(ALL_BINS[1:], 0.0)


def lower_edge(number: int) -> float:
    """The lowest score of a bin: 0 for the first.

    Raises:
        ValueError: there is no such bin.

    >>> lower_edge(0)
    0.5
    """
    if not LOWEST_BIN <= number <= HIGHEST_BIN:
        raise ValueError(f"number == {number}, must lie in {LOWEST_BIN}..{HIGHEST_BIN}")
    return 0.0 if number == LOWEST_BIN else float(_EDGES[number - LOWEST_BIN - 1])


def score_bins(scores: ArrayLike) -> NDArray[np.int16]:
    """The bin of each score.

    Bins are looked up among their edges, so that a score equal to `lower_edge(k)` is in bin k: the
    formula's floor may put it a bin lower, by the last digit of the logarithm.

    Args:
        scores: any shape, in [0, 1].

    Returns:
        Bin numbers in -100..99, same shape.

    Raises:
        ValueError: a score is outside [0, 1] or not a number.

    >>> score_bins([0.0, 0.4999, 0.5, 0.88, 1.0]).tolist()
    [-100, -1, 0, 19, 99]
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError("scores must lie in [0, 1]")
    return (np.searchsorted(_EDGES, values, side="right") + LOWEST_BIN).astype(np.int16)
