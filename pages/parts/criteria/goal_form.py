"""The form of a goal: made, changed or taken back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.goals import GoalsReport
from core.goals.forms import GOAL_FIELDS
from core.ports.criteria import Goal
from db.team.goals import remove_goal, save_goal
from pages.parts import data
from pages.parts.criteria.removing import removing
from pages.parts.criteria.words import NEW
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_either, form, send

_LABELS = {
    "title": "Goal, in one line",
    "problem": "Why: which problem does it solve?",
    "for_whom": "For whom",
    "gain_user": "What users gain",
    "gain_us": "What we gain",
    "starts_on": "Starts on",
    "due_on": "Due on",
    "key_results": "Key results, one a line, each with its number",
    "parent_goal_id": "Interim goal of",
}


def goal_form(found: GoalsReport) -> None:
    """Choose a goal, or make a new one."""
    known = {goal.goal_id: goal for goal in found.goals}
    chosen = NEW
    if known:
        chosen = st.selectbox(
            "Which goal",
            [*known, NEW],
            key=f"goal·{found.service}",
            format_func=lambda goal_id: known[goal_id].title if goal_id else "A new one",
        )
    stored = known.get(chosen)
    draft = Draft(f"goal·{found.service}·{chosen}")
    seen = begin_either(draft, stored, _values_of, _empty())
    parents = [NEW, *(goal_id for goal_id in known if goal_id != chosen)]
    word = "Make the goal" if stored is None else "Store the goal"
    with form(draft, Button(word, primary=True), border=True) as sent:
        _fields(draft)
        _parent(draft, parents, known)
    if sent:
        results = str(sent.given["key_results"]).splitlines()
        given = draft.values(_LABELS) | {"key_results": [one for one in results if one.strip()]}
        send(
            draft,
            lambda store: save_goal(store, found.service, seen, given, **sent.once),
            lambda made: f"Stored at {wording.clock(sent.at)}: revision {made.revision}.",
            place=lambda field: field.split("[")[0],
            empty=_empty(),
            editing=Editing(seen, _values_of, _LABELS),
        )
    if stored is not None:
        goal = stored
        removing(
            f"goal·{found.service}·{goal.goal_id}·remove",
            "Take this goal back, with its criteria",
            lambda store, sent: remove_goal(store, goal, **sent.signed),
        )


def _fields(draft: Draft) -> None:
    draft.text_input(_LABELS["title"], "title")
    left, right = st.columns(2, gap="medium")
    for column, fields in ((left, ("problem", "for_whom")), (right, ("gain_user", "gain_us"))):
        with column:
            for field in fields:
                draft.text_area(_LABELS[field], field, height=80)
    with left:
        first, second = st.columns(2)
        for column, field in ((first, "starts_on"), (second, "due_on")):
            with column:
                draft.date_input(_LABELS[field], field)
    with right:
        draft.text_area(_LABELS["key_results"], "key_results", height=100)


def _parent(draft: Draft, parents: list[str], known: dict[str, Goal]) -> None:
    if len(parents) == 1:
        return
    draft.only("parent_goal_id", parents, NEW)
    draft.selectbox(
        _LABELS["parent_goal_id"],
        parents,
        "parent_goal_id",
        format_func=lambda goal_id: known[goal_id].title if goal_id else "none",
    )


def _empty() -> dict[str, Any]:
    texts = dict.fromkeys(GOAL_FIELDS, "")
    return texts | {"starts_on": data.now().date(), "due_on": None}


def _values_of(goal: Goal) -> dict[str, Any]:
    values = {field: getattr(goal, field) for field in _LABELS}
    return values | {
        "key_results": "\n".join(goal.key_results),
        "parent_goal_id": goal.parent_goal_id or NEW,
    }
