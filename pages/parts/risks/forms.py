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
from pages.parts import data
from pages.parts.data import PlanNames
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who
from pages.parts.risks.choice import look_at
from pages.parts.risks.fields import EMPTY, LABELS, fields, given_of, values_of

#: How much later the next review is proposed.
NEXT_REVIEW = timedelta(days=14)


def new_risk(found: RisksReport, names: PlanNames) -> None:
    """The form of a new risk."""
    draft = Draft(f"risk new·{found.service}")
    first = {**EMPTY, "review_on": found.as_of.date() + NEXT_REVIEW}
    draft.begin(first | {"by": ""})
    with st.form(draft.key("form"), border=True):
        fields(draft, names)
        who(draft, "Who writes it")
        problems(draft, *LABELS)
        sent = st.form_submit_button("Write the risk down", type="primary")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values([*LABELS, "by"]), data.moment()

    def write(store: Engine) -> Risk:
        made = add_risk(
            store,
            found.service,
            given_of(typed),
            by=typed["by"],
            at=at,
            request_id=token(draft),
        )
        look_at(made.risk_id)
        return made

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
    with st.form(draft.key("form"), border=False):
        fields(draft, names)
        st.caption("The rank is computed. Another red line than before is armed anew.")
        who(draft)
        problems(draft, *LABELS)
        sent = st.form_submit_button("Store the change", type="primary")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values([*LABELS, "by"]), data.moment()
    given = given_of(typed) | {"statement": seen.statement}
    send(
        draft,
        lambda store: change_risk(store, seen, given, by=typed["by"], at=at),
        lambda made: f"Stored: rank {made.rank}, revision {made.revision}.",
        editing=Editing(seen, values_of, LABELS),
    )


def _review(stored: Risk, found: RisksReport) -> None:
    draft = Draft(f"risk review·{stored.service}·{stored.risk_id}")
    draft.begin({"review_on": found.as_of.date() + NEXT_REVIEW, "by": ""})
    with st.form(draft.key("form"), border=False):
        st.date_input("Look at it again on", None, key=draft.key("review_on"), format="YYYY-MM-DD")
        draft.problem("review_on")
        who(draft, "Who has looked at it")
        problems(draft, "review_on")
        sent = st.form_submit_button("It was reviewed", icon=":material/event_repeat:")
    draft.outcome()
    if sent:
        typed, at = draft.values(("review_on", "by")), data.moment()
        send(
            draft,
            lambda store: review_risk(store, stored, typed["review_on"], by=typed["by"], at=at),
            lambda made: f"Reviewed; again on {made.review_on}.",
        )


def _end_plan_b(stored: Risk) -> None:
    draft = Draft(f"risk plan B·{stored.service}·{stored.risk_id}")
    draft.begin({"plan_b_result": "", "by": ""})
    with st.form(draft.key("form"), border=True):
        st.markdown(":red[:material/alt_route:] **Plan B is open**")
        st.text_area("What came of it", key=draft.key("plan_b_result"), height=80)
        draft.problem("plan_b_result")
        who(draft)
        problems(draft, "plan_b_result")
        sent = st.form_submit_button("End plan B", type="primary", icon=":material/stop:")
    draft.outcome()
    if sent:
        typed, at = draft.values(("plan_b_result", "by")), data.moment()
        send(
            draft,
            lambda store: end_plan_b(store, stored, typed["plan_b_result"], by=typed["by"], at=at),
            lambda made: f"Plan B ended at {wording.clock(at)}. Draw another red line.",
        )


def _close(stored: Risk) -> None:
    draft = Draft(f"risk close·{stored.service}·{stored.risk_id}")
    draft.begin({"closed_why": "", "by": ""})
    with st.form(draft.key("form"), border=False):
        st.text_input("Why it is no risk any more", key=draft.key("closed_why"))
        draft.problem("closed_why")
        who(draft)
        problems(draft, "closed_why")
        sent = st.form_submit_button("Close the risk", icon=":material/task_alt:")
    draft.outcome()
    if sent:
        typed, at = draft.values(("closed_why", "by")), data.moment()
        send(
            draft,
            lambda store: close_risk(store, stored, typed["closed_why"], by=typed["by"], at=at),
            lambda made: f"Closed at {wording.clock(at)}.",
        )


def _reopen(stored: Risk) -> None:
    draft = Draft(f"risk reopen·{stored.service}·{stored.risk_id}")
    draft.begin({"by": ""})
    with st.form(draft.key("form"), border=True):
        st.caption("This risk is closed: it is in no matrix, and its red line is not watched.")
        who(draft)
        problems(draft)
        sent = st.form_submit_button("It is a risk again", icon=":material/undo:")
    draft.outcome()
    if sent:
        typed, at = draft.values(["by"]), data.moment()
        send(
            draft,
            lambda store: reopen_risk(store, stored, by=typed["by"], at=at),
            lambda made: f"Open again, rank {made.rank}.",
        )
