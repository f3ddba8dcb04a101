"""Which letters assessors judge, how likely each was to be chosen, and when the label comes.

The label is Spambase's own. Chance follows from the letter's minute and ordinal
(`letters.uniform`), so a service that starts again chooses the same letters again and no label is
lost or doubled.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.scores import score_bins
from db.demo.classifier import Rows
from db.demo.spambase.letters import SEGMENTS, Letters, uniform

#: Bins (tenths of a logit) from the threshold within which a letter is near it, and not far.
NEAR_BINS = 10
MIDDLE_BINS = 30
#: Shares of the letters that are labelled: most where a decision is least sure, some everywhere.
#: At 300 letters a second about 33 labels a minute.
NEAR, MIDDLE, FAR = 0.005, 0.002, 0.0005
#: An assessor needs a minute, and with the queue about three more, never over a quarter of an hour.
SHORTEST_LAG = timedelta(minutes=1)
MEAN_WAIT = timedelta(minutes=3)
LONGEST_LAG = timedelta(minutes=15)


@dataclass(frozen=True, order=True)
class Label:
    """One row of metrics.labelled_letter, without service, model version and labeller."""

    labelled_at: datetime
    letter_id: str
    predicted_at: datetime
    segment: str
    score: float
    decision: bool
    label: bool
    inclusion_probability: float


def inclusion_probabilities(scores: ArrayLike, threshold_bin: int) -> NDArray[np.float64]:
    """The probability with which a letter of each score is labelled, same shape."""
    bins = score_bins(scores).astype(np.int64)
    # From the nearest edge of the threshold's bin: as many bins under it as above.
    distance = np.where(bins >= threshold_bin, bins - threshold_bin, threshold_bin - 1 - bins)
    return np.select([distance < NEAR_BINS, distance < MIDDLE_BINS], [NEAR, MIDDLE], FAR)


def labels_of_minute(
    letters: Letters, minute: datetime, instance: str, ordinals: Rows, scores: NDArray[np.float64]
) -> list[Label]:
    """The labels that the answered letters of a finished minute will get.

    Args:
        letters: the letters that come by.
        minute: when they came; it is also their `predicted_at`, which is kept to the minute.
        instance: who answered.
        ordinals: which letters of the minute were answered, shape (n,).
        scores: their scores, shape (n,).

    Returns:
        A label for each chosen letter, of unique `letter_id`; the same at every call.
    """
    probability = inclusion_probabilities(scores, letters.threshold_bin)
    chosen = np.flatnonzero(uniform(minute, ordinals, salt=2) < probability)
    wait = -np.log1p(-uniform(minute, ordinals[chosen], salt=3))
    positions = letters.positions(minute, ordinals[chosen])
    return [
        Label(
            labelled_at=minute + min(SHORTEST_LAG + MEAN_WAIT * float(waited), LONGEST_LAG),
            letter_id=f"{letters.rows[at]}-{minute:%Y%m%dT%H%M}-{ordinals[k]}-{instance}",
            predicted_at=minute,
            segment=SEGMENTS[int(letters.many_capitals[at])],
            score=float(scores[k]),
            decision=bool(scores[k] >= letters.threshold),
            label=bool(letters.spam[at]),
            inclusion_probability=float(probability[k]),
        )
        for k, at, waited in zip(chosen, positions, wait, strict=True)
    ]


class PendingLabels:
    """Labels that are on their way, by the time they come."""

    def __init__(self) -> None:
        self._queue: list[Label] = []

    def add(self, labels: list[Label]) -> None:
        """Send letters to the assessors."""
        for label in labels:
            heapq.heappush(self._queue, label)

    def due(self, now: datetime) -> Iterator[Label]:
        """Take out the labels that have come by now, the earliest first."""
        while self._queue and self._queue[0].labelled_at <= now:
            yield heapq.heappop(self._queue)
