"""The rows and columns of the matrix, edited as lines of text."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.ports.plan import PlanFrame
from db.team.scope import save_frame
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, who

_LABELS = {"stages": "Stages, one a line", "directions": "Directions, one a line"}


def frame_form(frame: PlanFrame) -> None:
    """Change the stages and directions; one that has tasks stays."""
    draft = Draft(f"scope frame·{frame.service}")
    seen = begin_editing(draft, frame, _values_of, revision=frame.revision)
    with st.form(draft.key("form"), border=False):
        for column, field in zip(st.columns(2), _LABELS, strict=True):
            with column:
                st.text_area(_LABELS[field], key=draft.key(field), height=200)
                draft.problem(field)
        who(draft)
        problems(draft, *_LABELS)
        sent = st.form_submit_button("Store the matrix", icon=":material/edit:")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field].splitlines() for field in _LABELS}
        send(
            draft,
            lambda store: save_frame(store, seen, given, by=typed["by"], at=at),
            lambda made: f"Stored: {len(made.stages)} by {len(made.directions)} cells.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def _values_of(frame: PlanFrame) -> dict[str, Any]:
    return {field: "\n".join(getattr(frame, field)) for field in _LABELS}
