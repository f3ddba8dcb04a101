"""Intervals of precision, recall, F1 and false positive rate from a stratified, labelled sample.

Each is the envelope of two intervals, because each of them fails where the other holds: Wilson's
forgets that a large stratum without an error may have some, the likelihood's is too narrow with
few labels.

(a) Wilson (1927, JASA 22, 209-212) with the effective number of labels n_eff = v (1 - v) / Var v.
    Where no error shows, Var v is 0, and n_eff is what one error would have left of it: 1 / n_eff
    is the mean over letters of how far one wrong label of their stratum moves the value. For
    precision that is sum_A[(N_h/M)^2 (1 - n_h/N_h) / n_h].
(b) Profile likelihood ratio, see `core.stats.likelihood`, which all four measures share.

Strata without labels are taken once as all against the value and once as all in its favour, so that
the interval holds whatever they are (Manski 1989, Journal of Human Resources 24, 343-360). The
value stays that of the labelled part.

An interval has no width only where nothing is left to learn: every letter that the measure is about
is labelled, or the decisions alone fix it (recall is 1 if no letter was decided negative).

What is simplified: Wilson's interval of a ratio (recall, F1, false positive rate) treats it as a
proportion with the variance of the delta method; in (b), labels drawn without replacement count as
n / (1 - n/N), in strata without an error as -N ln(1 - n/N), both exact to first order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from core.stats import likelihood
from core.stats.measures import F1, FALSE_POSITIVE_RATE, MEASURES, PRECISION, RECALL, Measure
from core.stats.strata import Floats, Strata
from core.stats.stratified import estimate, variances


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """A value with its interval, each of shape (...).

    Attributes:
        value: the point; NaN where undefined, and then low is 0 and high is 1.
        low: the lower bound, 0 <= low <= value.
        high: the upper bound, value <= high <= 1.
        n: labels that it rests on: for precision those of letters decided positive, else all.
    """

    value: Floats
    low: Floats
    high: Floats
    n: NDArray[np.int64]


def precision(strata: Strata, confidence: float = 0.95) -> Interval:
    """Precision with its interval; see `interval`.

    >>> found = precision(Strata([9_000], [300], [300], [True], [300]))
    >>> float(found.value), round(float(found.low), 4), float(found.high), int(found.n)
    (1.0, 0.9878, 1.0, 300)
    """
    return interval(PRECISION, strata, confidence)


def recall(strata: Strata, confidence: float = 0.95) -> Interval:
    """Recall with its interval; see `interval`.

    >>> strata = Strata([700, 99_300], [200, 800], [198, 3], [True, False], [200, 800])
    >>> found = recall(strata)
    >>> [round(float(x), 3) for x in (found.low, found.value, found.high)]
    [0.389, 0.65, 0.881]
    """
    return interval(RECALL, strata, confidence)


def f1(strata: Strata, confidence: float = 0.95) -> Interval:
    """F1, the harmonic mean of precision and recall, with its interval; see `interval`."""
    return interval(F1, strata, confidence)


def false_positive_rate(strata: Strata, confidence: float = 0.95) -> Interval:
    """The false positive rate with its interval; see `interval`."""
    return interval(FALSE_POSITIVE_RATE, strata, confidence)


def interval(measure: Measure, strata: Strata, confidence: float = 0.95) -> Interval:
    """A measure with its two-sided interval, for every slice at once.

    Args:
        measure: one of `core.stats.measures`.
        strata: shape (..., h).
        confidence: in (0, 1).

    Raises:
        ValueError: the confidence is out of range.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence == {confidence}, must be in (0, 1)")
    whole = strata.broadcast()
    value, _ = estimate(measure, whole, whole.share, whole.labelled)
    low, high = _bounds(measure, whole, value, float(ndtri((1 + confidence) / 2)), (-1, 1))
    about = whole.letters > 0
    if False not in measure.sides:
        about &= whole.decided
    return Interval(value, low, high, np.where(about, whole.counted, 0).sum(axis=-1))


def lower_bound(strata: Strata, measure: str, alpha: float = 0.05) -> Floats:
    """The smaller of the two one-sided lower bounds at level alpha, shape (...); 0 where undefined.

    Args:
        strata: shape (..., h).
        measure: 'precision', 'recall', 'f1' or 'false_positive_rate'.
        alpha: in (0, 1/2).

    Raises:
        ValueError: there is no such measure, or alpha is out of range.

    >>> round(float(lower_bound(Strata([1e6], [500], [500], [True], [500]), "precision")), 4)
    0.9946
    """
    if measure not in MEASURES:
        raise ValueError(f"measure == {measure!r}, must be one of {', '.join(MEASURES)}")
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha == {alpha}, must be in (0, 0.5)")
    whole = strata.broadcast()
    value, _ = estimate(MEASURES[measure], whole, whole.share, whole.labelled)
    bounds = _bounds(MEASURES[measure], whole, value, float(ndtri(1 - alpha)), (-1,))
    return np.asarray(bounds[0])


