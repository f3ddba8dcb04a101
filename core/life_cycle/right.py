"""Who is right where candidate and production decide differently, as far as labels can tell.

Two sources. A labelled letter that was written under both versions, with each one's score and
decision, tells directly; such letters were drawn with known probabilities, so each stands for
1 / probability of them. Without any, production's labels bound what is possible: the candidate can
be right on no more of the letters that production alone decided positive than production was wrong
on at all. A bound is no estimate, and is never shown as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from core.life_cycle.shadow import ShadowRun
from core.ports.life_cycle import JudgedLetters
from core.quality import QualityReport
from core.stats.proportion import Share, weighted_share

#: With fewer labelled letters that were decided differently, nothing is told apart.
FEWEST_LETTERS = 30


@dataclass(frozen=True, slots=True)
class Judged:
    """Labelled letters that carry both decisions.

    Attributes:
        letters: how many were labelled.
        differing: of these, decided differently.
        right: of all letters decided differently, the share on which the candidate is right,
            estimated from them; None without one.
        production_only: the same of those that production alone decided positive.
        candidate_only: the same of those that the candidate alone decided positive.
    """

    letters: int
    differing: int
    right: Share | None
    production_only: Share | None
    candidate_only: Share | None

    @property
    def better(self) -> str:
        """'candidate', 'production', or '' where the labels do not tell them apart."""
        if self.right is None or self.differing < FEWEST_LETTERS:
            return ""
        if self.right.low > 0.5:
            return "candidate"
        return "production" if self.right.high < 0.5 else ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What production's labels leave possible, by their 95 % intervals, in letters of the run.

    Attributes:
        labels: they rest on.
        production_only: letters that production alone decided positive.
        right_on_them: of these, the candidate is right on at most so many.
        candidate_only: letters that the candidate alone decided positive.
        right_on_those: of these, it is right on at most so many; None where nothing bounds it.
    """

    labels: int
    production_only: int
    right_on_them: int
    candidate_only: int
    right_on_those: int | None

    @property
    def wrong_at_least(self) -> int:
        """Letters on which the candidate is wrong and production right, at least."""
        those = self.candidate_only if self.right_on_those is None else self.right_on_those
        return self.production_only - self.right_on_them + self.candidate_only - those


def judged(rows: Sequence[JudgedLetters]) -> Judged:
    """Count and weigh labelled letters that carry both decisions."""
    different = [one for one in rows if one.production != one.candidate]
    return Judged(
        sum(one.letters for one in rows),
        sum(one.letters for one in different),
        _share(different),
        _share([one for one in different if one.production]),
        _share([one for one in different if one.candidate]),
    )


def bounds(run: ShadowRun, quality: QualityReport | None) -> Bounds | None:
    """What production's labels of a run's hours leave possible; None without any."""
    if quality is None:
        return None
    precision, recall = (quality.whole.measures[name] for name in ("precision", "recall"))
    if precision.low is None or precision.high is None or not quality.labels.count:
        return None
    matrix = run.whole.matrix
    positive = matrix.both_positive + matrix.production_only
    wrong = ceil(positive * (1 - _exact(precision.low)))
    missed = None
    if recall.low:
        missed = ceil(positive * _exact(precision.high) * (1 / _exact(recall.low) - 1))
    return Bounds(
        quality.labels.count,
        matrix.production_only,
        min(matrix.production_only, wrong),
        matrix.candidate_only,
        None if missed is None else min(matrix.candidate_only, missed),
    )


def _exact(share: Fraction | float) -> Fraction:
    """A share as it is written: in floats, 1 - 0.99 is more than a hundredth."""
    return Fraction(str(share))


def _share(rows: Sequence[JudgedLetters]) -> Share | None:
    letters = np.array([one.letters for one in rows], np.int64)
    right = np.array([one.candidate == one.label for one in rows], np.bool_)
    weights = np.array([1 / one.probability for one in rows], np.float64)
    return weighted_share(np.repeat(right, letters), np.repeat(weights, letters))
