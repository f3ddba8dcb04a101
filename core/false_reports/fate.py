"""What became of each group after a release: fixed, recurring, no traffic, or not yet told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.false_reports.settings import Settings
from core.ports import Counts
from core.stats.multiple import each_alpha
from core.stats.poisson import Interval, ratio

Floats = NDArray[np.float64]

#: Growth of the letters after the release beyond which more of them are called out of sight.
_MOST_GROWTH = 1e6
_HALVINGS = 50


class Fate(Enum):
    """What became of a group, with a word and an icon.

    Every rule is by the interval of the ratio of the two rates, after over before; LIMIT is
    `Settings.halved`.
    """

    #: The whole interval lies below LIMIT.
    FIXED = ("fixed", "task_alt")
    #: It is reported after the release, and the whole interval lies above LIMIT, or no fall at all
    #: is shown (the interval reaches 1).
    RECURRING = ("recurring", "replay")
    #: It is reported after the release, less than before, and LIMIT lies within the interval.
    UNDECIDED = ("undecided", "hourglass_empty")
    #: It is not reported after the release, but so few letters have been decided since that this
    #: shows nothing yet.
    TOO_EARLY = ("too early", "schedule")
    #: No letter of its segment was decided after the release; or it had stopped before, so that its
    #: silence is not the release's doing.
    NO_TRAFFIC = ("no traffic", "signal_disconnected")
    #: Neither side has a report that counts.
    NO_REPORTS = ("no reports", "remove")

    def __init__(self, word: str, icon: str) -> None:
        self.word = word
        self.icon = icon


FATES = tuple(Fate)
_AT = {fate: at for at, fate in enumerate(FATES)}


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of all segments: before the release, after it, and in the last part before it."""

    before: int
    after: int
    quiet: int


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """What is counted of some groups on the two sides of a release; arrays of shape (g,).

    Attributes:
        before: reports of decisions of the versions that the release replaced.
        before_letters: letters that these versions decided, of the group's segment.
        after: reports of decisions of the released version.
        after_letters: letters that it decided, of the group's segment.
        quiet: those of `before` that fall into the last part of the time before the release.
        quiet_letters: letters of that part.
        all_letters: of all segments.
    """

    before: Counts
    before_letters: Counts
    after: Counts
    after_letters: Counts
    quiet: Counts
    quiet_letters: Counts
    all_letters: Letters

    def of(self, chosen: NDArray[Any]) -> Sides:
        """Those of some groups: by a mask, or in the order of indices."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in _COLUMNS})

    def distinct(self) -> tuple[Sides, NDArray[np.int64]]:
        """Groups that differ, and which of these each group is; shapes (d,) and (g,).

        Counts are small and segments few, so that of a hundred thousand groups some hundreds
        differ: what is worked out for those is worked out for all.
        """
        same = np.zeros(self.before.shape, np.int64)
        for name in _COLUMNS:
            values, at = np.unique(getattr(self, name), return_inverse=True)
            _, first, same = np.unique(
                same * values.size + at, return_index=True, return_inverse=True
            )
        return self.of(first), same

    def summed(self) -> Sides:
        """All groups as one, against the letters of all segments; arrays of shape (1,)."""
        return pooled(
            int(self.before.sum()), int(self.after.sum()), int(self.quiet.sum()), self.all_letters
        )


def pooled(before: int, after: int, quiet: int, letters: Letters) -> Sides:
    """Sides of one entry."""

    def one(value: int) -> Counts:
        return np.array([value], np.int64)

    return Sides(
        before=one(before),
        before_letters=one(letters.before),
        after=one(after),
        after_letters=one(letters.after),
        quiet=one(quiet),
        quiet_letters=one(letters.quiet),
        all_letters=letters,
    )


_COLUMNS = ("before", "before_letters", "after", "after_letters", "quiet", "quiet_letters")


@dataclass(frozen=True, slots=True, eq=False)
class Fates:
    """What became of groups; arrays of shape (g,).

    Attributes:
        codes: into `FATES`.
        ratio: the rate after over the rate before, with its adjusted interval.
        more_letters: how many more letters of its segment would settle it, if it goes on as it is;
            NaN where nothing is open, or no number of letters would.
        confidence: of each interval alone, so that all of them hold together.
    """

    codes: NDArray[np.int8]
    ratio: Interval
    more_letters: Floats
    confidence: float

    def at(self, places: NDArray[np.int64]) -> Fates:
        """Those of some places, in their order."""
        return Fates(
            self.codes[places],
            self.ratio.at(places),
            self.more_letters[places],
            self.confidence,
        )

    def count(self, fate: Fate) -> int:
        """How many groups fared so."""
        return int((self.codes == _AT[fate]).sum())

    def of(self, at: int) -> Fate:
        """The fate of one group."""
        return FATES[int(self.codes[at])]


def fates(sides: Sides, settings: Settings, comparisons: int | None = None) -> Fates:
    """Judge groups.

    Args:
        sides: what is counted of them.
        settings: limits.
        comparisons: how many intervals share the error (Bonferroni); by default as many as groups
            that have a report before. An interval that holds for all of them together is what a
            sentence such as "7 of 9 are fixed" needs.
    """
    if comparisons is None:
        comparisons = int((sides.before > 0).sum())
    alone = 1 - each_alpha(1 - settings.confidence, comparisons)
    limit = settings.halved
    found = _ratio(sides, alone)
    reported = sides.after > 0
    fixed = found.high < limit
    recurring = reported & ~fixed & ((found.low > limit) | (found.high >= 1))
    silent = ~reported & ((sides.after_letters == 0) | _stopped(sides, settings))
    never = (sides.before == 0) & (sides.after == 0)
    rules = (
        (never, Fate.NO_REPORTS),
        # Before any letter of the release is old enough, silence is no more than early.
        (silent & (sides.all_letters.after > 0), Fate.NO_TRAFFIC),
        (fixed, Fate.FIXED),
        (recurring, Fate.RECURRING),
        (reported, Fate.UNDECIDED),
    )
    codes = np.select(
        [rule for rule, _ in rules], [_AT[fate] for _, fate in rules], _AT[Fate.TOO_EARLY]
    ).astype(np.int8)
    open_ = (codes == _AT[Fate.TOO_EARLY]) | (codes == _AT[Fate.UNDECIDED])
    return Fates(codes, found, _more_letters(sides, open_, limit, alone), alone)


def _ratio(sides: Sides, confidence: float) -> Interval:
    return ratio(
        sides.before,
        sides.before_letters,
        sides.after,
        sides.after_letters,
        confidence=confidence,
    )


def _stopped(sides: Sides, settings: Settings) -> NDArray[np.bool_]:
    """Whether a group had fallen silent before the release, judged by its earlier rate."""
    earlier = sides.before_letters - sides.quiet_letters
    told = earlier > 0
    rate = np.where(told, sides.before - sides.quiet, 0) / np.where(told, earlier, 1)
    return np.asarray((sides.quiet == 0) & (rate * sides.quiet_letters >= settings.expected))


def _more_letters(
    sides: Sides, open_: NDArray[np.bool_], limit: float, confidence: float
) -> Floats:
    """Letters until the interval leaves the limit out, if both rates stay what they are."""
    needed = np.full(open_.shape, np.nan)
    at = np.flatnonzero(open_ & (sides.before > 0) & (sides.before_letters > 0))
    if not at.size:
        return needed
    before, before_letters = sides.before[at], sides.before_letters[at]
    # Without a letter after the release, as many as were decided before are a scale to begin from.
    letters = np.maximum(sides.after_letters[at], 1).astype(np.float64)
    rate = sides.after[at] / letters

    def settled(growth: Floats) -> NDArray[np.bool_]:
        grown = letters * growth
        seen = ratio(before, before_letters, rate * grown, grown, confidence=confidence)
        return np.asarray((seen.high < limit) | (seen.low > limit))

    low = np.ones(at.size)
    high = np.maximum(_MOST_GROWTH * before_letters / letters, 2.0)
    ever = settled(high)
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * high)
        enough = settled(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    needed[at] = np.where(ever, np.ceil(letters * high) - sides.after_letters[at], np.nan)
    return needed
