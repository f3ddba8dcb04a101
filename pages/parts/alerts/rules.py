"""The rules of a service: what is wrong with them, the list, and the form of one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.access import Permission
from core.alerts.report import AlertsReport
from core.alerts.rules import CHECKS
from core.ports.alerts import AlertRule
from pages.parts.alerts.rule_form import rule_form
from pages.parts.data import Background
from pages.parts.forms import closed
from pages.parts.markdown import plain
from pages.parts.view import View

_NEW = ""
_CHOSEN = "alert_rule"


def rules(found: AlertsReport, beside: Background, view: View) -> None:
    """Errors of configuration first: such a rule calls, and nobody knows what to do."""
    for error in found.errors:
        st.error(f"{plain(error.rule_id)}: {plain(error.sentence)}", icon=":material/build:")
    if found.rules:
        _table(found)
    if not view.live:
        st.caption("Rules are as they are now; they are changed on the page of now.")
        return
    if closed(view, Permission.PLAN):
        return
    named = {rule.rule_id: rule for rule in found.rules}
    key = f"{_CHOSEN}·{found.service}"
    if st.session_state.get(key, _NEW) not in {_NEW, *named}:
        st.session_state[key] = _NEW
    chosen = st.selectbox(
        "Rule to change",
        [_NEW, *named],
        key=key,
        format_func=lambda rule_id: named[rule_id].name if rule_id else "a new rule",
    )
    with st.container(border=True, key="alert_rule_form"):
        rule_form(found.service, named.get(chosen), sorted(beside.runbooks))


def _table(found: AlertsReport) -> None:
    noise = {one.rule_id: one for one in found.history.noise}
    rows = []
    for rule in found.rules:
        heard = noise.get(rule.rule_id)
        rows.append(
            {
                "Rule": rule.rule_id,
                "Name": rule.name,
                "Severity": rule.severity,
                "On": rule.enabled,
                "Wait": wording.duration(rule.wait) if rule.wait else "none",
                "Alerts": 0 if heard is None else heard.episodes,
                "Nobody acted": 0 if heard is None else heard.ignored,
                "Owner": rule.owner or "nobody",
                "Runbook": rule.runbook_id or "none",
                "Fires when": _title(rule),
                "With": _parameters(rule),
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")
    st.caption(f"Alerts and how many of them nobody acted on, {found.span.minutes // 1440} days.")


def _title(rule: AlertRule) -> str:
    check = CHECKS.get(rule.check)
    return f"unknown check {rule.check}" if check is None else check.title


def _parameters(rule: AlertRule) -> str:
    return "; ".join(f"{name} {_value(value)}" for name, value in sorted(rule.parameters.items()))


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
