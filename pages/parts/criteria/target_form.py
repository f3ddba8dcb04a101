"""The form of a target: what it would change is shown before it is stored."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.fields import FieldsError
from core.goals import Effect, GoalsReport, effect
from core.goals.forms import parse_target
from core.goals.measures import MEASURES, of_area
from core.goals.numbers import typed_words
from core.ports.criteria import Criterion, KeptTarget
from core.status import Target
from db.team.goals import remove_target, save_target
from pages.parts import data
from pages.parts.cards import chip
from pages.parts.criteria.words import (
    NEW_ROW,
    OPERATORS,
    every_criterion,
    measure_label,
    target_sentence,
)
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, Sent, begin_either, form, send, token

_LABELS = {
    "measure": "Measure",
    "operator": "Limit",
    "value": "Value",
    "milestone": "Milestone",
    "due_on": "Due on",
}
_CHECK = Button("Show what it would change", primary=True)
_REMOVE = Button("Show what removing it would change", ":material/delete:")


def target_form(found: GoalsReport) -> None:
    """Choose a criterion and one of its targets, or set a new one."""
    criteria = every_criterion(found.goals)
    left, right = st.columns(2, gap="medium")
    with left:
        criterion = criteria[
            st.selectbox(
                "Which criterion",
                list(criteria),
                key=f"target criterion·{found.service}",
                format_func=lambda each: criteria[each].name,
            )
        ]
    known = {
        one.target_id: one for one in found.targets if one.criterion_id == criterion.criterion_id
    }
    with right:
        chosen = st.selectbox(
            "Which target",
            [NEW_ROW, *known],
            key=f"target·{found.service}·{criterion.criterion_id}",
            format_func=lambda each: target_sentence(known[each].target) if each else "A new one",
        )
    _form(found, criterion, known.get(chosen))


def _form(found: GoalsReport, criterion: Criterion, stored: KeptTarget | None) -> None:
    name = "" if stored is None else str(stored.target_id)
    draft = Draft(f"target·{found.service}·{criterion.criterion_id}·{name}")
    seen = begin_either(draft, stored, _values_of, _empty(criterion))
    remove = () if stored is None else (_REMOVE,)
    with form(draft, _CHECK, *remove, border=True) as sent:
        _fields(draft, found, criterion)
    if sent:
        _check(found, criterion, stored, sent)
    checked = st.session_state.get(draft.key("checked"))
    if checked is not None:
        sent_before, wanted = checked
        _preview(found, criterion, stored, wanted)
        _store(criterion, seen, sent_before, wanted)


def _check(found: GoalsReport, criterion: Criterion, stored: KeptTarget | None, sent: Sent) -> None:
    """Read what was typed; what is wrong is said beside its field."""
    wanted: Target | None = None
    draft = sent.draft
    st.session_state.pop(draft.key("checked"), None)
    if sent.button == _CHECK.label:
        try:
            wanted = parse_target(sent.given, criterion, found.targets, stored)
        except FieldsError as error:
            draft.refused(error.problems)
            st.rerun()
    draft.refused({})
    st.session_state[draft.key("checked")] = (sent, wanted)
    st.rerun()


def _preview(
    found: GoalsReport, criterion: Criterion, stored: KeptTarget | None, wanted: Target | None
) -> None:
    with st.container(border=True, gap="xsmall", key="target_effect"):
        st.markdown("**Understood, and not stored yet**")
        st.text(
            "The target is removed." if wanted is None else f"{_capital(target_sentence(wanted))}."
        )
        told = effect(
            found.goals,
            found.reports,
            found.as_of,
            found.over,
            criterion_id=criterion.criterion_id,
            seen=None if stored is None else stored.target,
            wanted=wanted,
        )
        st.text(told.sentence)
        _chips(told)
        for line in told.lines:
            st.text(f"• {line}")


def _chips(told: Effect) -> None:
    if told.before is None or told.after is None:
        return
    before, after = chip(told.before.status), chip(told.after.status)
    st.markdown(f"{before} :material/arrow_forward: {after}")


def _store(
    criterion: Criterion, seen: KeptTarget | None, sent: Sent, wanted: Target | None
) -> None:
    draft = sent.draft
    word = "Remove the target" if wanted is None else "Store the target"
    left, right = st.columns(2)
    if right.button("Do not", key=draft.key("no")):
        st.session_state.pop(draft.key("checked"), None)
        st.rerun()
    if not left.button(word, key=draft.key("yes"), type="primary"):
        return
    st.session_state.pop(draft.key("checked"), None)
    at = data.moment()
    if wanted is None:
        assert seen is not None  # only a target that there is can be removed
        held = seen
        send(
            draft,
            lambda store: remove_target(store, held, by=sent.by, at=at),
            lambda _: "Removed.",
        )
        return
    send(
        draft,
        lambda store: save_target(
            store, criterion, seen, sent.given, by=sent.by, at=at, request_id=token(draft)
        ),
        lambda made: f"Stored at {wording.clock(at)}: {target_sentence(made.target)}.",
        empty=_empty(criterion),
        editing=Editing(seen, _values_of, _LABELS),
    )


def _fields(draft: Draft, found: GoalsReport, criterion: Criterion) -> None:
    measure, operator, value, milestone, due_on = st.columns([3, 2, 2, 2, 2], gap="small")
    with measure:
        draft.selectbox(
            _LABELS["measure"],
            draft.offered("measure", [one.name for one in of_area(criterion.area)]),
            "measure",
            format_func=lambda name: f"{measure_label(name)}, such as {_example(name)}",
        )
    with operator:
        draft.selectbox(
            _LABELS["operator"], OPERATORS, "operator", format_func=OPERATORS.__getitem__
        )
    with value:
        draft.text_input(_LABELS["value"], "value", placeholder="99 %, 0.99, 1M")
    with milestone:
        draft.text_input(
            _LABELS["milestone"],
            "milestone",
            placeholder=", ".join(_milestones(found)) or "such as Q2",
        )
    with due_on:
        draft.date_input(f"{_LABELS['due_on']} (empty: the milestone's)", "due_on")


def _milestones(found: GoalsReport) -> list[str]:
    """Those that targets name, by due date."""
    targets = sorted(found.targets, key=lambda one: one.target.due_on)
    return list(dict.fromkeys(one.target.milestone for one in targets))


def _example(name: str) -> str:
    found = MEASURES.get(name)
    return "–" if found is None else found.example


def _empty(criterion: Criterion) -> dict[str, Any]:
    first = of_area(criterion.area)[0]
    return {
        "measure": first.name,
        "operator": first.operator.value,
        "value": "",
        "milestone": "",
        "due_on": None,
    }


def _values_of(kept: KeptTarget) -> dict[str, Any]:
    target = kept.target
    return {
        "measure": target.measure,
        "operator": target.operator.value,
        "value": typed_words(target.value, target.unit),
        "milestone": target.milestone,
        "due_on": target.due_on,
    }


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
