"""What is to be done, by whom and until when: carried over until it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.incidents import IncidentsReport
from core.incidents.retrospective import is_overdue
from core.incidents.sentences import action_sentence
from core.ports.incidents import Action
from db.team.actions import add_action, change_action, complete_action, reopen_action
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, require, send
from pages.parts.prose_table import prose_table

_LABELS = {"text": "What is to be done", "owner": "Owner", "due_on": "By"}
_DONE = Button("It is done", ":material/check:", primary=True)
_CHANGE = Button("Store the change", ":material/edit:")


def actions(found: IncidentsReport, *, live: bool) -> None:
    """The open ones, overdue first; below them what was done, and the forms."""
    decided = {one.retrospective_id: one.title for one in found.retrospectives}
    st.markdown("#### Actions")
    actions_table(action_rows(found.actions, found, decided), found.empty.get("actions", ""))
    if live:
        left, right = st.columns(2, gap="medium")
        with left, st.expander("Done, or to be changed", icon=":material/task_alt:"):
            _one(found)
        with right, st.expander("Add an action", icon=":material/add_task:"):
            _add(found.service)
    if found.done:
        with st.expander(f"Done in the {found.window.last}: {len(found.done)}"):
            actions_table(action_rows(found.done, found, decided), "")
            if live:
                _reopen(found)


def action_rows(
    those: Iterable[Action], found: IncidentsReport, decided: Mapping[int, str]
) -> list[dict[str, object]]:
    """Rows of a table; what people wrote stays in cells."""
    today = found.as_of.date()
    rows = []
    for one in those:
        state = "overdue" if is_overdue(one, today) else "open"
        if one.done_at is not None:
            state = f"done {wording.short_date(one.done_at)} by {one.done_by}"
        row: dict[str, object] = {
            "State": state,
            "What": one.text,
            "Owner": one.owner,
            "By": one.due_on,
        }
        if decided:
            row["Decided in"] = decided.get(one.retrospective_id or 0, "")
        rows.append(row)
    return rows


def actions_table(rows: list[dict[str, object]], empty: str) -> None:
    """The table; without a row, a sentence."""
    if not rows:
        st.caption(empty)
        return
    prose_table(rows, alt="Actions, with whose they are.")


def _one(found: IncidentsReport) -> None:
    """Choose an action; its form says that it is done, or changes it."""
    known = {one.action_id: one for one in found.actions}
    today = found.as_of.date()
    chosen = st.selectbox(
        "Which",
        list(known),
        index=None,
        key=f"action·{found.service}",
        format_func=lambda number: (
            f"{known[number].text} ({action_sentence(known[number], today)})"
        ),
        placeholder="Choose an open action",
    )
    outcome = Draft(f"action told·{found.service}")
    outcome.outcome()
    if chosen not in known:
        return
    stored = known[chosen]
    draft = Draft(f"action·{found.service}·{chosen}")
    seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with form(draft, _DONE, _CHANGE) as sent:
        _fields(draft)

    def complete(store: Engine) -> Action:
        made = complete_action(store, stored, **sent.signed)
        outcome.accepted(f"Done at {wording.clock(sent.at)}.")  # its form is gone then
        return made

    if sent.button == _DONE.label:
        send(draft, complete, lambda _: "")
    elif sent:
        send(
            draft,
            lambda store: change_action(store, seen, sent.given, **sent.signed),
            lambda made: f"Stored: revision {made.revision}.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def _add(service: str) -> None:
    draft = Draft(f"action new·{service}")
    draft.begin({"text": "", "owner": "", "due_on": None, "by": ""})
    with form(draft, Button("Add the action", primary=True), asks="Who adds it") as sent:
        _fields(draft)
    if sent:
        send(
            draft,
            lambda store: add_action(store, service, sent.given, **sent.once),
            lambda made: f"Added: {made.owner} does it by {made.due_on}.",
            empty={"text": "", "owner": "", "due_on": None},
        )


def _reopen(found: IncidentsReport) -> None:
    known = {one.action_id: one for one in found.done}
    draft = Draft(f"action reopen·{found.service}")
    draft.begin({"action": None, "by": ""})
    draft.only("action", known)
    with form(draft, Button("Open it again", ":material/undo:")) as sent:
        draft.selectbox(
            "Not done after all",
            known,
            "action",
            index=None,
            format_func=lambda number: known[number].text,
        )
    if sent:
        require(sent, "action")
        send(
            draft,
            lambda store: reopen_action(store, known[sent.given["action"]], **sent.signed),
            lambda _: "It is open again.",
            empty={"action": None},
        )


def _fields(draft: Draft) -> None:
    draft.text_area(_LABELS["text"], "text", height=80)
    left, right = st.columns(2)
    with left:
        draft.text_input(_LABELS["owner"], "owner")
    with right:
        draft.date_input(_LABELS["due_on"], "due_on")


def _values_of(action: Action) -> dict[str, Any]:
    return {field: getattr(action, field) for field in _LABELS}
