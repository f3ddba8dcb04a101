"""Strata of one model version and decision: neighbouring score bins joined until they hold labels.

Where strata end depends on how many labels the bins hold and never on what the labels say, so that
the shares of positive labels inside of them stay unbiased.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: A stratum's variance wants about this many labels; two is the fewest that has one at all.
FEWEST = 30
#: A run of bins without labels that should have had this many is no accident: exp(-7) < 1/1000.
EXPECTED = 7.0
#: So many labels on either side of a run tell how dense labels are there.
NEIGHBOURS = 30


def join_bins(letters: ArrayLike, labels: ArrayLike, fewest: int = FEWEST) -> NDArray[np.int64]:
    """The stratum of each bin of one version and decision.

    Neighbours are joined, from the lowest bin up, until a stratum holds the fewest labels; a rest
    with fewer joins the stratum before it. A long run of bins without any label is a stratum of
    its own, without labels: see `unlabelled_bins`. Nothing is joined across it, so that a stretch
    between two of them keeps what labels it has, be it one.

    Args:
        letters: of each bin, ascending, all above 0, shape (b,).
        labels: of each bin, counts, shape (b,).
        fewest: labels that a stratum should hold.

    Returns:
        Strata 0..s-1 in the bins' order, shape (b,).

    Raises:
        ValueError: shapes differ, a bin has no letters, or labels are negative.

    >>> join_bins([50, 40, 30, 20, 10], [20, 15, 40, 10, 5]).tolist()
    [0, 0, 1, 1, 1]
    >>> join_bins([50, 40, 90_000, 20, 10], [20, 15, 0, 10, 5]).tolist()
    [0, 0, 1, 2, 2]
    """
    size = np.asarray(letters, dtype=np.float64)
    count = np.asarray(labels, dtype=np.float64)
    if size.ndim != 1 or size.shape != count.shape:
        raise ValueError(f"labels.shape == {count.shape}, must be one-dimensional as letters")
    if size.size and not (size.min() > 0 and count.min() >= 0):
        raise ValueError("letters must be positive and labels not negative")
    if fewest < 1:
        raise ValueError(f"fewest == {fewest}, must be at least 1")
    bare = unlabelled_bins(size, count)
    strata = np.zeros(size.size, dtype=np.int64)
    number = 0
    changes = np.flatnonzero(np.diff(bare)) + 1
    for first, after in pairwise([0, *changes.tolist(), size.size]):
        ends = [] if bare[first:after].all() else _ends(count[first:after].tolist(), fewest)
        for begin, end in pairwise([0, *ends, after - first]):
            strata[first + begin : first + end] = number
            number += 1
    return strata


def _ends(labels: list[float], fewest: int) -> list[int]:
    """Where strata end within a stretch, its own end left out."""
    ends, held = [], 0.0
    for at, here in enumerate(labels):
        held += here
        if held >= fewest:
            ends.append(at + 1)
            held = 0.0
    # What follows the last full stratum is too little for one of its own, or nothing.
    return ends[:-1]


def unlabelled_bins(letters: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Bins in runs that chance cannot have left without labels, shape (b,).

    A maximal run without labels is one where, at the rate of labels a letter of its neighbours, at
    least 7 were to be expected. The rate is taken over up to 30 labels on either side, and the
    lower one counts. Runs that are found out no longer thin their neighbours' rates, so it is asked
    again until nothing changes. Without any label, every bin is one.

    >>> unlabelled_bins(np.array([1e3, 7e3, 1e3]), np.array([1.0, 0.0, 1.0])).tolist()
    [False, True, False]
    >>> unlabelled_bins(np.array([1e3, 6e3, 1e3]), np.array([1.0, 0.0, 1.0])).tolist()
    [False, False, False]
    """
    found = np.zeros(letters.shape, dtype=np.bool_)
    if not labels.any():
        return ~found
    none = labels == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], none, [False]])))
    first, after = edges[::2], edges[1::2]
    size = np.add.reduceat(np.append(letters, 0), edges)[::2] if edges.size else np.zeros(0)
    sampled = np.concatenate([[0], labels.cumsum()])
    # Left of a run: the nearest bins that hold up to 30 labels. Right of it: the same, mirrored.
    left = np.searchsorted(sampled, sampled[first] - NEIGHBOURS, side="right") - 1
    left = np.clip(left, 0, None)
    right = np.clip(np.searchsorted(sampled, sampled[after] + NEIGHBOURS), None, labels.size)
    beside = np.stack([sampled[first] - sampled[left], sampled[right] - sampled[after]])
    while True:
        passed = np.concatenate([[0], np.where(found, 0, letters).cumsum()])
        among = np.stack([passed[first] - passed[left], passed[right] - passed[after]])
        # A side without a label (the end of the scale) tells nothing.
        rate = np.where(beside > 0, beside / np.where(beside > 0, among, 1), np.inf).min(axis=0)
        grown = found.copy()
        grown[none] = np.repeat(rate * size >= EXPECTED, after - first)
        if (grown == found).all():
            return grown
        found = grown
