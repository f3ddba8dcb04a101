"""The retrospective: what was good, what to improve, how, and who does what by when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

from core import wording
from core.incidents import IncidentsReport, IncidentView
from core.ports.incidents import Action, Incident, Retrospective
from db.team.actions import change_retrospective, hold_retrospective
from pages.parts import data
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send
from pages.parts.incidents.actions import action_rows, actions_table
from pages.parts.markdown import plain

#: So many actions fit into the form; more are added one by one.
ROWS = 4
_ASKED = {
    "good": "What was good?",
    "improve": "What can be improved?",
    "how": "How will we improve it?",
}
_LABELS = {"title": "Of what", "held_on": "Held on", **_ASKED}


def of_incident(view: IncidentView, found: IncidentsReport, *, live: bool) -> None:
    """That of an incident: as it was written, else the form, there at once."""
    with st.container(border=True, key="retrospective"):
        st.markdown("#### Retrospective")
        if view.retrospective is not None:
            written(view.retrospective, view.actions, found, live=live)
        elif live:
            if view.incident.recovered_at is None:
                st.caption(
                    "It can be stored once the incident has recovered (see Recovery); what you "
                    "type here stays until then."
                )
            retrospective_form(view.incident.service, view.incident)
        else:
            st.caption("None was written by then.")


def retrospective_form(service: str, incident: Incident | None) -> None:
    """The form of a new one; without an incident, of a milestone or a period."""
    number = "" if incident is None else str(incident.incident_id)
    draft = Draft(f"retrospective·{service}·{number}")
    empty: dict[str, Any] = dict.fromkeys(_ASKED, "")
    for row in range(ROWS):
        empty |= {_field(row, "text"): "", _field(row, "owner"): "", _field(row, "due_on"): None}
    title = "" if incident is None else incident.title
    draft.begin({"title": title, "held_on": data.now().date(), "by": "", **empty})
    with form(draft, Button("Store the retrospective", primary=True), asks="Who writes it") as sent:
        _lessons(draft)
        _action_fields(draft)
    if not sent:
        return
    used = [row for row in range(ROWS) if _is_used(sent.given, row)]
    given = {field: sent.given[field] for field in _LABELS} | {
        "actions": [
            {name: sent.given[_field(row, name)] for name in ("text", "owner", "due_on")}
            for row in used
        ]
    }
    send(
        draft,
        lambda store: hold_retrospective(store, service, given, **sent.once, incident=incident),
        lambda made: f"Stored, with {len(used)} action{'' if len(used) == 1 else 's'}.",
        empty=empty | {"title": title},
        place=lambda field: _place(field, used),
    )


def written(
    one: Retrospective, actions: Sequence[Action], found: IncidentsReport, *, live: bool
) -> None:
    """A retrospective as it was written, and the form that corrects it."""
    st.caption(
        plain(
            f"{one.title}. Held on {wording.long_date(one.held_on)}, written by {one.changed_by}."
        )
    )
    for column, (field, asked) in zip(st.columns(len(_ASKED)), _ASKED.items(), strict=True):
        with column:
            st.markdown(f"**{asked}**")
            st.text(getattr(one, field))
    actions_table(action_rows(actions, found, {}), "No action was decided.")
    if live:
        with st.expander("Correct what it says", icon=":material/edit:"):
            _change(one)


def _change(one: Retrospective) -> None:
    draft = Draft(f"retrospective change·{one.service}·{one.retrospective_id}")
    seen = begin_editing(draft, one, _values_of, revision=one.revision)
    with form(draft, Button("Store the correction", ":material/edit:")) as sent:
        _lessons(draft)
    if sent:
        send(
            draft,
            lambda store: change_retrospective(store, seen, sent.given, **sent.signed),
            lambda made: f"Stored: revision {made.revision}.",
            editing=Editing(seen, _values_of, _LABELS),
        )


def _values_of(one: Retrospective) -> dict[str, Any]:
    return {field: getattr(one, field) for field in _LABELS}


def _lessons(draft: Draft) -> None:
    left, right = st.columns([3, 1])
    with left:
        draft.text_input(_LABELS["title"], "title")
    with right:
        draft.date_input(_LABELS["held_on"], "held_on")
    for column, (field, asked) in zip(st.columns(len(_ASKED)), _ASKED.items(), strict=True):
        with column:
            draft.text_area(asked, field, height=130)


def _action_fields(draft: Draft) -> None:
    """Rows of an action each: what, who, by when. Empty rows are no actions."""
    widths = [5, 2, 2]
    for row in range(ROWS):
        hidden: Literal["visible", "collapsed"] = "collapsed" if row else "visible"
        what, owner, due_on = st.columns(widths, vertical_alignment="top")
        with what:
            draft.text_input(
                f"Action {row + 1}" if row else "Actions: what is to be done",
                _field(row, "text"),
                label_visibility=hidden,
            )
        with owner:
            draft.text_input(
                f"Owner of action {row + 1}" if row else "Owner",
                _field(row, "owner"),
                label_visibility=hidden,
            )
        with due_on:
            draft.date_input(
                f"Day of action {row + 1}" if row else "By",
                _field(row, "due_on"),
                label_visibility=hidden,
            )


def _field(row: int, name: str) -> str:
    return f"actions[{row}].{name}"


def _is_used(typed: dict[str, Any], row: int) -> bool:
    text, owner = typed[_field(row, "text")], typed[_field(row, "owner")]
    return bool(text.strip() or owner.strip() or typed[_field(row, "due_on")])


def _place(field: str, used: Sequence[int]) -> str:
    """The form's field of an action's: rows that were left empty were not sent.

    >>> _place("actions[1].owner", [0, 3]), _place("title", [])
    ('actions[3].owner', 'title')
    """
    found = re.fullmatch(r"actions\[(\d+)\]\.(.+)", field)
    return field if found is None else _field(used[int(found[1])], found[2])
