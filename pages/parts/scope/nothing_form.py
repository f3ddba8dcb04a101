"""Saying that a cell is meant to be empty, and taking that back."""

from __future__ import annotations

from core.ports.plan import EmptyCell
from core.scope import Cell
from db.team.scope import mark_empty, unmark_empty
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, send


def nothing_form(service: str, cell: Cell) -> None:
    """Why a gap is none."""
    draft = Draft(f"scope nothing·{service}·{cell.stage}·{cell.direction}")
    draft.begin({"reason": "", "by": ""})
    with form(draft, Button("It is meant to hold nothing", ":material/block:")) as sent:
        draft.text_area("Why there is nothing to do", "reason", height=70)
    if sent:
        given = {"stage": cell.stage, "direction": cell.direction, "reason": sent.given["reason"]}
        send(
            draft,
            lambda store: mark_empty(store, service, given, **sent.signed),
            lambda made: f"Stored: {made.changed_by} says so.",
        )


def withdraw_form(cell: Cell, said: EmptyCell) -> None:
    """It is a gap again, until there is a task."""
    draft = Draft(f"scope withdraw·{said.service}·{cell.stage}·{cell.direction}")
    draft.begin({"by": ""})
    with form(draft, Button("Take it back", ":material/undo:")) as sent:
        pass
    if sent:
        send(
            draft,
            lambda store: unmark_empty(store, said, **sent.signed),
            lambda _: "It is a gap again.",
        )
