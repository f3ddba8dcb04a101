"""Which letter comes when, and what is known of it before it is scored.

The held-out letters of Spambase come by in one fixed, mixed order, again and again. Where a minute
starts in that order follows from the minute alone, so that the k-th letter of a minute is known
without having been there: after a crash, how many letters a minute had tells which they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from core.stats.scores import score_bins
from db.demo.classifier import SEED, Features, Flags, Rows, Trained

SERVICE = "spambase"
#: The last of the 57 features: capital letters in the whole e-mail. It is known before the
#: decision, and the nearest that Spambase has to a letter's length.
CAPITALS_FEATURE = 56
#: Near the median, so that both segments are well filled.
MANY_CAPITALS = 100
#: Names of the segments: index 0 and 1 of a letter's `many_capitals`.
SEGMENTS = ("few capitals", "many capitals")


@dataclass(frozen=True, eq=False)
class Letters:
    """The letters that come by, in their order.

    Attributes:
        features: shape (n, 57).
        spam: the truth, shape (n,).
        many_capitals: the letter's segment, shape (n,).
        rows: the letter's row in the data set, shape (n,).
        scores: what the classifier gives each, shape (n,), for minutes that are counted again.
        threshold: a letter is decided positive at this score or above.
        model_version: who decides.
    """

    features: Features
    spam: Flags
    many_capitals: Flags
    rows: Rows
    scores: NDArray[np.float64]
    threshold: float
    model_version: str

    def __len__(self) -> int:
        return len(self.rows)

    def positions(self, minute: datetime, ordinals: Rows) -> Rows:
        """Where in the order the letters of a minute stand, by their ordinals from 0."""
        start = int(mixed(np.array([minute_number(minute)]), salt=1)[0] % np.uint64(len(self)))
        return (start + ordinals) % len(self)

    @property
    def threshold_bin(self) -> int:
        """The lowest score bin that is decided positive."""
        return int(score_bins(self.threshold))


def letters_of(trained: Trained) -> Letters:
    """The held-out letters, mixed: in the data set all spam comes before all the rest."""
    order = np.random.default_rng(SEED).permutation(len(trained.letter_ids))
    features = trained.features[order]
    return Letters(
        features=features,
        spam=trained.labels[order],
        many_capitals=features[:, CAPITALS_FEATURE] >= MANY_CAPITALS,
        rows=trained.letter_ids[order],
        scores=trained.scores(features),
        threshold=trained.threshold,
        model_version=trained.model_version,
    )


def floor_minute(moment: datetime) -> datetime:
    """The UTC minute that a moment lies in."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def floor_hour(moment: datetime) -> datetime:
    """The UTC hour that a moment lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def minute_number(minute: datetime) -> int:
    """Minutes since 1970."""
    return int(minute.timestamp()) // 60


def mixed(keys: NDArray[np.int64], salt: int) -> NDArray[np.uint64]:
    """Numbers that look random and follow from the keys alone: the finaliser of SplitMix64.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    values = keys.astype(np.uint64) + np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15 >> 8)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def uniform(minute: datetime, ordinals: Rows, salt: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each letter of a minute, always the same; shape of the ordinals."""
    keys = (np.int64(minute_number(minute)) << 32) + ordinals.astype(np.int64)
    return (mixed(keys, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53
