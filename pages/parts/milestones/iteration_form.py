"""Forms about the turns of the MVP; what they brought is measured, and never typed."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from core.ports.plan import ITERATION_MEASURES, Iteration
from db.team.iterations import add_iteration, change_iteration, record_result, remove_iteration
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who

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
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft, "Who plans it")
        problems(draft, *_LABELS)
        sent = st.form_submit_button("Plan the iteration", type="primary", icon=":material/replay:")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in _LABELS}
        send(
            draft,
            lambda store: add_iteration(
                store, service, given, by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda made: f"Planned: {made.starts_on} to {made.ends_on}.",
            empty=begun,
        )


def edit_iteration(stored: Iteration) -> None:
    """The form of one that is there."""
    draft = Draft(f"iteration·{stored.service}·{stored.iteration_id}")
    seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft)
        problems(draft, *_LABELS)
        left, right = st.columns(2)
        sent = left.form_submit_button("Store the change", type="primary", icon=":material/edit:")
        removed = right.form_submit_button("Take it out of the plan", icon=":material/delete:")
    draft.outcome()
    if not sent and not removed:
        return
    typed, at = draft.values([*_LABELS, "by"]), data.moment()
    if removed:
        send(
            draft,
            lambda store: remove_iteration(store, seen, by=typed["by"], at=at),
            lambda _: "It was taken out of the plan.",
        )
    given = {field: typed[field] for field in _LABELS}
    send(
        draft,
        lambda store: change_iteration(store, seen, given, by=typed["by"], at=at),
        lambda made: f"Stored: revision {made.revision}.",
        editing=Editing(seen, _values_of, _LABELS),
    )


def record(stored: Iteration, today: date) -> None:
    """What was measured outside of this store's labels, with where that is kept."""
    draft = Draft(f"iteration result·{stored.service}·{stored.iteration_id}")
    draft.begin({"result_delta": None, "result_on": today, "result_source": "", "by": ""})
    with st.form(draft.key("form"), border=False):
        left, middle, right = st.columns([1, 1, 2])
        with left:
            _share(draft, "result_delta", "Measured difference (0.01 is +1 %)")
        with middle:
            st.date_input("Measured on", None, key=draft.key("result_on"), format="YYYY-MM-DD")
            draft.problem("result_on")
        with right:
            st.text_input("On what, and where that is kept", key=draft.key("result_source"))
            draft.problem("result_source")
        who(draft, "Who records it")
        problems(draft, *_RESULT)
        sent = st.form_submit_button("Record the result", icon=":material/straighten:")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_RESULT, "by"]), data.moment()
        given = {field: typed[field] for field in _RESULT}
        send(
            draft,
            lambda store: record_result(store, stored, given, by=typed["by"], at=at),
            lambda made: f"Recorded: {made.result_on}.",
        )


def _fields(draft: Draft) -> None:
    left, middle, right = st.columns(3)
    with left:
        _line(draft, "title")
        _line(draft, "model_version")
        _day(draft, "starts_on")
    with middle:
        _line(draft, "data_slice")
        _line(draft, "against_version")
        _day(draft, "ends_on")
    with right:
        for column, field in zip(st.columns(2), ("letters", "letters_of"), strict=True):
            with column:
                st.number_input(_LABELS[field], 1, None, None, step=1, key=draft.key(field))
                draft.problem(field)
        for column, field in zip(st.columns(2), ("measure", "wanted_delta"), strict=True):
            with column:
                if field == "measure":
                    st.selectbox(_LABELS[field], ITERATION_MEASURES, key=draft.key(field))
                    draft.problem(field)
                else:
                    _share(draft, field, _LABELS[field])
    st.text_area(_LABELS["note"], key=draft.key("note"), height=70)
    draft.problem("note")


def _share(draft: Draft, field: str, label: str) -> None:
    st.number_input(label, -1.0, 1.0, None, step=0.005, format="%.4f", key=draft.key(field))
    draft.problem(field)


def _line(draft: Draft, field: str) -> None:
    st.text_input(_LABELS[field], key=draft.key(field))
    draft.problem(field)


def _day(draft: Draft, field: str) -> None:
    st.date_input(_LABELS[field], None, key=draft.key(field), format="YYYY-MM-DD")
    draft.problem(field)


def _values_of(iteration: Iteration) -> dict[str, Any]:
    values = {field: getattr(iteration, field) for field in _LABELS}
    return values | {"wanted_delta": float(iteration.wanted_delta)}
