"""The tasks of the plan: filters, table, forms, and files."""

from __future__ import annotations

import streamlit as st

from core.milestones import MilestonesReport, MilestoneView, TaskView, sentences
from pages.parts.milestones.files import download, upload
from pages.parts.milestones.filters import filters
from pages.parts.milestones.table import in_order, table
from pages.parts.milestones.task_fields import choices_of
from pages.parts.milestones.task_form import edit_task, new_task


def tasks(
    found: MilestonesReport, task: TaskView | None, opened: MilestoneView | None, *, live: bool
) -> None:
    """The filters and the table; below it the form of the chosen task, and of a new one."""
    names = tuple(view.name for view in found.milestones)
    with st.container():
        wanted = filters(found.tasks, found.frame, names)
    shown = in_order(view for view in found.tasks if wanted.lets(view))
    with st.container():
        if shown:
            table(shown)
            st.caption(
                f"{len(shown)} of {len(found.tasks)} tasks. Choose a line to open its task below."
            )
        else:
            said = "None of them is such a task." if found.tasks else "Nothing is planned yet."
            st.caption(f"{len(found.tasks)} tasks. {said}")
        download(found)
    choices = choices_of(found)
    with st.container(key="task_opened"):
        if task is not None:
            with st.container(border=True):
                st.text(f"#{task.task.task_id} {task.task.title}: {sentences.task(task)}")
                if live:
                    edit_task(task.task, choices, found.today)
                elif task.task.note:
                    st.text(task.task.note)
    if not live:
        return
    # It stays open after the first task, which would hide what became of it.
    first = st.session_state.setdefault(f"first task·{found.service}", not found.tasks)
    with st.expander("Add a task", icon=":material/add_task:", expanded=first):
        milestone = "" if opened is None else opened.name
        due_on = None if opened is None else opened.due_on
        new_task(found.service, choices, milestone, due_on)
    with st.expander("Bring in tasks from a file", icon=":material/upload_file:"):
        upload(found)
