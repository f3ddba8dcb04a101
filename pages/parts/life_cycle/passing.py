"""The form that lets a model, or the service, through a gate, and the one that takes it back."""

from __future__ import annotations

from core import wording
from core.life_cycle import GateView
from core.life_cycle.gates import missing_words
from core.ports.life_cycle import PassedGate
from db.team.life_cycle import pass_gate, withdraw
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, send
from pages.parts.markdown import plain


def pass_form(view: GateView, service: str, button: str) -> None:
    """Pass a gate. Whether it may be passed is judged where it is stored, and not by this form.

    Args:
        view: the gate as it stands.
        service: whose.
        button: what the button says.
    """
    key = view.gate.key
    draft = Draft(f"gate·{service}·{key}·{view.version}")
    draft.begin({"reason": "", "waiver": "", "by": ""})
    waivable = bool(view.missing) and not view.refusal
    with form(
        draft, Button(button, ":material/done_all:", primary=True), asks="Who decides it"
    ) as sent:
        draft.text_area("What is decided, and why", "reason", height=80)
        if waivable:
            draft.text_area(f"Why without {missing_words(view.missing)}", "waiver", height=80)
    if sent:
        given = {"waiver": "", **sent.given}
        send(
            draft,
            lambda store: pass_gate(store, service, key, view.version, given, **sent.once),
            lambda made: f"Recorded on {wording.clock(made.passed_at)}.",
            empty={"reason": "", "waiver": ""},
        )


def withdraw_form(passed: PassedGate, service: str) -> None:
    """Take back that a gate was passed, with a reason."""
    draft = Draft(f"gate back·{service}·{passed.gate_id}")
    draft.begin({"why": "", "by": ""})
    with form(draft, Button("Take it back", ":material/undo:"), asks="Who takes it back") as sent:
        draft.text_area("Why it is taken back", "why", height=68)
    if sent:
        send(
            draft,
            lambda store: withdraw(store, passed, sent.given, **sent.signed),
            lambda _: "Taken back.",
        )


def passed_line(passed: PassedGate) -> str:
    """By whom and when a gate was passed, as markdown."""
    when = wording.clock(passed.passed_at)
    return (
        f":blue[:material/check_circle: **Passed**] by {plain(passed.passed_by)} on {plain(when)}"
    )
