"""What is open on the Milestones page; the URL says it: ?milestone=, ?task=, ?part=."""

from __future__ import annotations

import streamlit as st

from core.charts.milestones import PICKED
from core.milestones import MilestonesReport, MilestoneView, TaskView

#: The parts of the page.
PLAN, TASKS, ITERATIONS = "Plan", "Tasks", "Iterations"
PARTS = (PLAN, TASKS, ITERATIONS)
#: The key of the Gantt chart, whose selection is a click on a bar.
GANTT = "milestone_gantt"


def look_at_milestone(name: str) -> None:
    """Open a milestone: a button's callback."""
    st.query_params["milestone"] = name


def look_at_task(task_id: int | None) -> None:
    """Open a task, or none."""
    if task_id is None:
        st.query_params.pop("task", None)
    else:
        st.query_params["task"] = str(task_id)


def bar_clicked() -> None:
    """A bar of the Gantt chart was clicked; a click on a line of the chart names no task."""
    picked = st.session_state[GANTT].selection.get(PICKED) or [{}]
    task_id = picked[0].get(PICKED)
    look_at_task(None if task_id is None else int(task_id))


def opened_task(found: MilestonesReport) -> tuple[TaskView | None, str]:
    """The task that the URL names, and what in it could not be followed, '' where all could."""
    asked = st.query_params.get("task", "")
    if not asked:
        return None, ""
    task = next((view for view in found.tasks if str(view.task.task_id) == asked), None)
    return task, "" if task else f"{found.service} has no task {asked}."


def opened_milestone(
    found: MilestonesReport, task: TaskView | None
) -> tuple[MilestoneView | None, str]:
    """The milestone that the URL names, else that of the open task, else the nearest one."""
    named = {view.name: view for view in found.milestones}
    nearest = found.nearest or next(iter(found.milestones), None)
    asked = st.query_params.get("milestone", "")
    if asked and asked not in named:
        return nearest, f"{found.service} has no milestone “{asked}”."
    wanted = asked or ("" if task is None else task.task.milestone)
    return named.get(wanted, nearest), ""
