"""Precision, recall, F1 and false positive rate of a population from a stratified, labelled sample.

Every letter of the population is counted; some are labelled. Strata are cut by `join_bins`.

Source: Cochran, Sampling Techniques (3rd ed., 1977), chapters 5 (stratified random sampling) and
6.13 (the combined ratio estimator, whose linearisation the variances are).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stats.joining import join_bins
from core.stats.measures import F1, FALSE_POSITIVE_RATE, PRECISION, RECALL, Measure
from core.stats.strata import Floats, Strata, from_weights, stacked

__all__ = [
    "Points",
    "Strata",
    "estimate",
    "from_weights",
    "join_bins",
    "point",
    "stacked",
    "variances",
]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Estimates of a population, each of shape (...); NaN where undefined.

    A measure is undefined where its denominator is zero, and where a side of the threshold that it
    is about has letters but not one label. They rest on labelled strata alone.

    Attributes:
        precision: TP / (TP + FP), of the letters decided positive.
        recall: TP / (TP + FN), of the letters that are positive.
        f1: their harmonic mean.
        false_positive_rate: FP / (FP + TN), of the letters that are not positive.
        tp: letters decided positive that are, scaled to the population; fp, fn and tn likewise.
        unlabelled: share of the letters that lie in strata without labels; NaN without letters.
        precision_variance: by the delta method, as the other three; NaN where the point is.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    false_positive_rate: Floats
    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats
    unlabelled: Floats
    precision_variance: Floats
    recall_variance: Floats
    f1_variance: Floats
    false_positive_rate_variance: Floats


def point(strata: Strata) -> Points:
    """Points and variances from the labelled strata.

    With q_h = k_h / n_h, M the letters decided positive, T = TP, S = TP + FN, and
    V_h = N_h^2 (1 - n_h/N_h) q_h (1 - q_h) / (n_h - 1) the variance of N_h q_h (see `variances`),
    sum_A over the strata decided positive and sum_B over the others:

    - Var P = sum_A V / M^2.
    - R = T/S: dR = (1 - R) dT/S above, -R dF/S below, so
      Var R = [(1 - R)^2 sum_A V + R^2 sum_B V] / S^2.
    - F1 = 2T / D with D = M + S, M known: above, d(F1) = (2 - F1) dT/D; below, -F1 dF/D. So
      Var F1 = [(2 - F1)^2 sum_A V + F1^2 sum_B V] / D^2.
    - FPR = (M - T) / W with W = N - S: above, -(1 - FPR) dT/W; below, FPR dF/W. So
      Var FPR = [(1 - FPR)^2 sum_A V + FPR^2 sum_B V] / W^2.

    >>> letters, labels, positives = [600, 400, 9_000], [50, 50, 100], [50, 49, 2]
    >>> decided = [True, True, False]
    >>> found = point(Strata(letters, labels, positives, decided, labels))
    >>> round(float(found.precision), 4), round(float(found.recall), 4)
    (0.992, 0.8464)
    >>> round(float(found.recall_variance) ** 0.5, 4)
    0.091
    """
    whole = strata.broadcast()
    labelled, q, variance = whole.labelled, whole.share, variances(whole)
    values, spread = {}, {}
    for measure in (PRECISION, RECALL, F1, FALSE_POSITIVE_RATE):
        value, bottom = estimate(measure, whole, q, labelled)
        slope = measure.slope(whole.decided, value[..., None])
        terms = np.where(labelled, slope**2 * variance, 0)
        values[measure] = value
        spread[measure] = terms.sum(axis=-1) / np.where(bottom > 0, bottom, np.nan) ** 2
    known = np.where(labelled, whole.letters, 0)
    positive, negative = known * q, known * (1 - q)
    everything = whole.letters.sum(axis=-1)
    return Points(
        precision=values[PRECISION],
        recall=values[RECALL],
        f1=values[F1],
        false_positive_rate=values[FALSE_POSITIVE_RATE],
        tp=(positive * whole.decided).sum(axis=-1),
        fp=(negative * whole.decided).sum(axis=-1),
        fn=(positive * ~whole.decided).sum(axis=-1),
        tn=(negative * ~whole.decided).sum(axis=-1),
        unlabelled=1 - known.sum(axis=-1) / np.where(everything > 0, everything, np.nan),
        precision_variance=spread[PRECISION],
        recall_variance=spread[RECALL],
        f1_variance=spread[F1],
        false_positive_rate_variance=spread[FALSE_POSITIVE_RATE],
    )


def variances(strata: Strata, *, smoothed: bool = False) -> Floats:
    """V_h, the variance of N_h q_h, shape (..., h); 0 where nothing is labelled.

    One label says nothing of the spread: there, q is Jeffreys' and n - 1 is taken as 1.

    Args:
        strata: what is known.
        smoothed: take Jeffreys' q everywhere, so that a stratum without errors has a variance too.

    >>> variances(Strata([100, 100], [11, 1], [1, 1], [True, True], [11, 1])).round(1).tolist()
    [73.6, 1856.2]
    """
    n = strata.labels
    q = np.where(smoothed | (n < 2), strata.smoothed, strata.share)
    found = strata.letters**2 * strata.unsampled * q * (1 - q) / np.maximum(n - 1, 1)
    return np.where(strata.labelled, found, 0)


def estimate(
    measure: Measure, strata: Strata, q: Floats, counts: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """A measure and its denominator, both of shape (...), with a given share q of each stratum.

    Args:
        measure: which one.
        strata: letters and decisions, every array of shape (..., h).
        q: the share of positive letters, shape (..., h).
        counts: the strata that count, shape (..., h).

    Returns:
        The value, NaN where undefined, and the denominator in letters.
    """
    letters = np.where(counts, strata.letters, 0)
    top, bottom = measure.parts(letters, strata.decided, q)
    blind = np.zeros(top.shape, dtype=np.bool_)
    for side in measure.sides:
        there = strata.decided == side
        blind |= (there & (strata.letters > 0)).any(-1) & ~(there & (letters > 0)).any(-1)
    return np.where(blind | ~(bottom > 0), np.nan, top / np.where(bottom > 0, bottom, 1)), bottom
