"""The form that says that something is there, and where."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from core import wording
from core.life_cycle.gates import Met
from core.ports.life_cycle import KeptItem
from db.team.life_cycle import keep, take_back
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_either, form, send

_LABELS = {"place": "Where", "note": "Note"}
_EMPTY = {"place": "", "note": ""}
_GONE = Button("It is not there after all", ":material/undo:")


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
    seen = begin_either(draft, stored, _values_of, _EMPTY)
    label = "It is saved there" if stored is None else "Store the change"
    gone = () if stored is None else (_GONE,)
    with form(draft, Button(label, ":material/save:", primary=True), *gone) as sent:
        draft.text_input(_LABELS["place"], "place", placeholder=hint)
        draft.text_area(_LABELS["note"], "note", height=68)
    outcome.outcome()

    def take(store: Engine) -> KeptItem:
        assert stored is not None  # only then there is its button
        made = take_back(store, stored, **sent.signed)
        outcome.accepted(f"Taken back at {wording.clock(sent.at)}.")
        return made

    def say(store: Engine) -> KeptItem:
        made = keep(store, service, key, seen, sent.given, **sent.signed)
        if stored is None:  # its form is another one from now on
            outcome.accepted(f"Stored at {wording.clock(sent.at)}.")
        return made

    if sent.button == _GONE.label:
        send(draft, take, lambda _: "")
    elif sent:
        send(
            draft,
            say,
            lambda made: "" if stored is None else f"Stored: revision {made.revision}.",
            empty=_EMPTY,
            editing=Editing(seen, _values_of, _LABELS),
        )


def _values_of(item: KeptItem) -> dict[str, Any]:
    return {field: getattr(item, field) for field in _LABELS}
