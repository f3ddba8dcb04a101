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
from pages.parts.criteria.words import FIRST_DAY, LAST_DAY, NEW
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who

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
    seen = None
    if stored is None:
        draft.begin(_empty() | {"by": ""})
    else:
        seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    parents = [NEW, *(goal_id for goal_id in known if goal_id != chosen)]
    with st.form(draft.key("form"), border=True):
        _fields(draft)
        _parent(draft, parents, known)
        who(draft)
        problems(draft, *GOAL_FIELDS)
        word = "Make the goal" if stored is None else "Store the goal"
        sent = st.form_submit_button(word, type="primary")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in _LABELS} | {
            "key_results": [line for line in str(typed["key_results"]).splitlines() if line.strip()]
        }
        send(
            draft,
            lambda store: save_goal(
                store,
                found.service,
                seen,
                given,
                by=typed["by"],
                at=at,
                request_id=token(draft),
            ),
            lambda made: f"Stored at {wording.clock(at)}: revision {made.revision}.",
            place=lambda field: field.split("[")[0],
            empty=_empty() if seen is None else None,
            editing=None if seen is None else Editing(seen, _values_of, _LABELS),
        )
    if stored is not None:
        goal = stored
        removing(
            f"goal·{found.service}·{goal.goal_id}·remove",
            "Take this goal back, with its criteria",
            lambda store, by, at: remove_goal(store, goal, by=by, at=at),
        )


def _fields(draft: Draft) -> None:
    st.text_input(_LABELS["title"], key=draft.key("title"))
    draft.problem("title")
    left, right = st.columns(2, gap="medium")
    for column, fields in ((left, ("problem", "for_whom")), (right, ("gain_user", "gain_us"))):
        with column:
            for field in fields:
                st.text_area(_LABELS[field], key=draft.key(field), height=80)
                draft.problem(field)
    with left:
        first, second = st.columns(2)
        for column, field in ((first, "starts_on"), (second, "due_on")):
            with column:
                st.date_input(
                    _LABELS[field],
                    None,
                    FIRST_DAY,
                    LAST_DAY,
                    key=draft.key(field),
                    format="YYYY-MM-DD",
                )
                draft.problem(field)
    with right:
        st.text_area(_LABELS["key_results"], key=draft.key("key_results"), height=100)
        draft.problem("key_results")


def _parent(draft: Draft, parents: list[str], known: dict[str, Goal]) -> None:
    if len(parents) == 1:
        return
    if draft.values(["parent_goal_id"])["parent_goal_id"] not in parents:
        st.session_state[draft.key("parent_goal_id")] = NEW
    st.selectbox(
        _LABELS["parent_goal_id"],
        parents,
        key=draft.key("parent_goal_id"),
        format_func=lambda goal_id: known[goal_id].title if goal_id else "none",
    )
    draft.problem("parent_goal_id")


def _empty() -> dict[str, Any]:
    texts = dict.fromkeys(GOAL_FIELDS, "")
    return texts | {"starts_on": data.now().date(), "due_on": None}


def _values_of(goal: Goal) -> dict[str, Any]:
    values = {field: getattr(goal, field) for field in _LABELS}
    return values | {
        "key_results": "\n".join(goal.key_results),
        "parent_goal_id": goal.parent_goal_id or NEW,
    }
