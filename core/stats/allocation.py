"""Where labels tell most, and how many settle a question.

Source: Neyman 1934, Journal of the Royal Statistical Society 97, 558-625; Cochran (1977), chapter
5A, for several quantities at once. Shares are smoothed: a stratum that has shown no error yet is
not one without any.
"""

from __future__ import annotations

from math import ceil, log

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from core.stats import intervals
from core.stats.apportionment import apportioned
from core.stats.joining import FEWEST
from core.stats.measures import PRECISION, RECALL
from core.stats.strata import Floats, Strata
from core.stats.stratified import point

Counts = NDArray[np.int64]

#: Half-widths of precision and of recall that are sought together: half of what a target of 99 %
#: leaves, and as far from 70 % as a release moves recall.
HALF_WIDTHS = (0.005, 0.02)
#: The part of the largest score that every letter shares in: it decides ties and nothing else.
_LAST = 1e-6
#: Numbers of labels that are tried at once.
_TRIES = 24


def neyman(
    strata: Strata,
    total: int,
    fewest: int = FEWEST,
    half_widths: tuple[float, float] = HALF_WIDTHS,
) -> Counts:
    """Labels of each stratum, of a total, for precision and recall together.

    n_h is proportional to sqrt[(1_A S_h / (M d_P))^2 + (S_h r_h / (W d_R))^2], with S_h = N_h
    sqrt(q_h (1 - q_h)), M the letters decided positive, W = TP + FN, r_h = 1 - R above and R below,
    and d_P, d_R the half-widths. Each stratum gets the fewest, or all its letters, and at most all
    its letters. A total that is too small for that is divided in proportion to it.

    Args:
        strata: one slice, shape (h,).
        total: labels to give.
        fewest: labels that every stratum is to get.
        half_widths: of precision and recall, d_P and d_R; only their ratio matters.

    Returns:
        Whole numbers, shape (h,), that add up to the total, or to all letters if those are fewer.

    Raises:
        ValueError: strata have leading axes, or a number is out of range.

    >>> strata = Strata([6e5, 4e5, 9e6], [50, 50, 100], [50, 49, 2], [True, True, False], [0])
    >>> neyman(strata, 1_000).tolist()
    [156, 178, 666]
    """
    _check(strata, total, "total", half_widths)
    whole = strata.broadcast()
    unlabelled = np.zeros(whole.shape)
    floor = np.minimum(fewest, whole.letters)
    scores = _scores(whole, half_widths)
    return np.asarray(apportioned(scores, unlabelled, floor, whole.letters, np.array([total]))[0])


def extend(
    strata: Strata,
    extra: int,
    fewest: int = FEWEST,
    half_widths: tuple[float, float] = HALF_WIDTHS,
) -> Counts:
    """Where to put more labels, given those that are there: toward what `neyman` would give.

    No label is taken away; a stratum that has more than its part gets none. Arguments, returns and
    errors are those of `neyman`, for the extra labels alone.

    >>> strata = Strata([6e5, 4e5, 9e6], [50, 50, 100], [50, 49, 2], [True, True, False], [0])
    >>> extend(strata, 300).tolist()
    [28, 39, 233]
    """
    _check(strata, extra, "extra", half_widths)
    return np.asarray(_extended(strata, np.array([extra]), fewest, half_widths)[0])


