"""The report of the scope: what a plan covers, stage by direction, and where it has gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.ports.plan import PlanFrame, PlanReader, Task
from core.scope.matrix import GAP, Cell, Coverage, cells, outside


@dataclass(frozen=True, slots=True)
class ScopeReport:
    """What the Scope page, the terminal and the review show.

    Attributes:
        frame: the rows and columns; its revision is 0 where they are the defaults.
        cells: row by row.
        whole: the coverage of all cells.
        by_stage: of each row, in order.
        by_direction: of each column, in order.
        outside: tasks of stages and directions that the frame does not have.
        tasks: how many tasks there are, those outside included.
    """

    service: str
    as_of: datetime
    frame: PlanFrame
    cells: tuple[Cell, ...]
    whole: Coverage
    by_stage: tuple[Coverage, ...]
    by_direction: tuple[Coverage, ...]
    outside: tuple[Task, ...]
    tasks: int

    @property
    def gaps(self) -> tuple[Cell, ...]:
        """Cells about which nobody has said anything, row by row."""
        return tuple(cell for cell in self.cells if cell.state == GAP)

    @property
    def contradictions(self) -> tuple[Cell, ...]:
        """Cells that are said to hold nothing, and hold tasks."""
        return tuple(cell for cell in self.cells if cell.contradicts)

    def cell(self, stage: str, direction: str) -> Cell | None:
        """A cell by its names; None where the matrix has none such."""
        wanted = (stage, direction)
        return next((one for one in self.cells if (one.stage, one.direction) == wanted), None)


def report(reader: PlanReader, service: str, as_of: datetime) -> ScopeReport:
    """The scope matrix of a service as it was known at a moment."""
    frame = reader.frame(service, as_of)
    tasks = reader.tasks(service, as_of)
    found = cells(frame, tasks, reader.empty_cells(service, as_of))
    by_stage = [
        Coverage.of(name, (one for one in found if one.stage == name)) for name in frame.stages
    ]
    by_direction = [
        Coverage.of(name, (one for one in found if one.direction == name))
        for name in frame.directions
    ]
    return ScopeReport(
        service=service,
        as_of=as_of,
        frame=frame,
        cells=found,
        whole=Coverage.of(service, found),
        by_stage=tuple(by_stage),
        by_direction=tuple(by_direction),
        outside=outside(frame, tasks),
        tasks=len(tasks),
    )
