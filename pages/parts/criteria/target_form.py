"""The form of a target: what it would change is shown before it is stored."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.fields import FieldsError
from core.goals import Effect, GoalsReport, effect
from core.goals.forms import TARGET_FIELDS, parse_target
from core.goals.measures import MEASURES, of_area
from core.goals.numbers import typed_words
from core.ports.criteria import Criterion, KeptTarget
from core.status import Target
from db.team.goals import remove_target, save_target
from pages.parts import data
from pages.parts.cards import chip
from pages.parts.criteria.words import (
    FIRST_DAY,
    LAST_DAY,
    NEW_ROW,
    OPERATORS,
    every_criterion,
    measure_label,
    target_sentence,
)
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who

_LABELS = {
    "measure": "Measure",
    "operator": "Limit",
    "value": "Value",
    "milestone": "Milestone",
    "due_on": "Due on",
}


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
    seen = None
    if stored is None:
        draft.begin(_empty(criterion) | {"by": ""})
    else:
        seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with st.form(draft.key("form"), border=True):
        _fields(draft, found, criterion)
        who(draft)
        problems(draft, *TARGET_FIELDS)
        left, right = st.columns(2)
        check = left.form_submit_button("Show what it would change", type="primary")
        remove = stored is not None and right.form_submit_button(
            "Show what removing it would change", icon=":material/delete:"
        )
    draft.outcome()
    typed = draft.values([*_LABELS, "by"])
    if check or remove:
        _check(draft, found, criterion, stored, typed, remove=remove)
    checked = st.session_state.get(draft.key("checked"))
    if checked is not None:
        typed_before, wanted = checked
        _preview(found, criterion, stored, wanted)
        _store(draft, criterion, seen, typed_before, wanted)


def _check(
    draft: Draft,
    found: GoalsReport,
    criterion: Criterion,
    stored: KeptTarget | None,
    typed: dict[str, Any],
    *,
    remove: bool,
) -> None:
    """Read what was typed; what is wrong is said beside its field."""
    wanted: Target | None = None
    st.session_state.pop(draft.key("checked"), None)
    if not remove:
        given = {field: typed[field] for field in _LABELS}
        try:
            wanted = parse_target(given, criterion, found.targets, stored)
        except FieldsError as error:
            draft.refused(error.problems)
            st.rerun()
    draft.refused({})
    st.session_state[draft.key("checked")] = (typed, wanted)
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
    draft: Draft,
    criterion: Criterion,
    seen: KeptTarget | None,
    typed: dict[str, Any],
    wanted: Target | None,
) -> None:
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
            lambda store: remove_target(store, held, by=typed["by"], at=at),
            lambda _: "Removed.",
        )
        return
    given = {field: typed[field] for field in _LABELS}
    send(
        draft,
        lambda store: save_target(
            store, criterion, seen, given, by=typed["by"], at=at, request_id=token(draft)
        ),
        lambda made: f"Stored at {wording.clock(at)}: {target_sentence(made.target)}.",
        empty=_empty(criterion) if seen is None else None,
        editing=None if seen is None else Editing(seen, _values_of, _LABELS),
    )


def _fields(draft: Draft, found: GoalsReport, criterion: Criterion) -> None:
    measure, operator, value, milestone, due_on = st.columns([3, 2, 2, 2, 2], gap="small")
    with measure:
        offered = [one.name for one in of_area(criterion.area)]
        kept = draft.values(["measure"])["measure"]
        st.selectbox(
            _LABELS["measure"],
            offered if kept in offered else [*offered, kept],
            key=draft.key("measure"),
            format_func=lambda name: f"{measure_label(name)}, such as {_example(name)}",
        )
        draft.problem("measure")
    with operator:
        st.selectbox(
            _LABELS["operator"],
            list(OPERATORS),
            key=draft.key("operator"),
            format_func=OPERATORS.__getitem__,
        )
        draft.problem("operator")
    with value:
        st.text_input(_LABELS["value"], key=draft.key("value"), placeholder="99 %, 0.99, 1M")
        draft.problem("value")
    with milestone:
        st.text_input(
            _LABELS["milestone"],
            key=draft.key("milestone"),
            placeholder=", ".join(_milestones(found)) or "such as Q2",
        )
        draft.problem("milestone")
    with due_on:
        st.date_input(
            f"{_LABELS['due_on']} (empty: the milestone's)",
            None,
            FIRST_DAY,
            LAST_DAY,
            key=draft.key("due_on"),
            format="YYYY-MM-DD",
        )
        draft.problem("due_on")


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
