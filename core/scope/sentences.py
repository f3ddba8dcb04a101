"""What the scope report says in words; names of stages, directions and tasks in them are data."""

from __future__ import annotations

from core import wording
from core.scope.matrix import GAP, NOTHING, Cell
from core.scope.report import ScopeReport

NO_GAPS = "Every cell holds a task, or says why it is meant to be empty."


def headline(found: ScopeReport) -> str:
    """The finding, as the page's first sentence."""
    whole = found.whole
    if not found.tasks and not whole.nothing:
        return f"Nothing is planned for {found.service} yet"
    hold = "cells holds" if whole.filled == 1 else "cells hold"
    said = f"{whole.filled} of {whole.total} {hold} tasks"
    if whole.nothing:
        said += f", {wording.number_word(whole.nothing)} {_are(whole.nothing)} meant to be empty"
    if not whole.gaps:
        return f"{said}, and none is a gap"
    return f"{said}, {wording.number_word(whole.gaps)} {_are(whole.gaps)} gaps".replace(
        "is gaps", "is a gap"
    )


def state(cell: Cell) -> str:
    """The state of a cell in a few words."""
    if cell.state == GAP:
        return "gap"
    if cell.state == NOTHING:
        return "nothing, on purpose"
    counted = "1 task" if len(cell.tasks) == 1 else f"{len(cell.tasks)} tasks"
    if not cell.done:
        return counted
    return (
        f"{counted}, all done" if cell.done == len(cell.tasks) else f"{counted}, {cell.done} done"
    )


def contradiction(cell: Cell) -> str:
    """A cell that is said to hold nothing, and holds tasks."""
    holds = "a task" if len(cell.tasks) == 1 else f"{wording.number_word(len(cell.tasks))} tasks"
    return f"{cell.stage}, {cell.direction} is said to hold nothing, and holds {holds}."


def least_covered(found: ScopeReport) -> str:
    """Which stage and which direction have the most gaps; '' where there are none."""
    stage = max(found.by_stage, key=lambda one: one.gaps, default=None)
    direction = max(found.by_direction, key=lambda one: one.gaps, default=None)
    if stage is None or direction is None or not found.whole.gaps:
        return ""
    return (
        f"Most gaps: {stage.name} ({stage.gaps} of {stage.total} cells), "
        f"{direction.name} ({direction.gaps} of {direction.total})."
    )


def warnings(found: ScopeReport) -> tuple[str, ...]:
    """What does not fit together."""
    said = [contradiction(cell) for cell in found.contradictions]
    if found.outside:
        counted = (
            "One task is"
            if len(found.outside) == 1
            else f"{wording.number_word(len(found.outside)).capitalize()} tasks are"
        )
        said.append(f"{counted} of a stage or a direction that the matrix does not have.")
    return tuple(said)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
