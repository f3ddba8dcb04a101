"""Erasing letters on request, from the page."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.access import Permission
from core.false_reports.retraining import SetError
from core.fields import FieldsError
from db.team.letter_withdrawals import withdraw
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.false_reports.desk import Desk, desk_of, who, why_not
from pages.parts.false_reports.inbox import told
from pages.parts.view import View

_LETTERS, _REASON, _SURE = "withdraw_letters", "withdraw_reason", "withdraw_sure"


def form(view: View) -> None:
    """Which letters, why, and that it is meant: what is erased cannot be had back."""
    if not data.allowed(Permission.PLAN):
        return
    desk = desk_of(f"{view.service}·withdrawal")
    refused = why_not(view)
    with st.expander("Withdraw letters", key="withdrawing", on_change="rerun") as box:
        if not box.open:
            return
        with st.form("withdrawal", border=False):
            left, right = st.columns(2, gap="medium")
            with left:
                st.text_area(
                    "Letters, one a line",
                    key=_LETTERS,
                    height=120,
                    help="Each by its letter_key, or by the report_id of a report of it.",
                )
            with right:
                st.text_area("Reason, for the log", key=_REASON, height=120)
            st.checkbox("Erase their texts for good, here and in every set", key=_SURE)
            st.form_submit_button(
                "Withdraw",
                type="primary",
                disabled=bool(refused),
                on_click=_withdraw,
                args=(view.service, desk),
            )
        st.caption(
            refused
            or "Sets that hold such a letter are replaced by corrected ones. The rows of "
            "metrics.false_report are the serving stack's own to erase."
        )
        told(desk)


def _withdraw(service: str, desk: Desk) -> None:
    names = [line.strip() for line in st.session_state[_LETTERS].splitlines() if line.strip()]
    by, reason, at = who(), st.session_state[_REASON], data.moment()
    if not st.session_state[_SURE]:
        desk.tell("Nothing was erased: tick that it is meant.", good=False)
        return
    try:
        done = data.act(
            lambda store: withdraw(store, service, names, by=by, at=at, reason=reason),
            Permission.PLAN,
        )
    except FieldsError as error:
        said = [f"{name.capitalize()}: {problem}" for name, problem in error.problems.items()]
        desk.tell("Nothing was erased.", said, good=False)
    except SetError as error:
        desk.tell(str(error), good=False)
    else:
        if isinstance(done, Problem):
            desk.tell(f"Nothing was erased. {done.sentence}", good=False)
            return
        desk.tell(
            f"Letters withdrawn: {wording.whole(len(done.letters))}; withdrawn before: "
            f"{wording.whole(len(done.before))}; reports erased: {wording.whole(done.reports)}.",
            [
                f"{before} is replaced by {instead}: whoever has it deletes it."
                for before, instead in done.sets.items()
            ],
        )
        st.session_state[_LETTERS] = st.session_state[_REASON] = ""
        st.session_state[_SURE] = False
