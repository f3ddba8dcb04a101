"""How far one histogram of scores is from another: two distances, for many slices at once.

Neither says whether quality changed: scores may drift because the mix of letters did, and the
meaning of a score may change without any drift.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Letters added to every group, so that an empty one does not make the index infinite.
SMOOTHING = 0.5


def population_stability_index(now: ArrayLike, reference: ArrayLike, groups: int = 20) -> Floats:
    """Sum over groups of (p - r) ln(p / r), with p and r the shares of letters now and before.

    Groups are neighbouring bins with about equally many letters of the reference; a bin is never
    split, so that there may be fewer. By convention, below 0.1 is little and above 0.25 is much
    (Siddiqi 2006, Credit Risk Scorecards). It is Jeffreys' divergence (1946) of the groups.

    Args:
        now: letters by bin, shape (..., b).
        reference: letters by bin before, of a shape that broadcasts with now.
        groups: how many, at most.

    Returns:
        The index, at least 0, shape (...); NaN where either side has no letters: there is nothing
        to compare.

    Raises:
        ValueError: counts are negative, or there is no group.

    >>> round(float(population_stability_index([100, 300], [200, 200], groups=2)), 3)
    0.273
    >>> float(population_stability_index([0, 0], [200, 200]))
    nan
    """
    if groups < 1:
        raise ValueError(f"groups == {groups}, must be at least 1")
    present, before = _pair(now, reference)
    total = before.sum(axis=-1, keepdims=True)
    # A bin belongs to the group that the middle of its letters falls into.
    centre = (before.cumsum(axis=-1) - before / 2) / np.where(total > 0, total, 1)
    group = np.clip(np.floor(centre * groups), 0, groups - 1).astype(np.int64)
    shape = (*present.shape[:-1], groups)
    flat = group + groups * np.arange(int(np.prod(shape[:-1]))).reshape((*shape[:-1], 1))
    size = int(np.prod(shape))

    def counted(letters: Floats) -> Floats:
        return np.bincount(flat.ravel(), weights=letters.ravel(), minlength=size).reshape(shape)

    p, r = counted(present), counted(before)
    used = (p > 0) | (r > 0)
    p, r = np.where(used, p + SMOOTHING, 0), np.where(used, r + SMOOTHING, 0)
    p, r = _shares(p), _shares(r)
    terms = (p - r) * np.log(np.where(used, p, 1) / np.where(used, r, 1))
    return np.where(_both(present, before), terms.sum(axis=-1), np.nan)


def jensen_shannon_distance(now: ArrayLike, reference: ArrayLike) -> Floats:
    """The square root of the Jensen-Shannon divergence in bits: a metric between 0 and 1.

    Source: Endres and Schindelin 2003, IEEE Transactions on Information Theory 49, 1858-1860.

    Args:
        now: letters by bin, shape (..., b).
        reference: letters by bin before, of a shape that broadcasts with now.

    Returns:
        The distance, shape (...); NaN where either side has no letters.

    Raises:
        ValueError: counts are negative.

    >>> float(jensen_shannon_distance([5, 0], [0, 7]))
    1.0
    """
    present, before = _pair(now, reference)
    p, r = _shares(present), _shares(before)
    middle = (p + r) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(r, middle)) / 2
    distance = np.sqrt(np.clip(divergence, 0, 1))
    return np.where(_both(present, before), distance, np.nan)


def _relative_entropy(p: Floats, other: Floats) -> Floats:
    """Kullback and Leibler's divergence in bits."""
    some = p > 0
    terms = p * np.log2(np.where(some, p, 1) / np.where(some, other, 1))
    return np.asarray(terms.sum(axis=-1))


def _pair(now: ArrayLike, reference: ArrayLike) -> tuple[Floats, Floats]:
    present = np.asarray(now, dtype=np.float64)
    before = np.asarray(reference, dtype=np.float64)
    for name, counts in (("now", present), ("reference", before)):
        if counts.size and not (np.isfinite(counts).all() and counts.min() >= 0):
            raise ValueError(f"{name} must be finite and not negative")
    shape = np.broadcast_shapes(present.shape, before.shape)
    return np.broadcast_to(present, shape), np.broadcast_to(before, shape)


def _shares(counts: Floats) -> Floats:
    total = counts.sum(axis=-1, keepdims=True)
    return np.asarray(counts / np.where(total > 0, total, 1))


def _both(present: Floats, before: Floats) -> NDArray[np.bool_]:
    return np.asarray((present.sum(axis=-1) > 0) & (before.sum(axis=-1) > 0))
