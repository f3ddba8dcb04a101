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
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who
from pages.parts.prose_table import prose_table

_LABELS = {"text": "What is to be done", "owner": "Owner", "due_on": "By"}


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
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft)
        problems(draft, *_LABELS)
        left, right = st.columns(2)
        done = left.form_submit_button("It is done", type="primary", icon=":material/check:")
        changed = right.form_submit_button("Store the change", icon=":material/edit:")
    draft.outcome()
    if not done and not changed:
        return
    typed, at = draft.values([*_LABELS, "by"]), data.moment()
    if done:

        def complete(store: Engine) -> Action:
            made = complete_action(store, stored, by=typed["by"], at=at)
            outcome.accepted(f"Done at {wording.clock(at)}.")  # its form is gone then
            return made

        send(draft, complete, lambda _: "")
    given = {field: typed[field] for field in _LABELS}
    send(
        draft,
        lambda store: change_action(store, seen, given, by=typed["by"], at=at),
        lambda made: f"Stored: revision {made.revision}.",
        editing=Editing(seen, _values_of, _LABELS),
    )


def _add(service: str) -> None:
    draft = Draft(f"action new·{service}")
    draft.begin({"text": "", "owner": "", "due_on": None, "by": ""})
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft, "Who adds it")
        problems(draft, *_LABELS)
        sent = st.form_submit_button("Add the action", type="primary")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in _LABELS}
        send(
            draft,
            lambda store: add_action(
                store, service, given, by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda made: f"Added: {made.owner} does it by {made.due_on}.",
            empty={"text": "", "owner": "", "due_on": None},
        )


def _reopen(found: IncidentsReport) -> None:
    known = {one.action_id: one for one in found.done}
    draft = Draft(f"action reopen·{found.service}")
    draft.begin({"action": None, "by": ""})
    if draft.values(["action"])["action"] not in {None, *known}:
        draft.refill({"action": None})
        draft.begin({})
    with st.form(draft.key("form"), border=False):
        st.selectbox(
            "Not done after all",
            list(known),
            index=None,
            key=draft.key("action"),
            format_func=lambda number: known[number].text,
        )
        draft.problem("action")
        who(draft)
        problems(draft, "action")
        sent = st.form_submit_button("Open it again", icon=":material/undo:")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values(("action", "by")), data.moment()
    if typed["action"] is None:
        draft.refused({"action": "Is missing."})
        st.rerun()
    send(
        draft,
        lambda store: reopen_action(store, known[typed["action"]], by=typed["by"], at=at),
        lambda _: "It is open again.",
        empty={"action": None},
    )


def _fields(draft: Draft) -> None:
    st.text_area(_LABELS["text"], key=draft.key("text"), height=80)
    draft.problem("text")
    left, right = st.columns(2)
    with left:
        st.text_input(_LABELS["owner"], key=draft.key("owner"))
        draft.problem("owner")
    with right:
        st.date_input(_LABELS["due_on"], None, key=draft.key("due_on"), format="YYYY-MM-DD")
        draft.problem("due_on")


def _values_of(action: Action) -> dict[str, Any]:
    return {field: getattr(action, field) for field in _LABELS}
