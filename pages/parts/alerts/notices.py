"""What keeps alerts from being trusted, above everything else on the page."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import wording
from core.alerts import sentences
from core.alerts.report import LATE_AFTER, AlertsReport
from pages.parts import data
from pages.parts.markdown import plain
from pages.parts.view import View

#: How often a live page looks at the clock: that nobody evaluates changes nothing in the store.
LOOK_SECONDS = 10


def first(found: AlertsReport, view: View) -> None:
    """That rules are not evaluated, or wrongly: that nothing fires then says nothing."""
    if found.health.late or found.health.errors or not found.rules:
        with st.container(key="alerts_first"):
            _first(found)
    if view.live and not found.health.late and found.health.last is not None:
        _look(found.health.last.at + LATE_AFTER)


def _first(found: AlertsReport) -> None:
    late = sentences.late(found)
    if late and found.rules:
        st.error(
            f"**Do not trust the silence:** {plain(late)}. Start the worker: python cli.py worker",
            icon=":material/emergency_home:",
        )
    if not found.rules:
        st.error(
            "This service has no alert rules yet, so nobody would be called. The worker gives "
            "every service its rules within a minute: python cli.py worker",
            icon=":material/emergency_home:",
        )
    for error in found.health.errors:
        st.error(f"The last evaluation failed in part: {plain(error)}", icon=":material/error:")


def second(found: AlertsReport) -> None:
    """Rules that are set up wrongly."""
    if found.errors:
        rules = sorted({one.rule_id for one in found.errors})
        word = "rule is" if len(rules) == 1 else "rules are"
        st.warning(
            f"{wording.number_word(len(rules)).capitalize()} {word} set up wrongly: "
            f"{plain(wording.listing(rules))}. See the tab Rules.",
            icon=":material/build:",
        )


@st.fragment(run_every=LOOK_SECONDS)
def _look(good_until: datetime) -> None:
    """Draw the page anew once the rules are late: a store that stands still would not say so."""
    if data.moment() > good_until:
        st.rerun()
