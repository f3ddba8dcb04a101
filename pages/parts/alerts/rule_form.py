"""The form of a rule: every wrong field named beside it, nobody's change overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.access import Permission
from core.alerts.rules import CHECKS
from core.fields import FieldsError
from core.ports.alerts import SEVERITIES, AlertRule
from db.team.alert_rules import RuleConflictError, as_fields, change, create, delete
from pages.parts import data
from pages.parts.alerts import parameters
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.forms import who

_PLAIN = ("name", "severity", "wait_minutes", "owner", "runbook_id", "enabled")


def rule_form(service: str, rule: AlertRule | None, runbooks: Sequence[str]) -> None:
    """The fields of a rule, or of one that is to be made."""
    draft = Draft(f"alert rule·{service}·{'' if rule is None else rule.rule_id}")
    draft.begin(_begins(rule), rule=rule)
    seen: AlertRule | None = draft.seen("rule")
    if rule is not None and seen is not None and rule.revision > seen.revision:
        draft.tell("This rule has been changed since the form was opened.", _changes(seen, rule))
        if st.button("Take over what is stored", key=draft.key("reload"), icon=":material/sync:"):
            draft.refill(_begins(rule), rule=rule)
            st.rerun()
    left, middle, right = st.columns(3, gap="medium")
    with left:
        if rule is None:
            draft.text_input("Id, e.g. slo-availability", "rule_id")
        draft.text_input("Name", "name")
        draft.selectbox("Severity", SEVERITIES, "severity")
        draft.checkbox("Switched on", "enabled")
    with middle:
        draft.selectbox("Fires when", CHECKS, "check", format_func=_title)
        check = draft.value("check")
        parameters.draw(draft, check)
    with right:
        draft.number_input("Wait, minutes", "wait_minutes", step=1)
        draft.text_input("Owner", "owner")
        known = ["", *runbooks] if rule is None else dict.fromkeys(["", *runbooks, rule.runbook_id])
        draft.selectbox(
            "Runbook",
            known,
            "runbook_id",
            format_func=lambda name: name or "none",
        )
        who(draft, "Who changes it" if rule else "Who makes it")
    draft.other_problems()
    with st.container(horizontal=True):
        word = "Store the rule" if rule else "Make the rule"
        sent = st.button(word, type="primary", key=draft.key("send"))
        gone = rule is not None and st.button(
            "Delete the rule", key=draft.key("delete"), icon=":material/delete:"
        )
    draft.outcome()
    if sent:
        _send(draft, service, seen, check)
    if gone and seen is not None:
        _delete(draft, seen)


def _title(check: str) -> str:
    return CHECKS[check].title


def _begins(rule: AlertRule | None) -> dict[str, Any]:
    """What the form shows of a rule: the fields of every check too, for who changes the check."""
    shown: dict[str, Any] = {
        "rule_id": "",
        "name": "",
        "severity": "ticket",
        "wait_minutes": 0,
        "owner": "",
        "runbook_id": "",
        "enabled": True,
        "check": "burn",
        "by": "",
    }
    if rule is not None:
        stored = as_fields(rule)
        shown |= {name: stored[name] for name in ("rule_id", *_PLAIN)}
        shown["check"] = rule.check if rule.check in CHECKS else "burn"
    for check in CHECKS:
        shown |= parameters.begins(check, rule)
    return shown


def _send(draft: Draft, service: str, seen: AlertRule | None, check: str) -> None:
    typed, at = draft.values((*_PLAIN, "by")), data.moment()
    given = {name: typed[name] for name in _PLAIN}
    given |= {"check": check, "parameters": parameters.given(draft, check)}

    def store_it(store: Engine) -> AlertRule:
        if seen is not None:
            return change(store, seen, given, by=typed["by"], at=at)
        rule_id = draft.values(("rule_id",))["rule_id"]
        return create(store, service, {**given, "rule_id": rule_id}, by=typed["by"], at=at)

    try:
        answer = data.act(store_it, Permission.PLAN)
    except FieldsError as error:
        draft.refused(error.problems)
    except RuleConflictError as error:
        _conflict(draft, seen, error)
    else:
        if isinstance(answer, Problem):
            draft.refused({}, f"Nothing was stored. {answer.sentence}")
        else:
            draft.accepted(f"Stored at {wording.clock(at)}: it counts from the next evaluation on.")
            draft.refill(_begins(None if seen is None else answer), rule=seen and answer)
    st.rerun()


def _conflict(draft: Draft, seen: AlertRule | None, error: RuleConflictError) -> None:
    """Tell what somebody else has changed; what was typed stays, and may be sent again."""
    if error.theirs is None:
        draft.refused({}, f"Nothing was stored. {error}")
        return
    if seen is None:
        draft.refused({"rule_id": "There is a rule of this id already."})
        return
    said = f"Nothing was stored. {error} What you typed is still here; send it again to store it."
    draft.refused({}, said, _changes(seen, error.theirs))
    # A field that nobody touched here takes what they stored: sent again, it undoes nothing.
    before, theirs = _begins(seen), _begins(error.theirs)
    typed = draft.values(list(before))
    kept = {name: value for name, value in typed.items() if value != before[name]}
    draft.refill(theirs | kept, rule=error.theirs)


def _delete(draft: Draft, seen: AlertRule) -> None:
    by, at = draft.values(("by",))["by"], data.moment()
    try:
        answer = data.act(lambda store: delete(store, seen, by=by, at=at), Permission.PLAN)
    except FieldsError as error:
        draft.refused(error.problems)
    except RuleConflictError as error:
        _conflict(draft, seen, error)
    else:
        if isinstance(answer, Problem):
            draft.refused({}, f"Nothing was deleted. {answer.sentence}")
    st.rerun()


def _changes(before: AlertRule, after: AlertRule) -> list[str]:
    old, new = as_fields(before), as_fields(after)
    return [
        f"{name} was {old[name]!r} and is now {new[name]!r}"
        for name in old
        if old[name] != new[name]
    ]
