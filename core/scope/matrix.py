"""The scope matrix: stage by direction, each cell with its tasks, meant to be empty, or a gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.ports.plan import EmptyCell, PlanFrame, Task

#: The states of a cell.
TASKS, NOTHING, GAP = "tasks", "nothing", "gap"


@dataclass(frozen=True, slots=True)
class Cell:
    """What is to be done in one direction at one stage.

    Attributes:
        tasks: open ones first, by priority and day; what is done last.
        nothing: who said that the cell is meant to be empty, and why; None where nobody did.
    """

    stage: str
    direction: str
    tasks: tuple[Task, ...]
    nothing: EmptyCell | None

    @property
    def state(self) -> str:
        """TASKS wherever there is one, else NOTHING where somebody said so, else GAP."""
        if self.tasks:
            return TASKS
        return GAP if self.nothing is None else NOTHING

    @property
    def done(self) -> int:
        """How many of the tasks are done."""
        return sum(task.done_on is not None for task in self.tasks)

    @property
    def contradicts(self) -> bool:
        """Somebody said that it is meant to be empty, and it holds tasks."""
        return bool(self.tasks) and self.nothing is not None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of some cells is thought through: a stage's, a direction's, or all.

    Attributes:
        filled: cells with tasks.
        nothing: cells that are meant to be empty.
        gaps: cells about which nobody has said anything.
    """

    name: str
    filled: int
    nothing: int
    gaps: int

    @property
    def total(self) -> int:
        """All of the cells."""
        return self.filled + self.nothing + self.gaps

    @property
    def answered(self) -> int:
        """Cells that are no gaps."""
        return self.filled + self.nothing

    @classmethod
    def of(cls, name: str, cells: Iterable[Cell]) -> Coverage:
        """Count some cells."""
        states = [cell.state for cell in cells]
        return cls(name, *(states.count(state) for state in (TASKS, NOTHING, GAP)))


def cells(frame: PlanFrame, tasks: Sequence[Task], empty: Sequence[EmptyCell]) -> tuple[Cell, ...]:
    """Every cell of a frame, row by row.

    Args:
        frame: the stages and directions.
        tasks: those outside of the frame are left out; see `outside`.
        empty: cells that are meant to hold nothing.
    """
    held: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        held.setdefault((task.stage, task.direction), []).append(task)
    said = {(one.stage, one.direction): one for one in empty}
    return tuple(
        Cell(
            stage,
            direction,
            tuple(sorted(held.get((stage, direction), ()), key=_order)),
            said.get((stage, direction)),
        )
        for stage in frame.stages
        for direction in frame.directions
    )


def outside(frame: PlanFrame, tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Tasks of a stage or a direction that the frame does not have any more."""
    return tuple(
        task
        for task in tasks
        if task.stage not in frame.stages or task.direction not in frame.directions
    )


def _order(task: Task) -> tuple[bool, int, date, int]:
    return (
        task.done_on is not None,
        task.priority,
        task.planned_end or date.max,
        task.task_id,
    )
