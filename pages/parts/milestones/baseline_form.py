"""Freezing the plan as it stands: what slips are counted from."""

from __future__ import annotations

import streamlit as st

from db.team.milestones import freeze_baseline
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import problems, send, token, who


def baseline_form(service: str) -> None:
    """Freeze it under a name; a frozen plan is never changed afterwards."""
    draft = Draft(f"baseline·{service}")
    draft.begin({"name": "", "note": "", "by": ""})
    with st.form(draft.key("form"), border=False):
        st.text_input("Name of the baseline", key=draft.key("name"))
        draft.problem("name")
        st.text_input("Note", key=draft.key("note"))
        draft.problem("note")
        who(draft, "Who freezes it")
        problems(draft, "name", "note")
        sent = st.form_submit_button("Freeze the plan as it stands", icon=":material/ac_unit:")
    draft.outcome()
    if sent:
        typed, at = draft.values(("name", "note", "by")), data.moment()
        given = {"name": typed["name"], "note": typed["note"]}
        send(
            draft,
            lambda store: freeze_baseline(
                store, service, given, by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda made: f"{made.name} is frozen. Slips are counted from it.",
            empty={"name": "", "note": ""},
        )
