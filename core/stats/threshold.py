"""Precision and recall by threshold, and the lowest threshold whose precision is certified.

Bands are score ranges of one model version, lowest first, whatever was decided about their letters.
The threshold at edge i, the lower edge of band i, decides bands i, i+1, ... positive.

Taking the threshold whose estimate looks best overstates it: with 2,000 labels a threshold chosen
for 99 % is truly below in 42 % of runs. Fixed-sequence testing (Bauer 1991, Statistics in Medicine
10, 871-890) keeps the level: thresholds are tested in an order that the labels have no say in, and
the walk ends at the first that fails. Three walks share the level (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats import intervals
from core.stats.intervals import Interval
from core.stats.strata import Floats, Strata

#: Label-free recall at the middle start.
START_RECALL = 0.5
#: Bins between the starts: half a logit.
APART = 5


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What each threshold would bring.

    Attributes:
        edges: thresholds, ascending, shape (h,).
        precision: of letters at or above each, shape (h,).
        recall: likewise.
    """

    edges: Floats
    precision: Interval
    recall: Interval


@dataclass(frozen=True, slots=True)
class Walk:
    """One sequence of tests.

    Attributes:
        start: index of the edge that was tested first.
        lowest: index of the last edge that passed before one failed; None where the first failed.
    """

    start: int
    lowest: int | None


@dataclass(frozen=True, slots=True)
class CertifiedThreshold:
    """The lowest threshold that passed in any walk.

    Attributes:
        edge_index: index of its edge; None where no start passed.
        edge: the threshold itself.
        walks: one a start, in the order given.
    """

    edge_index: int | None
    edge: float | None
    walks: tuple[Walk, ...]


def strata_by_edge(bands: Strata) -> Strata:
    """The bands decided as each threshold would decide them.

    Args:
        bands: of one version, lowest first, shape (h,); their own decisions mean nothing.

    Returns:
        Strata of shape (h, h): in slice i, bands i and above are decided positive.

    Raises:
        ValueError: the bands have leading axes.

    >>> strata_by_edge(Strata([9, 5], [3, 2], [1, 2], [False], [3, 2])).decided.tolist()
    [[True, True], [False, True]]
    """
    if len(bands.shape) != 1:
        raise ValueError(f"bands.shape == {bands.shape}, must be one-dimensional")
    at = np.arange(bands.shape[0])
    return Strata(bands.letters, bands.labels, bands.positives, at >= at[:, None], bands.counted)


def curve(edges: ArrayLike, bands: Strata, confidence: float = 0.95) -> Curve:
    """Precision and recall at every edge of one version's bands.

    Args:
        edges: lower edges of the bands, ascending, shape (h,).
        bands: shape (h,), see `strata_by_edge`.
        confidence: of each interval by itself; all of them together hold less often.

    Raises:
        ValueError: the edges do not ascend, or are not as many as the bands.

    >>> bands = Strata([9_000, 500, 500], [90, 50, 50], [2, 30, 49], [False], [90, 50, 50])
    >>> found = curve([0.0, 0.4, 0.8], bands)
    >>> found.precision.value.round(3).tolist(), found.recall.value.round(3).tolist()
    ([0.099, 0.79, 0.98], [1.0, 0.798, 0.495])
    """
    strata = strata_by_edge(bands)
    at = _ascending(edges, bands.shape[0])
    return Curve(at, intervals.precision(strata, confidence), intervals.recall(strata, confidence))


def certified_threshold(
    edges: ArrayLike, bands: Strata, target: float, starts: Sequence[int], alpha: float = 0.05
) -> CertifiedThreshold:
    """The lowest threshold certified to reach a precision, wrongly so with at most alpha.

    Args:
        edges: lower edges of the bands, ascending, shape (h,).
        bands: shape (h,), see `strata_by_edge`.
        target: the precision to be reached.
        starts: indices of edges to start from, chosen without looking at what the labels say, see
            `starting_edges`. Each walk toward lower edges is tested at alpha / len(starts).
        alpha: in (0, 1/2).

    Raises:
        ValueError: there is no start, a start is no edge, or the edges are not the bands'.

    >>> bands = Strata([9e5, 5e4, 5e4], [90, 900, 900], [2, 899, 900], [False], [90, 900, 900])
    >>> certified_threshold([0.0, 0.4, 0.8], bands, 0.99, [2, 1]).walks
    (Walk(start=2, lowest=1), Walk(start=1, lowest=1))
    """
    at = _ascending(edges, bands.shape[0])
    if not starts:
        raise ValueError("starts must not be empty")
    for start in starts:
        if not 0 <= start < at.size:
            raise ValueError(f"start == {start}, must be the index of one of {at.size} edges")
    level = alpha / len(starts)
    passed = intervals.one_sided(strata_by_edge(bands), target, "precision", level)
    walks = tuple(Walk(start, _lowest(passed, start)) for start in starts)
    lowest = min((walk.lowest for walk in walks if walk.lowest is not None), default=None)
    return CertifiedThreshold(lowest, None if lowest is None else float(at[lowest]), walks)


def starting_edges(
    score_mid: ArrayLike,
    letters: ArrayLike,
    edges: ArrayLike,
    recall: float = START_RECALL,
    apart: int = APART,
) -> tuple[int, ...]:
    """Where walks start: about a recall that the scores alone let expect, and on either side.

    Scores are taken for probabilities; if they are none, the walks start elsewhere and certify
    less, but not wrongly.

    Args:
        score_mid: a score inside of each bin, ascending, shape (b,).
        letters: of each bin, shape (b,).
        edges: thresholds that can be tested, ascending, in scores, shape (h,).
        recall: expected at the middle start.
        apart: bins from the middle start to the others.

    Returns:
        Indices of edges without repetition, highest first: at most three. The edge of a start is
        the first one at or above its bin. None without letters or edges.

    >>> middles, letters = [0.1, 0.3, 0.5, 0.7, 0.9], [50, 20, 10, 10, 20]
    >>> starting_edges(middles, letters, [0.0, 0.4, 0.6, 0.8], apart=1)
    (3, 2)
    """
    middle = np.asarray(score_mid, dtype=np.float64)
    expected = np.asarray(letters, dtype=np.float64) * middle
    at = np.asarray(edges, dtype=np.float64)
    total = expected.sum()
    if not at.size or not total > 0:
        return ()
    above = expected[::-1].cumsum()[::-1] / total
    # Of bins that are as near, the highest: the others below it are empty.
    centre = middle.size - 1 - int(np.abs(above - recall)[::-1].argmin())
    bins = np.clip([centre + apart, centre, centre - apart], 0, middle.size - 1)
    # Edges lie between the bins' middles: above the middle of the bin below is at or above the bin.
    below = np.where(bins > 0, middle[bins - 1], -np.inf)
    found = np.clip(np.searchsorted(at, below, side="right"), 0, at.size - 1)
    return tuple(sorted(set(found.tolist()), reverse=True))


def _lowest(passed: NDArray[np.bool_], start: int) -> int | None:
    """The last edge of a walk down from the start that passed."""
    failed = np.flatnonzero(~passed[: start + 1])
    lowest = int(failed[-1]) + 1 if failed.size else 0
    return lowest if lowest <= start else None


def _ascending(edges: ArrayLike, bands: int) -> Floats:
    at = np.asarray(edges, dtype=np.float64)
    if at.shape != (bands,):
        raise ValueError(f"edges.shape == {at.shape}, must be ({bands},), one a band")
    if np.any(np.diff(at) <= 0):
        raise ValueError("edges must ascend")
    return at
