"""What `core.life_cycle` asks of a store: shadow runs, what was measured, and what people said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.ports.counts import Counts
from core.ports.releases import Release
from core.ports.training import TrainingRun
from core.timeframe import Span


@dataclass(frozen=True, slots=True, eq=False)
class ShadowHours:
    """Rows of metrics.shadow_hour as parallel columns of length n, by hour.

    Attributes:
        production: model versions, shape (n,).
        candidate: likewise.
        segment: likewise; 'all' stands for every letter.
        hour: when each hour begins, datetime64[s] in UTC.
        cells: letters, shape (n, 4): both positive, production alone, candidate alone, both
            negative.
        errors: letters on which the candidate failed, shape (n,).
        slow: letters that it answered too late, shape (n,).
        user_visible: letters whose handling it changed, shape (n,).
    """

    production: NDArray[np.object_]
    candidate: NDArray[np.object_]
    segment: NDArray[np.object_]
    hour: NDArray[np.datetime64]
    cells: Counts
    errors: Counts
    slow: Counts
    user_visible: Counts


@dataclass(frozen=True, slots=True)
class ServedHour:
    """An hour of what a version answered in production."""

    hour: datetime
    letters: int
    errors: int
    slow: int


@dataclass(frozen=True, slots=True)
class JudgedLetters:
    """Labelled letters that carry the decisions of two versions, alike in everything here.

    Attributes:
        production: its decision.
        candidate: its decision.
        label: what assessors said.
        probability: with which they were drawn for labelling.
        letters: how many.
    """

    production: bool
    candidate: bool
    label: bool
    probability: float
    letters: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What was done lately in a stage of operation.

    Attributes:
        newest: when something was done last; None where nothing ever was.
        count: how often in the stretch asked for.
    """

    newest: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class KeptItem:
    """Something that is there, and where (team.life_cycle_item).

    Attributes:
        item: its key, see `core.life_cycle.stages`.
        place: where it lies.
        removed_at: when somebody said that it is not there after all; None while it is.
    """

    item_id: int
    service: str
    item: str
    place: str
    note: str
    removed_at: datetime | None
    removed_by: str
    revision: int
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PassedGate:
    """A gate that somebody let the service or a model through (team.life_cycle_gate).

    Attributes:
        model_version: the model that passed; '' where it is about the whole service.
        reason: what they said.
        waiver: why it was passed without all that it requires; '' where all was there.
        waived: what was not there, by key.
        evidence: what it requires, as it was measured then.
        withdrawn_at: when it was taken back; None while it counts.
    """

    gate_id: int
    service: str
    gate: str
    model_version: str
    reason: str
    waiver: str
    waived: tuple[str, ...]
    evidence: tuple[Mapping[str, Any], ...]
    passed_by: str
    passed_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_why: str
    revision: int
    changed_by: str
    changed_at: datetime


class LifeCycleReader(Protocol):
    """What `core.life_cycle` asks."""

    def shadow_hours(self, service: str, start: datetime, end: datetime) -> ShadowHours:
        """Every row of the hours of a span, start <= hour < end, as known now."""

    def served(
        self, service: str, version: str, start: datetime, end: datetime
    ) -> tuple[ServedHour, ...]:
        """What a version answered in production in a span, by hour; hours without it left out."""

    def judged_twice(
        self,
        service: str,
        production: str,
        candidate: str,
        span: Span,
        known_at: datetime,
    ) -> tuple[JudgedLetters, ...]:
        """Letters scored in a span whose labels, known then, carry the decisions of both."""

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Every training run started before as_of, oldest first, as known now."""

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""

    def activities(self, service: str, since: datetime, as_of: datetime) -> Mapping[str, Activity]:
        """What was done in each stage of operation, by its key, counted since a moment."""

    def last_served(self, service: str, as_of: datetime) -> datetime | None:
        """The newest hour before as_of in which letters were served; None without any."""

    def items(self, service: str, as_of: datetime) -> tuple[KeptItem, ...]:
        """What is there at as_of, in the order in which it was said."""

    def gates(self, service: str, as_of: datetime) -> tuple[PassedGate, ...]:
        """Every gate passed by as_of, oldest first, those taken back included."""
