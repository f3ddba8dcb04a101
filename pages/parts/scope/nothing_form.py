"""Saying that a cell is meant to be empty, and taking that back."""

from __future__ import annotations

import streamlit as st

from core.ports.plan import EmptyCell
from core.scope import Cell
from db.team.scope import mark_empty, unmark_empty
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import problems, send, who


def nothing_form(service: str, cell: Cell) -> None:
    """Why a gap is none."""
    draft = Draft(f"scope nothing·{service}·{cell.stage}·{cell.direction}")
    draft.begin({"reason": "", "by": ""})
    with st.form(draft.key("form"), border=False):
        st.text_area("Why there is nothing to do", key=draft.key("reason"), height=70)
        draft.problem("reason")
        who(draft)
        problems(draft, "reason")
        sent = st.form_submit_button("It is meant to hold nothing", icon=":material/block:")
    draft.outcome()
    if sent:
        typed, at = draft.values(("reason", "by")), data.moment()
        given = {"stage": cell.stage, "direction": cell.direction, "reason": typed["reason"]}
        send(
            draft,
            lambda store: mark_empty(store, service, given, by=typed["by"], at=at),
            lambda made: f"Stored: {made.changed_by} says so.",
        )


def withdraw_form(cell: Cell, said: EmptyCell) -> None:
    """It is a gap again, until there is a task."""
    draft = Draft(f"scope withdraw·{said.service}·{cell.stage}·{cell.direction}")
    draft.begin({"by": ""})
    with st.form(draft.key("form"), border=False):
        who(draft)
        problems(draft)
        sent = st.form_submit_button("Take it back", icon=":material/undo:")
    draft.outcome()
    if sent:
        by, at = draft.values(["by"])["by"], data.moment()
        send(
            draft,
            lambda store: unmark_empty(store, said, by=by, at=at),
            lambda _: "It is a gap again.",
        )
