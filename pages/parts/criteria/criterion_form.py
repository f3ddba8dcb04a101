"""The form of a criterion: made, changed or taken back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.goals import GoalsReport
from core.goals.measures import AREAS, of_area
from core.ports.criteria import Criterion
from db.team.goals import remove_criterion, save_criterion
from pages.parts.criteria.removing import removing
from pages.parts.criteria.words import NEW, choose_goal
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_either, form, send

_LABELS = {"name": "Criterion, in one line", "area": "Judged by", "window": "Over a window"}
_EMPTY = {"name": "", "area": None, "window": ""}


def criterion_form(found: GoalsReport) -> None:
    """Choose a criterion of a goal, or add one."""
    left, right = st.columns(2, gap="medium")
    with left:
        goal = choose_goal(found.goals, f"criterion goal·{found.service}")
    known = {one.criterion_id: one for one in goal.criteria}
    with right:
        chosen = st.selectbox(
            "Which criterion",
            [NEW, *known],
            key=f"criterion·{found.service}·{goal.goal_id}",
            format_func=lambda each: known[each].name if each else "A new one",
        )
    stored = known.get(chosen)
    draft = Draft(f"criterion·{found.service}·{goal.goal_id}·{chosen}")
    seen = begin_either(draft, stored, _values_of, _EMPTY)
    word = "Add the criterion" if stored is None else "Store the criterion"
    with form(draft, Button(word, primary=True), border=True) as sent:
        _fields(draft)
    if sent:
        send(
            draft,
            lambda store: save_criterion(store, goal, seen, sent.given, **sent.once),
            lambda made: (
                f"Stored at {wording.clock(sent.at)}: “{made.name}”. Set its targets next."
            ),
            empty=_EMPTY,
            editing=Editing(seen, _values_of, _LABELS),
        )
    if stored is not None:
        criterion = stored
        removing(
            f"criterion·{found.service}·{criterion.criterion_id}·remove",
            "Take this criterion back, with its targets",
            lambda store, sent: remove_criterion(store, criterion, **sent.signed),
        )


def _fields(draft: Draft) -> None:
    left, middle, right = st.columns([3, 2, 2], gap="medium")
    with left:
        draft.text_input(_LABELS["name"], "name")
    with middle:
        draft.selectbox(
            _LABELS["area"],
            AREAS,
            "area",
            index=None,
            format_func=lambda area: (
                f"{AREAS[area]}: {', '.join(one.label for one in of_area(area))}"
            ),
            placeholder="Choose the report",
        )
    with right:
        draft.text_input(
            f"{_LABELS['window']} (empty: the reader's)", "window", placeholder="such as 30d"
        )


def _values_of(criterion: Criterion) -> dict[str, Any]:
    window = "" if criterion.window is None else str(criterion.window)
    return {"name": criterion.name, "area": criterion.area, "window": window}
