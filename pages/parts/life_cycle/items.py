"""The form that says that something is there, and where."""

from __future__ import annotations

from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.life_cycle.gates import Met
from core.ports.life_cycle import KeptItem
from db.team.life_cycle import keep, take_back
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, who

_LABELS = {"place": "Where", "note": "Note"}


def item_form(met: Met, service: str, hint: str) -> None:
    """Say where something lies; change it, or say that it is not there after all.

    Args:
        met: the requirement as it stands.
        service: whose.
        hint: what to write, shown in the empty field.
    """
    key, stored = met.requirement.key, met.item
    outcome = Draft(f"kept told·{service}·{key}")
    draft = Draft(f"kept·{service}·{key}·{0 if stored is None else stored.item_id}")
    seen = begin_editing(
        draft, stored, _values_of, revision=0 if stored is None else stored.revision
    )
    with st.form(draft.key("form"), border=False):
        st.text_input(_LABELS["place"], key=draft.key("place"), placeholder=hint)
        draft.problem("place")
        st.text_area(_LABELS["note"], key=draft.key("note"), height=68)
        draft.problem("note")
        who(draft)
        problems(draft, *_LABELS)
        label = "It is saved there" if stored is None else "Store the change"
        with st.container(horizontal=True):
            sent = st.form_submit_button(label, type="primary", icon=":material/save:")
            gone = stored is not None and st.form_submit_button(
                "It is not there after all", icon=":material/undo:"
            )
    draft.outcome()
    outcome.outcome()
    typed, at = draft.values([*_LABELS, "by"]), data.moment()
    if gone and stored is not None:
        _take_back(draft, outcome, stored, typed["by"])
    if not sent:
        return
    given = {field: typed[field] for field in _LABELS}

    def say(store: Engine) -> KeptItem:
        made = keep(store, service, key, seen, given, by=typed["by"], at=at)
        if stored is None:  # its form is another one from now on
            outcome.accepted(f"Stored at {wording.clock(at)}.")
        return made

    if stored is None:
        send(draft, say, lambda _: "", empty={"place": "", "note": ""})
    send(
        draft,
        say,
        lambda made: f"Stored: revision {made.revision}.",
        editing=Editing(seen, _values_of, _LABELS),
    )


def _take_back(draft: Draft, outcome: Draft, stored: KeptItem, by: str) -> None:
    at = data.moment()

    def take(store: Engine) -> KeptItem:
        made = take_back(store, stored, by=by, at=at)
        outcome.accepted(f"Taken back at {wording.clock(at)}.")
        return made

    send(draft, take, lambda _: "")


def _values_of(item: KeptItem | None) -> dict[str, Any]:
    return {field: "" if item is None else getattr(item, field) for field in _LABELS}
