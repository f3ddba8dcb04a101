"""What `core.milestones` and `core.scope` ask of a store: the plan as people wrote it.

A milestone is known by its name. It is there if a target of the service's goal names it, or if it
has a row of its own (`PlannedMilestone`), or both: then the targets' day counts, since criteria are
judged by it, and the row adds how many hands there are. `core.milestones.dates.united` unites them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

#: Rows of the scope matrix of a service that has no frame of its own: the stages of a life cycle.
STAGES = (
    "Launch: data",
    "Launch: research",
    "Launch: shadow run",
    "Operation: collecting false decisions",
    "Operation: retraining",
    "Operation: A/B test",
    "Operation: production metrics",
    "Operation: quick fixes",
    "Operation: accidents",
    "Operation: drills",
    "Decommissioning: saving data",
    "Decommissioning: switching off",
)
#: Its columns.
DIRECTIONS = ("Hardware", "Back-end", "Infrastructure", "ML / Logics", "Product features")
#: What is decided where a plan does not fit, with the words for it.
DECISIONS: Mapping[str, str] = {"simplify": "simplify", "extra_hands": "extra hands"}
#: What an iteration may promise to better.
ITERATION_MEASURES = ("precision", "recall")


@dataclass(frozen=True, slots=True)
class PlanFrame:
    """The rows and columns of a service's scope matrix (team.plan_frame).

    Attributes:
        revision: 0 where the service has none of its own and the defaults stand.
    """

    service: str
    stages: tuple[str, ...] = STAGES
    directions: tuple[str, ...] = DIRECTIONS
    revision: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """What people say about a milestone beyond its targets (team.milestone).

    Attributes:
        due_on: counts where no target names the milestone.
        hands: how many people work on it: ideal days are those of one person.
    """

    milestone_id: int
    service: str
    name: str
    due_on: date
    hands: int
    note: str
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work in a cell of the matrix (team.task). Its state is derived, never typed.

    Attributes:
        milestone: '' for one that no milestone has taken yet.
        owner: '' for nobody yet.
        ideal_days: working days of one person if all goes well, above 0.
        planned_start: None together with planned_end for one that is not planned yet; a task of a
            milestone always is.
        started_on: None while unknown; then it counts as begun when it should have.
        done_on: None while it is open.
        priority: 1 is first, 5 is last.
        depends_on: ids of tasks that have to be done before it, without cycles.
    """

    task_id: int
    service: str
    title: str
    stage: str
    direction: str
    milestone: str
    owner: str
    ideal_days: Decimal
    planned_start: date | None
    planned_end: date | None
    started_on: date | None
    done_on: date | None
    priority: int
    depends_on: tuple[int, ...]
    note: str
    created_by: str
    created_at: datetime
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EmptyCell:
    """A cell of the matrix that is meant to hold nothing, and why (team.scope_cell)."""

    cell_id: int
    service: str
    stage: str
    direction: str
    reason: str
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """A plan that was frozen under a name (team.baseline)."""

    baseline_id: int
    service: str
    name: str
    note: str
    frozen_by: str
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class BaselineTask:
    """A task as a baseline froze it (team.baseline_task)."""

    task_id: int
    title: str
    milestone: str
    ideal_days: Decimal
    planned_start: date
    planned_end: date


@dataclass(frozen=True, slots=True)
class PlanningDecision:
    """What was decided where a milestone's plan did not fit (team.planning_decision).

    Attributes:
        kind: a key of DECISIONS.
        task_id: about which task; None for the milestone as a whole.
        what: what gets simpler, or what the extra hands will do.
        who: who does it.
    """

    decision_id: int
    service: str
    milestone: str
    kind: str
    task_id: int | None
    what: str
    who: str
    decided_on: date
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Iteration:
    """A turn of an MVP: a slice of data, a model, a difference to measure (team.iteration).

    Attributes:
        data_slice: in words, e.g. '5M of 100M letters'.
        letters: how many letters the slice is to have, of how many (letters_of); None if not said.
        model_version: the model that comes out of it.
        against_version: today's solution, which it is held against.
        measure: one of ITERATION_MEASURES.
        wanted_delta: the difference hoped for, of 1: 0.01 is +1 %.
        result_delta: what was measured outside of this store's labels; None where nothing was.
        result_source: on what, and where that is kept.
    """

    iteration_id: int
    service: str
    title: str
    data_slice: str
    letters: int | None
    letters_of: int | None
    model_version: str
    against_version: str
    measure: str
    wanted_delta: Decimal
    starts_on: date
    ends_on: date
    note: str
    result_delta: Decimal | None = None
    result_on: date | None = None
    result_source: str = ""
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What a task was worth to a milestone's scope from a moment on, from the log of changes.

    Attributes:
        milestone: '' while no milestone has it, or once it was taken out.
        ideal_days: how much work it was said to be.
    """

    task_id: int
    at: datetime
    milestone: str
    ideal_days: Decimal


class PlanReader(Protocol):
    """What core asks about plans. Everything is as it was known at as_of; removed rows are out."""

    def frame(self, service: str, as_of: datetime) -> PlanFrame:
        """The rows and columns of the service's matrix; the defaults where it has none."""

    def milestones(self, service: str, as_of: datetime) -> tuple[PlannedMilestone, ...]:
        """The rows about milestones, by day and name."""

    def tasks(self, service: str, as_of: datetime) -> tuple[Task, ...]:
        """Every task, done or not, by id."""

    def empty_cells(self, service: str, as_of: datetime) -> tuple[EmptyCell, ...]:
        """Cells that are meant to hold nothing."""

    def baselines(self, service: str, as_of: datetime) -> tuple[Baseline, ...]:
        """The frozen plans, the newest first."""

    def baseline_tasks(self, baseline_id: int) -> tuple[BaselineTask, ...]:
        """The tasks of a frozen plan, by id."""

    def decisions(self, service: str, as_of: datetime) -> tuple[PlanningDecision, ...]:
        """What was decided where plans did not fit, the newest first."""

    def iterations(self, service: str, as_of: datetime) -> tuple[Iteration, ...]:
        """The turns of the MVP, the first one first."""

    def scope_changes(self, service: str, as_of: datetime) -> tuple[ScopeChange, ...]:
        """How the scope of milestones came about, oldest first."""
