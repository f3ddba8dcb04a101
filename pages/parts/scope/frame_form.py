"""The rows and columns of the matrix, edited as lines of text."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.ports.plan import PlanFrame
from db.team.scope import save_frame
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send

_LABELS = {"stages": "Stages, one a line", "directions": "Directions, one a line"}


def frame_form(frame: PlanFrame) -> None:
    """Change the stages and directions; one that has tasks stays."""
    draft = Draft(f"scope frame·{frame.service}")
    seen = begin_editing(draft, frame, _values_of, revision=frame.revision)
    with form(draft, Button("Store the matrix", ":material/edit:")) as sent:
        for column, field in zip(st.columns(2), _LABELS, strict=True):
            with column:
                draft.text_area(_LABELS[field], field, height=200)
    if sent:
        given = {field: sent.given[field].splitlines() for field in _LABELS}
        send(
            draft,
            lambda store: save_frame(store, seen, given, **sent.signed),
            lambda made: f"Stored: {len(made.stages)} by {len(made.directions)} cells.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def _values_of(frame: PlanFrame) -> dict[str, Any]:
    return {field: "\n".join(getattr(frame, field)) for field in _LABELS}
