"""What is decided where a plan does not fit: simplify, or extra hands, with what and who."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from core.ports.plan import DECISIONS, Task
from db.team.milestones import decide
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import problems, send, token, who

_FIELDS = ("kind", "task_id", "what", "who", "decided_on")


def decision_form(service: str, milestone: str, tasks: Mapping[int, Task], today: date) -> None:
    """Record one.

    Args:
        service: whose.
        milestone: whose plan does not fit.
        tasks: those that it may be about.
        today: the day that the form proposes.
    """
    draft = Draft(f"planning decision·{service}·{milestone}")
    begun = {"kind": next(iter(DECISIONS)), "task_id": None, "what": "", "who": ""}
    draft.begin(begun | {"decided_on": today, "by": ""})
    if draft.values(["task_id"])["task_id"] not in {None, *tasks}:
        draft.refill({"task_id": None})
        draft.begin({})
    with st.form(draft.key("form"), border=False):
        left, right = st.columns([1, 2])
        with left:
            st.selectbox(
                "What helps",
                list(DECISIONS),
                key=draft.key("kind"),
                format_func=DECISIONS.__getitem__,
            )
            draft.problem("kind")
        with right:
            st.selectbox(
                "Which task (empty: the milestone as a whole)",
                list(tasks),
                index=None,
                key=draft.key("task_id"),
                format_func=lambda number: f"{tasks[number].title} (#{number})",
                placeholder="The milestone as a whole",
            )
            draft.problem("task_id")
        st.text_input("What gets simpler, or what the extra hands will do", key=draft.key("what"))
        draft.problem("what")
        left, right = st.columns(2)
        with left:
            st.text_input("Who does it", key=draft.key("who"))
            draft.problem("who")
        with right:
            st.date_input("Decided on", None, key=draft.key("decided_on"), format="YYYY-MM-DD")
            draft.problem("decided_on")
        who(draft, "Who records it")
        problems(draft, *_FIELDS)
        sent = st.form_submit_button("Record the decision", icon=":material/gavel:")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_FIELDS, "by"]), data.moment()
        given = {field: typed[field] for field in _FIELDS} | {"milestone": milestone}
        send(
            draft,
            lambda store: decide(
                store, service, given, by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda made: f"Recorded: {DECISIONS[made.kind]}, by {made.who}.",
            empty=begun,
        )
