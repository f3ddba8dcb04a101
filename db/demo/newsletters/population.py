"""Whose scores the simulated letters get, and with that the truth about precision and recall.

Scores of newsletters and of other letters follow the real classifier's score distributions on
Spambase. The threshold and the share of newsletters are then chosen so that the truth comes out at
about 99.2 % precision and 71 % recall: near enough to the lecture's 99 / 70 that labels have to
decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.stats.scores import ALL_BINS, BINS, LOWEST_BIN, lower_edge
from db.demo.newsletters import story

Floats = NDArray[np.float64]

#: The letters' languages, in the order of the contract's key.
SEGMENTS = ("en", "ru")
#: What of the letters is in each language.
SEGMENT_SHARES: Floats = np.array([0.22, 0.78])
#: Odds of being a newsletter against those of a Russian letter.
SEGMENT_ODDS: Floats = np.array([0.8, 1.0])
TRUE_PRECISION, TRUE_RECALL = 0.992, 0.711
#: Of 30 days before the anchor, the share that each version served: what "overall" means when
#: tuning.
VERSION_SHARES: Floats = np.array([19 / 30, 11 / 30])
#: How many bins the scores lie above those of Spambase, by version and segment: bert-4 knows
#: newsletters better, bert-3 also likes other letters more; English is served a little worse by
#: both.
POSITIVE_SHIFTS: Floats = np.array([[-0.8, 0.0], [-0.3, 0.5]])
NEGATIVE_SHIFTS: Floats = np.array([[0.5, 0.4], [0.1, 0.0]])
#: Bins with less than this share of a class (a few letters an hour) are left out: rows cost disk.
THINNEST = 1e-7


class ClassScores(Protocol):
    """What `db.demo.classifier.class_scores` returns: shares of the bins by class, each (200,)."""

    @property
    def positive(self) -> Floats:
        """Newsletters."""

    @property
    def negative(self) -> Floats:
        """Other letters."""


@dataclass(frozen=True, eq=False)
class Population:
    """The letters' scores and what they truly are.

    Attributes:
        threshold_bin: letters in this bin or above go to the newsletters folder.
        newsletters: share of newsletters by segment, shape (2,).
        positive: shares of the bins among newsletters by version and segment, shape (2, 2, 200).
        negative: the same among other letters.
    """

    threshold_bin: int
    newsletters: Floats
    positive: Floats
    negative: Floats

    @property
    def threshold(self) -> float:
        """The operating threshold, the lower edge of a bin, so that no bin is decided both ways."""
        return lower_edge(self.threshold_bin)

    @property
    def decided(self) -> NDArray[np.bool_]:
        """Which bins are decided positive, shape (200,)."""
        return np.asarray(self.threshold_bin <= ALL_BINS)

    @property
    def mixture(self) -> Floats:
        """Shares of the bins among all letters by version and segment, shape (2, 2, 200)."""
        return np.asarray(self._newsletter_mass + self._other_mass)

    @property
    def probability(self) -> Floats:
        """P(newsletter | version, segment, bin), shape (2, 2, 200); 0 where no letter is."""
        both = self.mixture
        return np.asarray(
            np.divide(self._newsletter_mass, both, out=np.zeros_like(both), where=both > 0)
        )

    @property
    def _newsletter_mass(self) -> Floats:
        return np.asarray(self.newsletters[None, :, None] * self.positive)

    @property
    def _other_mass(self) -> Floats:
        return np.asarray((1 - self.newsletters)[None, :, None] * self.negative)

    def quality(self, versions: Floats, segments: Floats = SEGMENT_SHARES) -> tuple[float, float]:
        """True precision and recall of a mix.

        Args:
            versions: each version's share of the letters, shape (2,).
            segments: each segment's share, shape (2,).
        """
        weight = versions[:, None, None] * segments[None, :, None]
        newsletter = (weight * self._newsletter_mass).sum(axis=(0, 1))
        other = (weight * self._other_mass).sum(axis=(0, 1))
        hit, wrong = newsletter[self.decided].sum(), other[self.decided].sum()
        return float(hit / (hit + wrong)), float(hit / newsletter.sum())


def build(scores: ClassScores) -> Population:
    """Choose threshold and share of newsletters for the truth that is wanted.

    Raises:
        ValueError: the score distributions are not two arrays of 200 shares.
    """
    for name, shares in (("positive", scores.positive), ("negative", scores.negative)):
        if shares.shape != (BINS,) or abs(shares.sum() - 1) > 1e-6 or shares.min() < 0:
            raise ValueError(f"scores.{name} must be {BINS} shares that add up to 1")
    positive = _shifted(scores.positive, POSITIVE_SHIFTS)
    negative = _shifted(scores.negative, NEGATIVE_SHIFTS)
    weight = VERSION_SHARES[:, None] * SEGMENT_SHARES[None, :]
    caught = (weight[:, :, None] * positive).sum(axis=(0, 1))[::-1].cumsum()[::-1]
    threshold = int(np.abs(caught - TRUE_RECALL).argmin()) + LOWEST_BIN
    low, high = 0.0, 1.0
    for _ in range(60):
        # Precision grows with the share of newsletters: halve until it fits.
        share = (low + high) / 2
        odds = share / (1 - share) * SEGMENT_ODDS
        found = Population(threshold, odds / (1 + odds), positive, negative)
        precision, _recall = found.quality(VERSION_SHARES)
        low, high = (share, high) if precision < TRUE_PRECISION else (low, share)
    return found


def _shifted(shares: Floats, shifts: Floats) -> Floats:
    """Shares moved up by fractions of bins, without those too thin, shape (2, 2, 200)."""
    bins = ALL_BINS.astype(np.float64)
    moved = np.array([[np.interp(bins - by, bins, shares) for by in line] for line in shifts])
    moved[moved < THINNEST] = 0.0
    return np.asarray(moved / moved.sum(axis=2, keepdims=True))


def truths(
    population: Population, overall: Mapping[str, float]
) -> Iterator[tuple[str, float, str]]:
    """What is true of the letters, as (quantity, value, note).

    Args:
        population: the letters.
        overall: each version's share of the letters in the 30 days before the anchor.
    """
    shares = np.array([overall[version] for version in story.VERSIONS])
    precision, recall = population.quality(shares)
    span = "all letters of the 30 days before the anchor, both versions"
    yield "precision", precision, span
    yield "recall", recall, span
    for index, version in enumerate(story.VERSIONS):
        only = np.eye(len(story.VERSIONS))[index]
        precision, recall = population.quality(only)
        yield f"precision:{version}", precision, f"letters that {version} decided"
        yield f"recall:{version}", recall, f"letters that {version} decided"
        for at, segment in enumerate(SEGMENTS):
            precision, recall = population.quality(only, np.eye(len(SEGMENTS))[at])
            yield f"precision:{version}:{segment}", precision, f"the same, segment {segment} only"
            yield f"recall:{version}:{segment}", recall, f"the same, segment {segment} only"
    yield "threshold", population.threshold, "score at and above which a letter leaves the Inbox"
    yield "threshold_bin", float(population.threshold_bin), "the bin whose lower edge it is"
    share = float(population.newsletters @ SEGMENT_SHARES)
    yield "newsletters_share", share, "share of newsletters among all letters"
    for at, segment in enumerate(SEGMENTS):
        note = f"share of newsletters among letters of segment {segment}"
        yield f"newsletters_share:{segment}", float(population.newsletters[at]), note
        yield f"letters_share:{segment}", float(SEGMENT_SHARES[at]), f"share of {segment} letters"
