"""A classifier whose precision is 99 % and whose recall is 70 %, and labels of some of its letters.

Scores of newsletters and of other letters are two normal distributions on the logit scale, cut into
the contract's 200 bins. A sample is drawn as a labelling team would: so many labels from each of a
dozen score ranges, at random inside of them. Strata are then cut from what came, bin by bin, as the
report cuts them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, ndtr, ndtri

from core.stats import intervals
from core.stats.scores import (
    ALL_BINS,
    BINS,
    BINS_PER_LOGIT,
    LOWEST_BIN,
    lower_edge,
    score_at,
)
from core.stats.stratified import Strata, from_weights, join_bins, stacked
from core.stats.threshold import certified_threshold, starting_edges

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

    def others(self, threshold: int) -> float:
        """Letters at or above a threshold that are no newsletters."""
        return float((self.letters * (1 - self.positive))[threshold:].sum())

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
    edge: float = 2.5,
    stretch: float = 1.0,
    letters: float = LETTERS,
) -> Population:
    """A population that reaches a precision and a recall at a threshold.

    The scores are probabilities: with newsletters at N(m, s^2) and others at N(m - s^2, s^2) on the
    logit scale, the log-odds are the logit itself if the share of newsletters has the log-odds
    m - s^2 / 2. Recall fixes m, precision s.

    Args:
        precision: at the threshold.
        recall: at the threshold.
        edge: the threshold, in logits; times the stretch, it is to be the edge of a bin.
        stretch: factor of all logits; above 1, scores are more certain than they should be.
        letters: how many in all.
    """

    def model(spread: float) -> tuple[float, float, float]:
        """Mean of newsletters, their share, and precision."""
        mean = edge + spread * float(ndtri(recall))
        prior = float(expit(mean - spread**2 / 2))
        false = (1 - prior) * float(ndtr((mean - spread**2 - edge) / spread))
        return mean, prior, prior * recall / (prior * recall + false)

    spread = float(brentq(lambda width: model(width)[2] - precision, 0.5, 20))
    mean, prior, _ = model(spread)
    edges = np.concatenate([[-np.inf], ALL_BINS[1:] / BINS_PER_LOGIT / stretch, [np.inf]])
    newsletters = prior * np.diff(ndtr((edges - mean) / spread))
    # From above, where the others' distribution function would lose its digits.
    others = (1 - prior) * -np.diff(ndtr((mean - spread**2 - edges) / spread))
    mixed = newsletters + others
    threshold = round(edge * stretch * BINS_PER_LOGIT) - LOWEST_BIN
    share = np.where(mixed > 0, newsletters / np.where(mixed > 0, mixed, 1), 0)
    return Population(np.floor(letters * mixed), share, threshold)


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
    return _cut(places(of, labels), of, labels, positives, weight)


def places(of: Population, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The stratum of each bin, -1 where no letter is; shape (200,)."""
    place = np.full(BINS, -1)
    height = 0
    for side in (False, True):
        there = (of.decided == side) & (of.letters > 0)
        if there.any():
            place[there] = height + join_bins(of.letters[there], labels[there])
            height = int(place.max()) + 1
    return place


def run_bands(
    of: Population, labels: NDArray[np.int64], positives: NDArray[np.int64], weight: Floats
) -> tuple[NDArray[np.int64], Strata]:
    """Bands of one run whatever is decided: the first bin of each, and their strata."""
    place = np.full(BINS, -1)
    there = of.letters > 0
    place[there] = join_bins(of.letters[there], labels[there])
    first = np.flatnonzero(np.diff(place, prepend=-1) > 0)
    return first, _cut(place, of, labels, positives, weight)


def _cut(
    place: NDArray[np.int64],
    of: Population,
    labels: NDArray[np.int64],
    positives: NDArray[np.int64],
    weight: Floats,
) -> Strata:
    here = place >= 0
    height = int(place.max()) + 1

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


def designs(
    of: Population, total: int, ranges: int = 2 * RANGES_A_SIDE
) -> dict[str, NDArray[np.int64]]:
    """Equal, proportional and Neyman allocation of labels to the score ranges.

    Neyman's knows the truth: it is the best that a pilot could lead to. It gives at least 30 labels
    to a range, as the others may not.
    """
    place = of.ranges(ranges // 2)
    letters = np.bincount(place, weights=of.letters, minlength=ranges)
    share = np.bincount(place, weights=of.letters * of.positive, minlength=ranges) / letters
    above = np.arange(ranges) >= ranges // 2
    recall = of.truth()[1]
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


#: What is measured, as (estimator, truth of a population).
MEASURES = {
    "precision": (intervals.precision, lambda of: of.truth()[0]),
    "recall": (intervals.recall, lambda of: of.truth()[1]),
    "f1": (intervals.f1, lambda of: 2 / sum(1 / share for share in of.truth())),
    "false_positive_rate": (
        intervals.false_positive_rate,
        lambda of: of.others(of.threshold) / of.others(0),
    ),
}


def coverages(of: Population, slices: Strata) -> dict[str, float]:
    """How often each measure's interval holds the truth."""
    found = {}
    for name, (measure, truth) in MEASURES.items():
        interval, true = measure(slices), truth(of)
        found[name] = float(np.mean((interval.low <= true) & (true <= interval.high)))
    return found


def falsely_certified(of: Population, drawn: Sample, target: float) -> tuple[float, float]:
    """How often a threshold below the target is certified, and how often any is.

    The bands, the tests and the three starts are those of the report.
    """
    middles = score_at(ALL_BINS, 0.5)
    wrong = any_ = 0
    for labels, positives in zip(drawn.labels, drawn.positives, strict=True):
        first, bands = run_bands(of, labels, positives, drawn.weight)
        edges = np.array([lower_edge(int(ALL_BINS[at])) for at in first])
        starts = starting_edges(middles, of.letters, edges)
        found = certified_threshold(edges, bands, target, starts).edge_index
        if found is not None:
            any_ += 1
            wrong += of.truth(int(first[found]))[0] < target
    return wrong / len(drawn.labels), any_ / len(drawn.labels)
