"""What was decided: written down, corrected, taken back. The next review tells of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core.ports.reviews import Decision
from core.review.desk import NO_DECISIONS, ReviewsReport
from db.team.reviews import add_decision, change_decision, remove_decision
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who
from pages.parts.prose_table import prose_table

_LABELS = {
    "text": "What was decided",
    "why": "Why",
    "decided_by": "Decided by",
    "decided_on": "On",
}
_EMPTY: dict[str, Any] = {"text": "", "why": "", "decided_by": "", "decided_on": None}


def decisions(found: ReviewsReport, *, live: bool) -> None:
    """The decisions that stand, the newest first; below them the forms."""
    st.markdown("#### Decisions taken")
    if found.decisions:
        prose_table(
            [_row(one, found) for one in found.decisions],
            alt="Decisions, with who took them and why.",
        )
    else:
        st.caption(NO_DECISIONS)
    if not live:
        return
    _told(found.service).outcome()  # of a decision that was taken back, whose form is gone
    left, right = st.columns(2, gap="medium")
    with left, st.expander("Write a decision down", icon=":material/gavel:"):
        _add(found.service, found.as_of.date())
    if found.decisions:
        with right, st.expander("Correct one, or take it back", icon=":material/edit:"):
            _one(found)


def _row(one: Decision, found: ReviewsReport) -> dict[str, object]:
    return {
        "Decision": one.text,
        "Why": one.why,
        "By": one.decided_by,
        "On": one.decided_on,
        "Written down by": one.changed_by,
        "Told": "in the next review" if one in found.untold else "in a kept review",
    }


def _told(service: str) -> Draft:
    return Draft(f"decision told·{service}")


def _add(service: str, today: date) -> None:
    draft = Draft(f"decision new·{service}")
    draft.begin(_EMPTY | {"decided_on": today, "by": ""})
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft, "Who writes it down")
        problems(draft, *_LABELS)
        sent = st.form_submit_button("Write it down", type="primary")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in _LABELS}
        send(
            draft,
            lambda store: add_decision(
                store, service, given, by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda _: "Written down: the next review tells of it.",
            empty=_EMPTY | {"decided_on": today},
        )


def _one(found: ReviewsReport) -> None:
    known = {one.decision_id: one for one in found.decisions}
    chosen = st.selectbox(
        "Which",
        list(known),
        index=None,
        key=f"decision·{found.service}",
        format_func=lambda number: f"{known[number].text} ({known[number].decided_on})",
        placeholder="Choose a decision",
    )
    if chosen not in known:
        return
    stored = known[chosen]
    draft = Draft(f"decision·{found.service}·{chosen}")
    seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with st.form(draft.key("form"), border=False):
        _fields(draft)
        who(draft)
        problems(draft, *_LABELS)
        left, right = st.columns(2)
        changed = left.form_submit_button("Store the change", type="primary")
        removed = right.form_submit_button("Take it back", icon=":material/undo:")
    draft.outcome()
    if not changed and not removed:
        return
    typed, at = draft.values([*_LABELS, "by"]), data.moment()
    if removed:

        def remove(store: Engine) -> Decision:
            gone = remove_decision(store, stored, by=typed["by"], at=at)
            _told(found.service).accepted(
                "Taken back: kept reviews go on telling of it, later ones do not."
            )
            return gone

        send(draft, remove, lambda _: "")
    given = {field: typed[field] for field in _LABELS}
    send(
        draft,
        lambda store: change_decision(store, seen, given, by=typed["by"], at=at),
        lambda made: f"Stored: revision {made.revision}.",
        editing=Editing(seen, _values_of, _LABELS),
    )


def _fields(draft: Draft) -> None:
    st.text_area(_LABELS["text"], key=draft.key("text"), height=80)
    draft.problem("text")
    st.text_area(_LABELS["why"], key=draft.key("why"), height=68)
    draft.problem("why")
    left, right = st.columns(2)
    with left:
        st.text_input(_LABELS["decided_by"], key=draft.key("decided_by"))
        draft.problem("decided_by")
    with right:
        st.date_input(_LABELS["decided_on"], None, key=draft.key("decided_on"), format="YYYY-MM-DD")
        draft.problem("decided_on")


def _values_of(decision: Decision) -> dict[str, Any]:
    return {field: getattr(decision, field) for field in _LABELS}
