"""What the service counts: the running minute, the hours' scores and the days' letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from core.stats.histogram import CELLS, cells_within, latency_cells
from core.stats.scores import ALL_BINS, BINS, score_bins
from db.demo.classifier import Rows
from db.demo.spambase.letters import SEGMENTS, Letters

#: The latency target of the lecture's third criterion, in ms.
TARGET_MS = 20.0
_FAST_CELLS = cells_within(TARGET_MS)


def _no_cells() -> NDArray[np.int64]:
    return np.zeros(CELLS, dtype=np.int64)


@dataclass(eq=False)
class MinuteCounts:
    """The letters of one minute; a letter's ordinal is how many of the minute came before it.

    Attributes:
        minute: floored, UTC.
        letters: received so far, failed ones included.
        errors: received and not answered.
        cells: latency histogram of the answered ones, shape (162,).
    """

    minute: datetime
    letters: int = 0
    errors: int = 0
    cells: NDArray[np.int64] = field(default_factory=_no_cells)
    _ordinals: list[Rows] = field(default_factory=list)
    _scores: list[NDArray[np.float64]] = field(default_factory=list)

    @classmethod
    def from_row(
        cls,
        letters: Letters,
        minute: datetime,
        received: int,
        errors: int,
        cells: NDArray[np.int64],
    ) -> MinuteCounts:
        """Go on from a row of metrics.serving_minute: score its letters again.

        The row does not say which letters failed: the last ones are taken for them. That matters
        only in a minute with errors, and there for which letters the score bins count, not for how
        many.
        """
        counts = cls(minute, letters=received, errors=errors, cells=cells.astype(np.int64))
        ordinals = np.arange(received - errors)
        counts._keep(ordinals, letters.scores[letters.positions(minute, ordinals)])
        return counts

    def _keep(self, ordinals: Rows, scores: NDArray[np.float64]) -> None:
        self._ordinals.append(ordinals)
        self._scores.append(scores)

    def next_ordinals(self, count: int) -> Rows:
        """The ordinals of the next letters; they count only once they are answered or failed."""
        return np.arange(self.letters, self.letters + count)

    def answered(self, scores: NDArray[np.float64], milliseconds: NDArray[np.float64]) -> None:
        """Count the next letters as answered: their scores and latencies, each shape (n,)."""
        self.cells += latency_cells(milliseconds)
        self._keep(self.next_ordinals(len(scores)), scores)
        self.letters += len(scores)

    def failed(self, count: int) -> None:
        """Count the next letters as received and never answered."""
        self.letters += count
        self.errors += count

    @property
    def slow(self) -> int:
        """Answered letters that took more than 20 ms."""
        return int(self.cells[_FAST_CELLS:].sum())

    def answers(self) -> tuple[Rows, NDArray[np.float64]]:
        """Ordinals and scores of the answered letters, each shape (letters - errors,)."""
        if not self._ordinals:
            return np.empty(0, dtype=np.int64), np.empty(0)
        # Joined once: a minute has thousands of batches and is asked for its answers twice.
        self._ordinals = [np.concatenate(self._ordinals)]
        self._scores = [np.concatenate(self._scores)]
        return self._ordinals[0], self._scores[0]


@dataclass(frozen=True)
class ScoreCount:
    """Letters of one row of metrics.score_hour."""

    segment: str
    decision: bool
    bin: int
    letters: int


class HourCounts:
    """The answered letters of one hour by segment, decision and score bin."""

    def __init__(self) -> None:
        self._letters = np.zeros((len(SEGMENTS), 2, BINS), dtype=np.int64)

    def add(self, letters: Letters, minute: MinuteCounts) -> None:
        """Count the answered letters of a finished minute."""
        ordinals, scores = minute.answers()
        segment = letters.many_capitals[letters.positions(minute.minute, ordinals)].astype(np.int64)
        decision = (scores >= letters.threshold).astype(np.int64)
        place = (segment * 2 + decision) * BINS + (score_bins(scores) - int(ALL_BINS[0]))
        self._letters += np.bincount(place, minlength=self._letters.size).reshape(
            self._letters.shape
        )

    def rows(self) -> Iterator[ScoreCount]:
        """The counts above zero."""
        for segment, decision, at in np.argwhere(self._letters).tolist():
            yield ScoreCount(
                segment=SEGMENTS[segment],
                decision=bool(decision),
                bin=int(ALL_BINS[at]),
                letters=int(self._letters[segment, decision, at]),
            )
