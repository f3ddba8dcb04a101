"""What `core.quality` asks of a store: all letters by score bin, and the labelled ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.ports.counts import Counts
from core.ports.releases import Release


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Where n counts belong: parallel columns, one entry for each cell that holds anything.

    Attributes:
        versions: names that `version` points into.
        segments: names that `segment` points into.
        day: the UTC day, datetime64[D], shape (n,).
        version: index into versions, shape (n,).
        segment: index into segments, shape (n,).
        decision: True where the letters were decided positive, shape (n,).
        bin: score bin of the contract, -100..99, shape (n,).
    """

    versions: tuple[str, ...]
    segments: tuple[str, ...]
    day: NDArray[np.datetime64]
    version: Counts
    segment: Counts
    decision: NDArray[np.bool_]
    bin: Counts


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCounts:
    """All letters of a span by cell (metrics.score_hour).

    Attributes:
        letters: shape (n,).
    """

    cells: Cells
    letters: Counts


@dataclass(frozen=True, slots=True, eq=False)
class LabelCounts:
    """The labelled letters of a span by cell (metrics.labelled_letter).

    With w = 1 / inclusion probability of each label:

    Attributes:
        labels: how many, shape (n,).
        positives: how many are positive, shape (n,).
        weight: sum of w, shape (n,).
        weight_squared: sum of w^2, shape (n,).
        weight_positive: sum of w over the positive ones, shape (n,).
    """

    cells: Cells
    labels: Counts
    positives: Counts
    weight: NDArray[np.float64]
    weight_squared: NDArray[np.float64]
    weight_positive: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LabelLags:
    """How long labels took.

    Attributes:
        predicted: when the letters were scored, seconds since 1970, shape (n,).
        lag: from the score to the label, seconds, shape (n,).
    """

    predicted: NDArray[np.float64]
    lag: NDArray[np.float64]


class QualityReader(Protocol):
    """What `core.quality` asks. Spans are half-open, [start, end), in whole hours UTC.

    `known_at` cuts off labels that came later (labelled_at > known_at), so that a report of a past
    as-of says what could be known then.
    """

    def scores(self, service: str, start: datetime, end: datetime) -> ScoreCounts:
        """All letters of the hours of a span, by day."""

    def labels(
        self, service: str, start: datetime, end: datetime, known_at: datetime
    ) -> LabelCounts:
        """Labels of letters that were scored in a span, by day of the score."""

    def lags(self, service: str, start: datetime, end: datetime, known_at: datetime) -> LabelLags:
        """Lags of the labels of letters scored in a span: all, or the 20,000 newest by score."""

    def newest_hour(self, service: str, before: datetime) -> datetime | None:
        """The newest hour before a moment (hour < before) that has scores; None without any."""

    def newest_label(self, service: str, known_at: datetime) -> datetime | None:
        """When the newest label known at a moment was given (labelled_at); None without any."""

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
