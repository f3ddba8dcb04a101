"""A classifier whose precision is 99 % and whose recall is 70 %, and labelled samples of its letters.

Scores of newsletters and of other letters are two normal distributions on the logit scale, cut into
the contract's 200 bins; the share of newsletters is such that the threshold reaches 99/70. A sample
is drawn as a labelling team would: so many labels from each of a dozen score ranges, at random
inside of them. Strata are then cut from what came, bin by bin, as the report cuts them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from core.stats.scores import ALL_BINS, BINS, BINS_PER_LOGIT
from core.stats.stratified import Strata, from_weights, join_bins, stacked

Floats = NDArray[np.float64]

LETTERS = 45e9
#: Score ranges that labels are drawn from, on either side of the threshold.
RANGES_A_SIDE = 6


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """All letters of a window, and what they truly are.

    Attributes:
        letters: by bin, whole numbers, shape (200,).
        positive: the share of newsletters in each bin, shape (200,).
        threshold: index of the first bin that is decided positive.
    """

    letters: Floats
    positive: Floats
    threshold: int

    @property
    def decided(self) -> NDArray[np.bool_]:
        """By bin."""
        return np.arange(BINS) >= self.threshold

    def truth(self, threshold: int | None = None) -> tuple[float, float]:
        """Precision and recall at a threshold, the operating one unless told."""
        above = slice(self.threshold if threshold is None else threshold, None)
        newsletters = self.letters * self.positive
        found = newsletters[above].sum()
        return float(found / self.letters[above].sum()), float(found / newsletters.sum())

    def ranges(self, a_side: int = RANGES_A_SIDE) -> NDArray[np.int64]:
        """The design's score ranges, shape (200,): equal widths in logits on either side."""
        at = np.arange(BINS)
        below = at * a_side // self.threshold
        above = a_side + (at - self.threshold) * a_side // (BINS - self.threshold)
        return np.where(at < self.threshold, below, above)


def population(
    precision: float = 0.99,
    recall: float = 0.70,
    *,
    separation: float = 2.2,
    spread: tuple[float, float] = (1.6, 2.3),
    threshold: int = 120,
    letters: float = LETTERS,
) -> Population:
    """A population that reaches a precision and a recall at a threshold.

    Args:
        precision: at the threshold.
        recall: at the threshold.
        separation: how far the others lie below logit 0 with their mean, in spreads of theirs.
        spread: of the others' and of the newsletters' logits.
        threshold: index of the first bin decided positive; 120 is a score of 0.88.
        letters: how many in all.
    """
    edges = np.concatenate([[-np.inf], ALL_BINS[1:] / BINS_PER_LOGIT, [np.inf]])
    edge = edges[threshold]

    def share(mean: float, width: float) -> Floats:
        return np.diff(ndtr((edges - mean) / width))

    others = share(-separation * spread[0], spread[0])
    mean = brentq(lambda at: ndtr((at - edge) / spread[1]) - recall, -20, 20)
    newsletters = share(mean, spread[1])
    false = others[threshold:].sum() * precision
    true = newsletters[threshold:].sum() * (1 - precision)
    prior = false / (true + false)
    mixed = prior * newsletters + (1 - prior) * others
    whole = np.floor(letters * mixed)
    return Population(whole, np.where(mixed > 0, prior * newsletters / mixed, 0), threshold)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Labelled letters of many runs, by bin; each of shape (runs, 200).

    Attributes:
        labels: how many.
        positives: those that are newsletters.
        weight: 1 / inclusion probability of the labels of a bin, shape (200,).
    """

    labels: NDArray[np.int64]
    positives: NDArray[np.int64]
    weight: Floats


def sample(
    of: Population, design: NDArray[np.int64], runs: int, generator: np.random.Generator
) -> Sample:
    """Label so many letters of each score range, `runs` times over.

    Args:
        of: the population, so large that drawing with replacement is the same.
        design: labels of each range, shape (ranges,).
        runs: how often.
        generator: of the draws.
    """
    ranges = of.ranges(len(design) // 2)
    labels = np.zeros((runs, BINS), dtype=np.int64)
    weight = np.zeros(BINS)
    for number, size in enumerate(design.tolist()):
        here = ranges == number
        letters = of.letters[here]
        if size and letters.sum():
            labels[:, here] = generator.multinomial(size, letters / letters.sum(), size=runs)
            weight[here] = letters.sum() / size
    return Sample(labels, generator.binomial(labels, of.positive), weight)


def strata(of: Population, drawn: Sample) -> Strata:
    """The strata of every run, shape (runs, h), cut from what came."""
    return stacked(
        [
            run_strata(of, labels, positives, drawn.weight)
            for labels, positives in zip(drawn.labels, drawn.positives, strict=True)
        ]
    )


def run_strata(
    of: Population, labels: NDArray[np.int64], positives: NDArray[np.int64], weight: Floats
) -> Strata:
    """The strata of one run, shape (h,)."""
    place = np.full(BINS, -1)
    height = 0
    for side in (False, True):
        there = (of.decided == side) & (of.letters > 0)
        if there.any():
            place[there] = height + join_bins(of.letters[there], labels[there])
            height = int(place.max()) + 1
    here = place >= 0

    def summed(values: Floats) -> Floats:
        return np.bincount(place[here], weights=values[here], minlength=height)

    return from_weights(
        summed(of.letters),
        summed(labels),
        summed(labels * weight),
        summed(labels * weight**2),
        summed(positives * weight),
        summed(of.decided) > 0,
    )


def designs(of: Population, total: int, ranges: int = 2 * RANGES_A_SIDE) -> dict[str, NDArray[np.int64]]:
    """Equal, proportional and Neyman allocation of labels to the score ranges.

    Neyman's knows the truth: it is the best that a pilot could lead to. It gives at least 30 labels
    to a range, as the others may not.
    """
    place = of.ranges(ranges // 2)
    letters = np.bincount(place, weights=of.letters, minlength=ranges)
    share = np.bincount(place, weights=of.letters * of.positive, minlength=ranges) / letters
    above = np.arange(ranges) >= ranges // 2
    precision, recall = of.truth()
    found = (letters * share)[above].sum()
    size = letters * np.sqrt(share * (1 - share))
    for_precision = np.where(above, size / letters[above].sum() / 0.005, 0)
    for_recall = size * np.where(above, 1 - recall, recall) / (found / recall) / 0.02
    optimal = np.hypot(for_precision, for_recall)
    return {
        "equal": _apportioned(np.ones(ranges), total),
        "proportional": _apportioned(letters, total),
        "neyman": _apportioned(optimal, total - 30 * ranges) + 30,
    }


def _apportioned(shares: Floats, total: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to shares, adding up to the total."""
    exact = shares / shares.sum() * total
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact)[: total - whole.sum()]] += 1
    return whole
