"""Freezing the plan as it stands: what slips are counted from."""

from __future__ import annotations

from db.team.milestones import freeze_baseline
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, send


def baseline_form(service: str) -> None:
    """Freeze it under a name; a frozen plan is never changed afterwards."""
    draft = Draft(f"baseline·{service}")
    draft.begin({"name": "", "note": "", "by": ""})
    with form(
        draft, Button("Freeze the plan as it stands", ":material/ac_unit:"), asks="Who freezes it"
    ) as sent:
        draft.text_input("Name of the baseline", "name")
        draft.text_input("Note", "note")
    if sent:
        send(
            draft,
            lambda store: freeze_baseline(store, service, sent.given, **sent.once),
            lambda made: f"{made.name} is frozen. Slips are counted from it.",
            empty={"name": "", "note": ""},
        )
