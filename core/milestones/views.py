"""A milestone with all that follows from its tasks and criteria."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from core.milestones.burn_up import BurnUp
from core.milestones.dates import Milestone
from core.milestones.forecast import MilestoneForecast
from core.milestones.graph import CriticalPath
from core.milestones.rule import PlanningRule
from core.milestones.states import TaskState, TaskView
from core.ports.plan import PlanningDecision
from core.status import Status, Verdict


class MilestoneState(Enum):
    """Where a milestone stands, with its word and the status whose colour and icon it has.

    Met: every task is done and every criterion holds. Empty: it has neither. Unknown: nothing
    speaks against it, and a criterion has no data that could.
    """

    OVERDUE = ("overdue", Status.BREACHED)
    AT_RISK = ("at risk", Status.AT_RISK)
    ON_TRACK = ("on track", Status.ON_TARGET)
    UNKNOWN = ("unknown", Status.NO_DATA)
    EMPTY = ("empty", Status.NO_DATA)
    MET = ("met", Status.ON_TARGET)

    def __init__(self, word: str, status: Status) -> None:
        self.word = word
        self.status = status


@dataclass(frozen=True, slots=True)
class MilestoneView:
    """A milestone at a moment.

    Attributes:
        reasons: why it is overdue, at risk or unknown, as sentences; '()' otherwise.
        verdicts: of its criteria, held against its own targets; those of a milestone that is not
            the next one are not due.
        tasks: its tasks, by planned start, priority and id.
        rule: None where it is met, or has no due date.
        critical: the critical path; None without open tasks.
        forecast: None without open tasks, or where the history is too thin.
        decisions: what was decided where its plan did not fit, the newest first.
    """

    milestone: Milestone
    state: MilestoneState
    reasons: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    tasks: tuple[TaskView, ...]
    rule: PlanningRule | None
    critical: CriticalPath | None
    forecast: MilestoneForecast | None
    burn_up: BurnUp
    decisions: tuple[PlanningDecision, ...]

    @property
    def name(self) -> str:
        """Its name: data."""
        return self.milestone.name

    @property
    def due_on(self) -> date | None:
        """When it is due; None where nobody said."""
        return self.milestone.due_on

    @property
    def open_tasks(self) -> tuple[TaskView, ...]:
        """Tasks that are still to be done."""
        return tuple(one for one in self.tasks if one.state is not TaskState.DONE)

    @property
    def done(self) -> int:
        """How many of its tasks are done."""
        return sum(one.state is TaskState.DONE for one in self.tasks)

    @property
    def slip_days(self) -> int | None:
        """Calendar days by which its last task has slipped; None without a baseline of any.

        From the baseline's last end to the last end as things stand, of the tasks in both.
        """
        frozen = [
            (one.baseline.planned_end, one.slip_days)
            for one in self.tasks
            if one.baseline is not None and one.slip_days is not None
        ]
        if not frozen:
            return None
        last = max(end for end, _ in frozen)
        return max((end - last).days + slip for end, slip in frozen)
