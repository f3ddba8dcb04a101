"""Forms about the turns of the MVP; what they brought is measured, and never typed."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from core.ports.plan import ITERATION_MEASURES, Iteration
from db.team.iterations import add_iteration, change_iteration, record_result, remove_iteration
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send
from pages.parts.milestones.buttons import CHANGE, REMOVE

_LABELS = {
    "title": "What the iteration is called",
    "data_slice": "Slice of the data, in words",
    "letters": "Letters of the slice (empty: not said)",
    "letters_of": "Of how many",
    "model_version": "Model that comes out of it",
    "against_version": "Today's solution",
    "measure": "Measure",
    "wanted_delta": "Difference hoped for (0.01 is +1 %)",
    "starts_on": "From",
    "ends_on": "To",
    "note": "Note",
}
_RESULT = ("result_delta", "result_on", "result_source")


def new_iteration(service: str) -> None:
    """The form of a new one."""
    draft = Draft(f"iteration new·{service}")
    begun = dict.fromkeys(_LABELS, "") | {
        "letters": None,
        "letters_of": None,
        "measure": ITERATION_MEASURES[0],
        "wanted_delta": 0.01,
        "starts_on": None,
        "ends_on": None,
    }
    draft.begin(begun | {"by": ""})
    with form(
        draft, Button("Plan the iteration", ":material/replay:", primary=True), asks="Who plans it"
    ) as sent:
        _fields(draft)
    if sent:
        send(
            draft,
            lambda store: add_iteration(store, service, sent.given, **sent.once),
            lambda made: f"Planned: {made.starts_on} to {made.ends_on}.",
            empty=begun,
        )


def edit_iteration(stored: Iteration) -> None:
    """The form of one that is there."""
    draft = Draft(f"iteration·{stored.service}·{stored.iteration_id}")
    seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with form(draft, CHANGE, REMOVE) as sent:
        _fields(draft)
    if sent.button == REMOVE.label:
        send(
            draft,
            lambda store: remove_iteration(store, seen, **sent.signed),
            lambda _: "It was taken out of the plan.",
        )
    elif sent:
        send(
            draft,
            lambda store: change_iteration(store, seen, sent.given, **sent.signed),
            lambda made: f"Stored: revision {made.revision}.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def record(stored: Iteration, today: date) -> None:
    """What was measured outside of this store's labels, with where that is kept."""
    draft = Draft(f"iteration result·{stored.service}·{stored.iteration_id}")
    draft.begin({"result_delta": None, "result_on": today, "result_source": "", "by": ""})
    with form(
        draft, Button("Record the result", ":material/straighten:"), asks="Who records it"
    ) as sent:
        left, middle, right = st.columns([1, 1, 2])
        with left:
            _share(draft, "result_delta", "Measured difference (0.01 is +1 %)")
        with middle:
            draft.date_input("Measured on", "result_on")
        with right:
            draft.text_input("On what, and where that is kept", "result_source")
    if sent:
        send(
            draft,
            lambda store: record_result(store, stored, sent.given, **sent.signed),
            lambda made: f"Recorded: {made.result_on}.",
        )


def _fields(draft: Draft) -> None:
    left, middle, right = st.columns(3)
    with left:
        draft.text_input(_LABELS["title"], "title")
        draft.text_input(_LABELS["model_version"], "model_version")
        draft.date_input(_LABELS["starts_on"], "starts_on")
    with middle:
        draft.text_input(_LABELS["data_slice"], "data_slice")
        draft.text_input(_LABELS["against_version"], "against_version")
        draft.date_input(_LABELS["ends_on"], "ends_on")
    with right:
        for column, field in zip(st.columns(2), ("letters", "letters_of"), strict=True):
            with column:
                draft.number_input(_LABELS[field], field, 1, step=1)
        for column, field in zip(st.columns(2), ("measure", "wanted_delta"), strict=True):
            with column:
                if field == "measure":
                    draft.selectbox(_LABELS[field], ITERATION_MEASURES, field)
                else:
                    _share(draft, field, _LABELS[field])
    draft.text_area(_LABELS["note"], "note", height=70)


def _share(draft: Draft, field: str, label: str) -> None:
    draft.number_input(label, field, -1.0, 1.0, step=0.005, format="%.4f")


def _values_of(iteration: Iteration) -> dict[str, Any]:
    values = {field: getattr(iteration, field) for field in _LABELS}
    return values | {"wanted_delta": float(iteration.wanted_delta)}
