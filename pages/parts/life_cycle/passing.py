"""The form that lets a model, or the service, through a gate, and the one that takes it back."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.life_cycle import GateView
from core.life_cycle.gates import missing_words
from core.ports.life_cycle import PassedGate
from db.team.life_cycle import pass_gate, withdraw
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import problems, send, token, who
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
    with st.form(draft.key("form"), border=False):
        st.text_area("What is decided, and why", key=draft.key("reason"), height=80)
        draft.problem("reason")
        if waivable:
            st.text_area(
                f"Why without {missing_words(view.missing)}", key=draft.key("waiver"), height=80
            )
            draft.problem("waiver")
        who(draft, "Who decides it")
        problems(draft, "reason", "waiver")
        sent = st.form_submit_button(button, type="primary", icon=":material/done_all:")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values(("reason", "by")), data.moment()
    waiver = draft.values(["waiver"])["waiver"] if waivable else ""
    given = {"reason": typed["reason"], "waiver": waiver}
    send(
        draft,
        lambda store: pass_gate(
            store,
            service,
            key,
            view.version,
            given,
            by=typed["by"],
            at=at,
            request_id=token(draft),
        ),
        lambda made: f"Recorded on {wording.clock(made.passed_at)}.",
        empty={"reason": "", "waiver": ""},
    )


def withdraw_form(passed: PassedGate, service: str) -> None:
    """Take back that a gate was passed, with a reason."""
    draft = Draft(f"gate back·{service}·{passed.gate_id}")
    draft.begin({"why": "", "by": ""})
    with st.form(draft.key("form"), border=False):
        st.text_area("Why it is taken back", key=draft.key("why"), height=68)
        draft.problem("why")
        who(draft, "Who takes it back")
        problems(draft, "why")
        sent = st.form_submit_button("Take it back", icon=":material/undo:")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values(("why", "by")), data.moment()
    send(
        draft,
        lambda store: withdraw(store, passed, {"why": typed["why"]}, by=typed["by"], at=at),
        lambda _: "Taken back.",
    )


def passed_line(passed: PassedGate) -> str:
    """By whom and when a gate was passed, as markdown."""
    when = wording.clock(passed.passed_at)
    return (
        f":blue[:material/check_circle: **Passed**] by {plain(passed.passed_by)} on {plain(when)}"
    )
