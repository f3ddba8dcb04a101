"""The tasks in a table; a chosen line opens its task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from core.charts.milestones.words import against_plan
from core.milestones.states import TaskState, TaskView
from pages.parts.milestones.choice import look_at_task

_KEY = "task_table"
_ORDER = (
    *(TaskState.LATE, TaskState.BLOCKED, TaskState.RUNNING),
    *(TaskState.PLANNED, TaskState.UNPLANNED, TaskState.DONE),
)


def in_order(views: Iterable[TaskView]) -> list[TaskView]:
    """Tasks as they are looked at: late ones first, what is done last, the newest of it first."""
    return sorted(views, key=_rank)


def _rank(view: TaskView) -> tuple[int, int]:
    end = view.task.done_on or view.task.planned_end or date.max
    done = view.state is TaskState.DONE
    return _ORDER.index(view.state), -end.toordinal() if done else end.toordinal()


def table(shown: Sequence[TaskView]) -> None:
    """The table of some tasks."""

    def clicked() -> None:
        rows = st.session_state[_KEY].selection.rows
        look_at_task(shown[rows[0]].task.task_id if rows else None)

    st.dataframe(
        _frame(shown),
        hide_index=True,
        key=_KEY,
        on_select=clicked,
        selection_mode="single-row",
        height=min(38 + 35 * len(shown), 460),
        column_config={
            "#": st.column_config.NumberColumn(width=50, format="%d"),
            "Task": st.column_config.TextColumn(width=300),
            "Ideal days": st.column_config.NumberColumn(width="small", format="%.1f"),
            "From": st.column_config.DateColumn(format="D MMM YYYY"),
            "To": st.column_config.DateColumn(format="D MMM YYYY"),
            "P85": st.column_config.DateColumn(format="D MMM YYYY"),
        },
        alt="Tasks with their states and dates.",
    )


def _frame(shown: Sequence[TaskView]) -> pd.DataFrame:
    tasks = [view.task for view in shown]
    return pd.DataFrame(
        {
            "#": [task.task_id for task in tasks],
            "Task": [task.title for task in tasks],
            "State": [view.state.word for view in shown],
            "To": [task.planned_end for task in tasks],
            "Against the baseline": [against_plan(view) for view in shown],
            "Owner": [task.owner for task in tasks],
            "Milestone": [task.milestone for task in tasks],
            "P85": [view.p85 for view in shown],
            "From": [task.planned_start for task in tasks],
            "Ideal days": [float(task.ideal_days) for task in tasks],
            "Direction": [task.direction for task in tasks],
            "Stage": [task.stage for task in tasks],
        }
    )
