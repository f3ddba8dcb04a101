"""A plan in memory for `core.milestones`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.ports.plan import (
    Baseline,
    BaselineTask,
    EmptyCell,
    Iteration,
    PlanFrame,
    PlannedMilestone,
    PlanningDecision,
    ScopeChange,
    Task,
)


@dataclass(frozen=True)
class FakePlanReader:
    """Fulfils `core.ports.plan.PlanReader`; nothing in it changes with time."""

    planned: Sequence[PlannedMilestone] = ()
    written: Sequence[Task] = ()
    frozen: Sequence[Baseline] = ()
    frozen_tasks: Mapping[int, Sequence[BaselineTask]] = field(default_factory=dict)
    decided: Sequence[PlanningDecision] = ()
    turns: Sequence[Iteration] = ()
    scope: Sequence[ScopeChange] = ()

    def frame(self, service: str, as_of: datetime) -> PlanFrame:
        """The defaults."""
        return PlanFrame(service)

    def milestones(self, service: str, as_of: datetime) -> tuple[PlannedMilestone, ...]:
        """Rows about milestones."""
        return tuple(self.planned)

    def tasks(self, service: str, as_of: datetime) -> tuple[Task, ...]:
        """Every task."""
        return tuple(self.written)

    def empty_cells(self, service: str, as_of: datetime) -> tuple[EmptyCell, ...]:
        """None."""
        return ()

    def baselines(self, service: str, as_of: datetime) -> tuple[Baseline, ...]:
        """Frozen plans."""
        return tuple(self.frozen)

    def baseline_tasks(self, baseline_id: int) -> tuple[BaselineTask, ...]:
        """Tasks of a frozen plan."""
        return tuple(self.frozen_tasks.get(baseline_id, ()))

    def decisions(self, service: str, as_of: datetime) -> tuple[PlanningDecision, ...]:
        """What was decided."""
        return tuple(self.decided)

    def iterations(self, service: str, as_of: datetime) -> tuple[Iteration, ...]:
        """Turns of the MVP."""
        return tuple(self.turns)

    def scope_changes(self, service: str, as_of: datetime) -> tuple[ScopeChange, ...]:
        """How scope came about."""
        return tuple(self.scope)
