"""What may be done with a risk: write it down, change it, review it, end plan B, close it."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.ports.risks import Risk
from core.risks import RisksReport, RiskView
from db.team.risks import (
    add_risk,
    change_risk,
    close_risk,
    end_plan_b,
    reopen_risk,
    review_risk,
)
from pages.parts.data import PlanNames
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send
from pages.parts.risks.choice import look_at
from pages.parts.risks.fields import EMPTY, LABELS, fields, given_of, values_of

#: How much later the next review is proposed.
NEXT_REVIEW = timedelta(days=14)


def new_risk(found: RisksReport, names: PlanNames) -> None:
    """The form of a new risk."""
    draft = Draft(f"risk new·{found.service}")
    first = {**EMPTY, "review_on": found.as_of.date() + NEXT_REVIEW}
    draft.begin(first | {"by": ""})
    with form(
        draft, Button("Write the risk down", primary=True), asks="Who writes it", border=True
    ) as sent:
        fields(draft, names)

    def write(store: Engine) -> Risk:
        made = add_risk(store, found.service, given_of(sent.given), **sent.once)
        look_at(made.risk_id)
        return made

    if sent:
        send(draft, write, lambda made: f"Written down, rank {made.rank}.", empty=first)


def follow(view: RiskView, found: RisksReport, names: PlanNames) -> None:
    """The forms of a risk that is open on the page."""
    risk = view.risk
    if not view.is_open:
        _reopen(risk)
        return
    if risk.plan_b_is_open:
        _end_plan_b(risk)
    # It stays open after the review, which would hide that it was stored.
    overdue = st.session_state.setdefault(
        f"risk overdue·{risk.service}·{risk.risk_id}", bool(view.overdue_days)
    )
    with st.expander("Review it", icon=":material/event_repeat:", expanded=overdue):
        _review(risk, found)
    with st.expander("Change it", icon=":material/edit:"):
        _change(risk, names)
    with st.expander("Close it: it is no risk any more", icon=":material/task_alt:"):
        _close(risk)


def _change(stored: Risk, names: PlanNames) -> None:
    draft = Draft(f"risk·{stored.service}·{stored.risk_id}")
    seen = begin_editing(draft, stored, values_of, revision=stored.revision)
    with form(draft, Button("Store the change", primary=True)) as sent:
        fields(draft, names)
        st.caption("The rank is computed. Another red line than before is armed anew.")
    if sent:
        given = given_of(sent.given) | {"statement": seen.statement}
        send(
            draft,
            lambda store: change_risk(store, seen, given, **sent.signed),
            lambda made: f"Stored: rank {made.rank}, revision {made.revision}.",
            editing=Editing(seen, values_of, LABELS),
        )


def _review(stored: Risk, found: RisksReport) -> None:
    draft = Draft(f"risk review·{stored.service}·{stored.risk_id}")
    draft.begin({"review_on": found.as_of.date() + NEXT_REVIEW, "by": ""})
    with form(
        draft, Button("It was reviewed", ":material/event_repeat:"), asks="Who has looked at it"
    ) as sent:
        draft.date_input("Look at it again on", "review_on")
    if sent:
        send(
            draft,
            lambda store: review_risk(store, stored, sent.given["review_on"], **sent.signed),
            lambda made: f"Reviewed; again on {made.review_on}.",
        )


def _end_plan_b(stored: Risk) -> None:
    draft = Draft(f"risk plan B·{stored.service}·{stored.risk_id}")
    draft.begin({"plan_b_result": "", "by": ""})
    with form(draft, Button("End plan B", ":material/stop:", primary=True), border=True) as sent:
        st.markdown(":red[:material/alt_route:] **Plan B is open**")
        draft.text_area("What came of it", "plan_b_result", height=80)
    if sent:
        send(
            draft,
            lambda store: end_plan_b(store, stored, sent.given["plan_b_result"], **sent.signed),
            lambda made: f"Plan B ended at {wording.clock(sent.at)}. Draw another red line.",
        )


def _close(stored: Risk) -> None:
    draft = Draft(f"risk close·{stored.service}·{stored.risk_id}")
    draft.begin({"closed_why": "", "by": ""})
    with form(draft, Button("Close the risk", ":material/task_alt:")) as sent:
        draft.text_input("Why it is no risk any more", "closed_why")
    if sent:
        send(
            draft,
            lambda store: close_risk(store, stored, sent.given["closed_why"], **sent.signed),
            lambda made: f"Closed at {wording.clock(sent.at)}.",
        )


def _reopen(stored: Risk) -> None:
    draft = Draft(f"risk reopen·{stored.service}·{stored.risk_id}")
    draft.begin({"by": ""})
    with form(draft, Button("It is a risk again", ":material/undo:"), border=True) as sent:
        st.caption("This risk is closed: it is in no matrix, and its red line is not watched.")
    if sent:
        send(
            draft,
            lambda store: reopen_risk(store, stored, **sent.signed),
            lambda made: f"Open again, rank {made.rank}.",
        )
