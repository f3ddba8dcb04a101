"""Which tasks the table shows: filters that the URL carries, so that a link shows what was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.milestones.states import TaskState, TaskView
from core.ports.plan import PlanFrame

ALL = "all"
#: Stands for tasks that no milestone has taken yet, and for those that nobody owns.
NONE = "none yet"
#: All states but done.
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a task has to be to be shown; ALL lets every one pass."""

    milestone: str = ALL
    stage: str = ALL
    direction: str = ALL
    state: str = ALL
    owner: str = ALL

    def lets(self, view: TaskView) -> bool:
        """Whether a task passes."""
        task = view.task
        if self.state == OPEN and view.state is TaskState.DONE:
            return False
        return (
            self.milestone in {ALL, task.milestone or NONE}
            and self.stage in {ALL, task.stage}
            and self.direction in {ALL, task.direction}
            and self.state in {ALL, OPEN, view.state.word}
            and self.owner in {ALL, task.owner or NONE}
        )


def filters(views: Sequence[TaskView], frame: PlanFrame, milestones: Sequence[str]) -> Wanted:
    """One field a filter; each begins with what the URL says."""
    owners = sorted({view.task.owner for view in views if view.task.owner})
    columns = st.columns(5)

    def choose(at: int, label: str, key: str, options: Sequence[str]) -> str:
        with columns[at]:
            return _choice(label, key, (ALL, *options))

    stages = _with_held(frame.stages, views, lambda view: view.task.stage)
    directions = _with_held(frame.directions, views, lambda view: view.task.direction)
    return Wanted(
        milestone=choose(0, "Of milestone", "of", (*milestones, NONE)),
        stage=choose(1, "Of stage", "stage", stages),
        direction=choose(2, "Of direction", "direction", directions),
        state=choose(3, "In state", "state", (OPEN, *(state.word for state in TaskState))),
        owner=choose(4, "Of owner", "owner", (*owners, NONE)),
    )


def _choice(label: str, key: str, options: Sequence[str]) -> str:
    """What is chosen, kept in the URL; what the URL says and nothing is called is left out."""
    asked = st.query_params.get(key, ALL)
    field = f"task_filter_{key}"
    st.session_state[field] = asked if asked in options else ALL

    def chosen() -> None:
        if st.session_state[field] == ALL:
            st.query_params.pop(key, None)
        else:
            st.query_params[key] = st.session_state[field]

    return str(st.selectbox(label, options, key=field, on_change=chosen))


def _with_held(
    names: Sequence[str], views: Sequence[TaskView], of: Callable[[TaskView], str]
) -> tuple[str, ...]:
    """The frame's names and those that tasks have beside them."""
    return tuple(dict.fromkeys((*names, *(of(view) for view in views))))