def one_sided(
    strata: Strata, target: ArrayLike, measure: str = "precision", alpha: float = 0.05
) -> NDArray[np.bool_]:
    """Whether at least the target is certified: both one-sided tests pass; shape (...).

    >>> clean = Strata([[1e6], [1e6]], [[250], [300]], [[250], [300]], [[True]], [[250], [300]])
    >>> one_sided(clean, 0.99).tolist()
    [False, True]
    """
    return np.asarray(lower_bound(strata, measure, alpha) >= np.asarray(target))


def _bounds(
    measure: Measure, strata: Strata, value: Floats, z: float, signs: tuple[int, ...]
) -> Floats:
    """The envelope's bounds, shape (len(signs), ...): below for sign -1, above for sign 1."""
    sign = np.reshape(np.asarray(signs, dtype=np.float64), (-1, *([1] * value.ndim)))
    # Letters of strata without labels are all against the value, or all in its favour.
    best = measure.favourable(strata.decided)
    q = np.where(strata.labelled, strata.share, np.where(sign[..., None] > 0, best, 1 - best))
    there = np.broadcast_to(strata.letters > 0, q.shape)
    at, _ = estimate(measure, strata, q, there)
    inverse = _inverse(measure, strata, q)
    half = z * np.sqrt(at * (1 - at) * inverse + (z * inverse / 2) ** 2)
    wilson = (at + z * z * inverse / 2 + sign * half) / (1 + z * z * inverse)
    profile = likelihood.bound(_ratio(measure, strata, q), z, np.broadcast_to(sign, at.shape))
    higher, lower = np.maximum(wilson, profile), np.minimum(wilson, profile)
    # Rounding may leave a bound on the wrong side of the value.
    outer = np.where(sign > 0, np.fmax(higher, value), np.fmin(lower, value))
    unknown = np.isnan(value) | np.isnan(higher)
    return np.where(unknown, (sign > 0).astype(np.float64), np.clip(outer, 0, 1))


def _inverse(measure: Measure, strata: Strata, q: Floats) -> Floats:
    """1 / n_eff for Wilson's interval, shape (signs, ...); q of shape (signs, ..., h).

    Shares are not smoothed, except of strata with a single label, which have no variance. (Jeffreys
    in every stratum adds half a positive label to each: with strata of 30 labels, half of the
    letters below the threshold are then expected to hide what they do not. Measured: recall's
    coverage 1.000, intervals up to five times wider. Strata without a positive label are what the
    profile likelihood is there for.)
    """
    shares = np.where(strata.labelled & (strata.labels < 2), strata.smoothed, q)
    there = np.broadcast_to(strata.letters > 0, q.shape)
    value, bottom = estimate(measure, strata, shares, there)
    slope = measure.slope(strata.decided, value[..., None])
    weight = np.where(strata.labelled, slope, 0) / np.where(bottom > 0, bottom, 1)[..., None]
    variance = (weight**2 * variances(strata)).sum(axis=-1)
    # One wrong label of a stratum moves the value by so much.
    moved = np.abs(weight) * strata.letters * strata.unsampled / np.maximum(strata.labels, 1)
    letters = np.where(weight != 0, strata.letters, 0)
    mean = (letters * moved).sum(axis=-1) / np.maximum(letters.sum(axis=-1), 1)
    spread = value * (1 - value)
    usable = (variance > 0) & (spread > 0)
    return np.asarray(np.where(usable, variance / np.where(usable, spread, 1), mean))


def _ratio(measure: Measure, strata: Strata, q: Floats) -> likelihood.Ratio:
    """The measure over the shares that labels bear on; the others are constants."""
    unsampled = np.where(strata.labelled, strata.unsampled, 0)
    free = unsampled > 0
    top_0, top, bottom_0, bottom = measure.coefficients(strata.letters, strata.decided)
    fixed = np.where(free, 0, q)
    clean = (strata.positives <= 0) | (strata.positives >= strata.labels)
    left = np.where(free, unsampled, 1)
    share = 1 - left
    rare = np.where(share > 0, -np.log(left) / np.where(share > 0, share, 1), 1)
    scale = np.where(clean, rare, 1 / left)
    shape = q.shape
    return likelihood.Ratio(
        top=np.broadcast_to(np.where(free, top, 0), shape),
        bottom=np.broadcast_to(np.where(free, bottom, 0), shape),
        top_0=(top_0 + top * fixed).sum(axis=-1),
        bottom_0=(bottom_0 + bottom * fixed).sum(axis=-1),
        n=np.broadcast_to(np.where(free, strata.labels * scale, 0), shape),
        k=np.broadcast_to(np.where(free, strata.positives * scale, 0), shape),
    )
