"""The form of a criterion: made, changed or taken back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.goals import GoalsReport
from core.goals.measures import AREAS, of_area
from core.ports.criteria import Criterion
from db.team.goals import remove_criterion, save_criterion
from pages.parts import data
from pages.parts.criteria.removing import removing
from pages.parts.criteria.words import NEW, choose_goal
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who

_LABELS = {"name": "Criterion, in one line", "area": "Judged by", "window": "Over a window"}


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
    seen = None
    if stored is None:
        draft.begin({"name": "", "area": None, "window": "", "by": ""})
    else:
        seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with st.form(draft.key("form"), border=True):
        _fields(draft)
        who(draft)
        problems(draft, *_LABELS)
        word = "Add the criterion" if stored is None else "Store the criterion"
        sent = st.form_submit_button(word, type="primary")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in _LABELS}
        send(
            draft,
            lambda store: save_criterion(
                store, goal, seen, given, by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda made: f"Stored at {wording.clock(at)}: “{made.name}”. Set its targets next.",
            empty={"name": "", "area": None, "window": ""} if seen is None else None,
            editing=None if seen is None else Editing(seen, _values_of, _LABELS),
        )
    if stored is not None:
        criterion = stored
        removing(
            f"criterion·{found.service}·{criterion.criterion_id}·remove",
            "Take this criterion back, with its targets",
            lambda store, by, at: remove_criterion(store, criterion, by=by, at=at),
        )


def _fields(draft: Draft) -> None:
    left, middle, right = st.columns([3, 2, 2], gap="medium")
    with left:
        st.text_input(_LABELS["name"], key=draft.key("name"))
        draft.problem("name")
    with middle:
        st.selectbox(
            _LABELS["area"],
            list(AREAS),
            index=None,
            key=draft.key("area"),
            format_func=lambda area: (
                f"{AREAS[area]}: {', '.join(one.label for one in of_area(area))}"
            ),
            placeholder="Choose the report",
        )
        draft.problem("area")
    with right:
        st.text_input(
            f"{_LABELS['window']} (empty: the reader's)",
            key=draft.key("window"),
            placeholder="such as 30d",
        )
        draft.problem("window")


def _values_of(criterion: Criterion) -> dict[str, Any]:
    window = "" if criterion.window is None else str(criterion.window)
    return {"name": criterion.name, "area": criterion.area, "window": window}