def half_widths(
    strata: Strata, labels: ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Half the widths of the intervals of precision and recall with other numbers of labels.

    Args:
        strata: what is known now, shape (h,).
        labels: of each stratum, in all, shape (..., h).
        confidence: of the intervals.

    Returns:
        Of precision and of recall, each of shape (...), if the present shares are true.

    >>> strata = Strata([6e5, 4e5, 9e6], [50, 50, 100], [50, 49, 2], [True, True, False], [0])
    >>> [round(float(x), 3) for x in half_widths(strata, [400, 400, 3_200])]
    [0.006, 0.032]
    """
    planned = _planned(strata, np.asarray(labels, dtype=np.float64))
    found = intervals.precision(planned, confidence), intervals.recall(planned, confidence)
    precision, recall = ((interval.high - interval.low) / 2 for interval in found)
    return np.asarray(precision), np.asarray(recall)


def labels_to_settle(
    strata: Strata,
    precision_target: float | None,
    recall_target: float | None,
    confidence: float = 0.95,
    at_most: int = 1_000_000,
    *,
    half_widths: tuple[float, float] = HALF_WIDTHS,
) -> int | None:
    """How many further labels decide both targets, if the present points are true.

    A target is decided where the two-sided interval lies on one side of it: from low >= target on,
    or high < target. Labels are placed by `extend`. The number is for labels that say just what is
    expected; those that come say something else, and about half of the time it takes more.

    Args:
        strata: what is known now, one slice, shape (h,).
        precision_target: None where nobody asks for precision.
        recall_target: None where nobody asks for recall.
        confidence: of the intervals.
        at_most: further labels that are thought of.
        half_widths: as of `neyman`; the distances to the targets place labels where they decide.

    Returns:
        The number, 0 where both are decided now; None where no number up to at_most decides them,
        as where a point equals its target or is undefined.

    >>> strata = Strata([1e6, 9e6], [500, 500], [498, 20], [True, False], [500, 500])
    >>> labels_to_settle(strata, 0.99, 0.70)
    3673
    """
    _check(strata, at_most, "at_most", half_widths)
    targets = {PRECISION: precision_target, RECALL: recall_target}

    def decided(slices: Strata) -> NDArray[np.bool_]:
        found = np.ones(slices.shape[:-1], dtype=np.bool_)
        for measure, target in targets.items():
            if target is not None:
                interval = intervals.interval(measure, slices, confidence)
                sure = (interval.low >= target) | (interval.high < target)
                found &= sure & ~np.isnan(interval.value)
        return found

    if decided(strata):
        return 0
    points = point(strata)
    wanted = ((points.precision, precision_target), (points.recall, recall_target))
    if any(target is not None and np.isnan(value) for value, target in wanted):
        return None
    present = strata.broadcast().labels

    def first(extras: Counts) -> tuple[int, int] | None:
        """The first number that decides, and the one tried before it."""
        more = _extended(strata, extras, FEWEST, half_widths)
        sure = np.flatnonzero(decided(_planned(strata, present + more)))
        return (int(extras[sure[0]]), int(extras[max(sure[0] - 1, 0)])) if sure.size else None

    found = first(np.unique(np.geomspace(1, max(at_most, 1), _TRIES).astype(np.int64)))
    while found is not None and found[0] - found[1] > 1:
        found = first(np.unique(np.linspace(found[1], found[0], _TRIES).astype(np.int64)))
    return None if found is None else found[0]


def labels_to_certify(truth: float, target: float, alpha: float = 0.05) -> int | None:
    """Labels above the threshold after which a precision can be expected to be certified.

    z^2 truth (1 - truth) / (truth - target)^2 with the one-sided quantile z, where the normal
    interval of the expected estimate ends at the target; and at least as many as it takes without a
    single error, ln(alpha) / ln(target). That is when it begins to be likely: with so many labels
    at random, both tests of `intervals.one_sided` pass in .45 of samples at a truth of .991, in .25
    at .995, where errors are few; with twice as many, in .73 and .55.

    Args:
        truth: the true precision, at most 1.
        target: what is to be certified, in (0, 1).
        alpha: of the one-sided test, in (0, 1/2).

    Returns:
        The number; None where the truth is not above the target: it never comes.

    Raises:
        ValueError: a number is out of range.

    >>> [labels_to_certify(truth, 0.99) for truth in (1.0, 0.995, 0.992, 0.99)]
    [299, 539, 5368, None]
    """
    if not 0 <= truth <= 1:
        raise ValueError(f"truth == {truth}, must be in [0, 1]")
    if not 0 < target < 1:
        raise ValueError(f"target == {target}, must be in (0, 1)")
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha == {alpha}, must be in (0, 0.5)")
    if truth <= target:
        return None
    z = float(ndtri(1 - alpha))
    spread = z * z * truth * (1 - truth) / (truth - target) ** 2
    return ceil(max(spread, log(alpha) / log(target)))


def _check(strata: Strata, number: int, name: str, half_widths: tuple[float, float]) -> None:
    if len(strata.shape) != 1:
        raise ValueError(f"strata.shape == {strata.shape}, must be one slice")
    if number < 0:
        raise ValueError(f"{name} == {number}, must not be negative")
    if not min(half_widths) > 0:
        raise ValueError(f"half_widths == {half_widths}, must be positive")


def _extended(
    strata: Strata, extras: Counts, fewest: int, half_widths: tuple[float, float]
) -> Counts:
    """Further labels, shape (m, h), for m numbers of them."""
    whole = strata.broadcast()
    room = np.clip(whole.letters - whole.counted, 0, None)
    floor = np.maximum(np.minimum(fewest, whole.letters), whole.labels)
    floor = np.minimum(floor, whole.labels + room)
    scores = _scores(whole, half_widths)
    return apportioned(scores, whole.labels, floor, whole.labels + room, extras)


def _scores(strata: Strata, half_widths: tuple[float, float]) -> Floats:
    """What labels are to be proportional to, shape (h,)."""
    likely = _likely(strata)
    smooth = np.where(strata.labelled, strata.smoothed, likely)
    here, every = strata.letters * strata.decided, strata.letters
    # Without one positive label, recall is judged by the smoothed shares.
    q = likely if (every * likely).sum() > 0 else smooth
    chosen, positive = here.sum(), (every * q).sum()
    recall = (here * q).sum() / positive if positive > 0 else 0.0
    spread = every * np.sqrt(smooth * (1 - smooth))
    for_precision = spread * strata.decided / max(chosen, 1) / half_widths[0]
    moved = np.where(strata.decided, 1 - recall, recall)
    for_recall = spread * moved / max(positive, 1) / half_widths[1]
    scores = np.hypot(for_precision, for_recall)
    # Where neither would gain (recall of 0, below the threshold), labels left over go by letters.
    least = (scores.max(initial=0.0) or 1.0) * _LAST / max(every.sum(), 1)
    return np.asarray(np.maximum(scores, least * every))


def _likely(strata: Strata) -> Floats:
    """The share of positive letters, shape (h,); without labels, what labels of its side say."""
    share = strata.share
    for side in (False, True):
        known = np.where(strata.labelled & (strata.decided == side), strata.letters, 0)
        pooled = (known * share).sum() / known.sum() if known.sum() > 0 else 0.5
        share = np.where(strata.labelled | (strata.decided != side), share, pooled)
    return share


def _planned(strata: Strata, labels: Floats) -> Strata:
    """The strata with other numbers of labels, shape (..., h), if the present shares are true."""
    whole = strata.broadcast()
    positives = np.minimum(_likely(whole) * labels, labels)
    counted = np.rint(labels).astype(np.int64)
    return Strata(whole.letters, labels, positives, whole.decided, counted)
