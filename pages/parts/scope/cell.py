"""One cell of the matrix: its tasks, and what can be done about it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts.tokens import MARKDOWN
from core.ports.plan import Task
from core.scope import GAP, NOTHING, Cell, ScopeReport, sentences
from core.status import Status
from pages.parts import data
from pages.parts.markdown import plain
from pages.parts.milestones.task_fields import choices_of
from pages.parts.milestones.task_form import new_task_in_cell
from pages.parts.scope.nothing_form import nothing_form, withdraw_form
from pages.parts.view import View

_ICONS = {GAP: "report", NOTHING: "block"}
_COLOURS = {GAP: MARKDOWN[Status.BREACHED], NOTHING: MARKDOWN[Status.NO_DATA]}


def cell_panel(found: ScopeReport, cell: Cell, view: View, *, live: bool) -> None:
    """The cell, and its forms where something can be done."""
    st.markdown(f"#### {plain(cell.stage)} · {plain(cell.direction)}")
    icon = _ICONS.get(cell.state, "checklist")
    colour = _COLOURS.get(cell.state, MARKDOWN[Status.ON_TARGET])
    st.markdown(f":{colour}[:material/{icon}: **{sentences.state(cell).capitalize()}**]")
    if cell.nothing is not None:
        st.text(f"{cell.nothing.reason} ({cell.nothing.changed_by})")
    if cell.tasks:
        st.dataframe(tasks_table(cell.tasks), hide_index=True, alt="The tasks of the cell.")
        st.page_link(
            "pages/milestones.py",
            label="Open these tasks on Milestones",
            icon=":material/arrow_forward:",
            query_params=view.query()
            | {"part": "Tasks", "stage": cell.stage, "direction": cell.direction},
        )
    if not live:
        return
    # It stays open after the first task, which would hide what became of it.
    first = st.session_state.setdefault(
        f"first task·{found.service}·{cell.stage}·{cell.direction}", cell.state == GAP
    )
    with st.expander("A new task in this cell", icon=":material/add_task:", expanded=first):
        plan = data.milestones(view).report
        if plan is not None:
            new_task_in_cell(found.service, choices_of(plan), cell.stage, cell.direction)
    if cell.nothing is not None:
        with st.expander("It is not meant to be empty after all", icon=":material/undo:"):
            withdraw_form(cell, cell.nothing)
    elif not cell.tasks:
        with st.expander("It is meant to hold nothing", icon=":material/block:"):
            nothing_form(found.service, cell)


def tasks_table(tasks: tuple[Task, ...]) -> pd.DataFrame:
    """Tasks in a few columns."""
    return pd.DataFrame(
        [
            {
                "Task": task.title,
                "Milestone": task.milestone or "none yet",
                "Owner": task.owner or "nobody yet",
                "Planned to": task.planned_end,
                "Done on": task.done_on,
            }
            for task in tasks
        ]
    )
