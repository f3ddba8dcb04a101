"""What was decided: written down, corrected, taken back. The next review tells of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core.ports.reviews import Decision
from core.review.desk import NO_DECISIONS, ReviewsReport
from db.team.reviews import add_decision, change_decision, remove_decision
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send
from pages.parts.prose_table import prose_table

_LABELS = {
    "text": "What was decided",
    "why": "Why",
    "decided_by": "Decided by",
    "decided_on": "On",
}
_CHANGE = Button("Store the change", primary=True)
_TAKE_BACK = Button("Take it back", ":material/undo:")
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
    with form(draft, Button("Write it down", primary=True), asks="Who writes it down") as sent:
        _fields(draft)
    if sent:
        send(
            draft,
            lambda store: add_decision(store, service, sent.given, **sent.once),
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
    with form(draft, _CHANGE, _TAKE_BACK) as sent:
        _fields(draft)

    def take_back(store: Engine) -> Decision:
        gone = remove_decision(store, stored, **sent.signed)
        _told(found.service).accepted(
            "Taken back: kept reviews go on telling of it, later ones do not."
        )
        return gone

    if sent.button == _TAKE_BACK.label:
        send(draft, take_back, lambda _: "")
    elif sent:
        send(
            draft,
            lambda store: change_decision(store, seen, sent.given, **sent.signed),
            lambda made: f"Stored: revision {made.revision}.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def _fields(draft: Draft) -> None:
    draft.text_area(_LABELS["text"], "text", height=80)
    draft.text_area(_LABELS["why"], "why", height=68)
    left, right = st.columns(2)
    with left:
        draft.text_input(_LABELS["decided_by"], "decided_by")
    with right:
        draft.date_input(_LABELS["decided_on"], "decided_on")


def _values_of(decision: Decision) -> dict[str, Any]:
    return {field: getattr(decision, field) for field in _LABELS}
