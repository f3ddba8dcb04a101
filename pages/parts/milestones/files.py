"""Tasks as files: written for spreadsheets, and brought in line by line."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from core.milestones import MilestonesReport
from core.milestones.task_file import COLUMNS, Problem, written
from db.team.audit import NotNowError
from db.team.task_import import TaskImport, import_tasks
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, send

#: A plan of ten thousand tasks has about two megabytes: more is another file.
_MOST_BYTES = 5_000_000


def download(found: MilestonesReport) -> None:
    """All tasks; the file is made when it is asked for."""
    st.download_button(
        "Download all tasks (CSV)",
        lambda: "\ufeff" + written(view.task for view in found.tasks),
        file_name=f"tasks-{found.today.isoformat()}.csv",
        mime="text/csv",
        icon=":material/download:",
        disabled=not found.tasks,
    )


def upload(found: MilestonesReport) -> None:
    """Bring in a file: nothing of it is stored unless all of it is right, or a part is wanted."""
    draft = Draft(f"task file·{found.service}")
    draft.begin({"partial": False, "by": ""})
    refused = draft.key("lines")
    st.caption(
        f"Columns: {', '.join(COLUMNS)}. A line whose id is a number changes that task; one "
        "without an id, or with a word, is a new task. Comma separated, UTF-8."
    )
    with form(
        draft, Button("Bring in the tasks", ":material/upload:"), asks="Who brings it in"
    ) as sent:
        file = st.file_uploader("Tasks as a CSV file", type="csv", key=draft.key("file"))
        draft.problem("file")
        draft.checkbox("Take the lines that are right, even if others are not", "partial")
    _wrong_lines(st.session_state.get(refused, ()))
    if not sent:
        return
    st.session_state[refused] = ()
    if file is None or file.size > _MOST_BYTES:
        said = "Is missing." if file is None else "Is larger than 5 MB: no plan is."
        draft.refused({"file": said})
        st.rerun()
    content = file.getvalue()

    def bring_in(store: Engine) -> TaskImport:
        made = import_tasks(
            store, found.service, content, **sent.signed, partial=sent.given["partial"]
        )
        st.session_state[refused] = made.problems
        if not made.stored:
            raise NotNowError(f"{_counted(len(made.problems))} wrong in the file, listed below.")
        return made

    send(draft, bring_in, _said)


def _said(made: TaskImport) -> str:
    said = f"{made.added} added, {made.changed} changed, {made.unchanged} as they were."
    if made.problems:
        return f"{said} {_counted(len(made.problems))} wrong and left out, listed below."
    return said


def _counted(number: int) -> str:
    return "One thing is" if number == 1 else f"{number} things are"


def _wrong_lines(wrong: tuple[Problem, ...]) -> None:
    if not wrong:
        return
    st.dataframe(
        pd.DataFrame(
            {
                "Line": [one.line for one in wrong],
                "Field": [one.field for one in wrong],
                "What is wrong": [one.reason for one in wrong],
            }
        ),
        hide_index=True,
        column_config={"What is wrong": st.column_config.TextColumn(width="large")},
        alt="What is wrong in the file, line by line.",
    )
