"""The fields of a risk, shared by the form of a new one and the form that changes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.ports.risks import Risk
from core.risks import CONSEQUENCES, OPERATORS, PROBABILITIES
from core.risks.changes import fields_of
from core.risks.measures import DEFAULT_WINDOW, USUAL, WINDOWS
from pages.parts.data import PlanNames
from pages.parts.drafts import Draft
from pages.parts.risks.words import consequence_words, probability_words

LABELS: Mapping[str, str] = {
    "title": "What may go wrong, in one line",
    "probability": "Probability",
    "consequence": "Consequence",
    "owner": "Owner",
    "review_on": "Look at it again on",
    "prevention": "Prevention: what is done so that it does not happen",
    "mitigation": "Mitigation: how its consequences are dealt with",
    "line_due_on": "Red line: a day that is still in time",
    "line_path": "or a measure of any report",
    "line_operator": "Crossed where it is",
    "line_value": "Than this value",
    "line_window": "Over",
    "plan_b": "Plan B: what is done once the red line is crossed",
    "accepted": "Accepted: we live with it",
    "approver": "Approved by",
    "accepted_on": "Approved on",
    "milestone_id": "Milestone that it endangers",
    "task_id": "Task of the plan",
    "task": "or what is to go well, in words",
}
#: What a new risk's form shows at first.
EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(("title", "owner", "prevention", "mitigation", "plan_b"), ""),
    **dict.fromkeys(("approver", "task"), ""),
    **dict.fromkeys(("milestone_id", "task_id")),
    **dict.fromkeys(("probability", "consequence", "review_on", "accepted_on")),
    **dict.fromkeys(("line_due_on", "line_path", "line_operator", "line_value")),
    "line_window": DEFAULT_WINDOW,
    "accepted": False,
}


def values_of(risk: Risk) -> dict[str, Any]:
    """A risk as the form shows it."""
    found = fields_of(risk)
    found["line_path"] = found["line_path"] or None
    found["line_operator"] = found["line_operator"] or None
    found["line_window"] = found["line_window"] or DEFAULT_WINDOW
    for field in ("milestone_id", "task_id"):
        found[field] = found[field] or None
    return {field: found[field] for field in LABELS}


def given_of(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as `core.risks.changes.parse_risk` reads it."""
    given = {field: typed[field] for field in LABELS}
    if given["line_path"] is None:
        given["line_window"] = None
    return given


def fields(draft: Draft, names: PlanNames) -> None:
    """The fields with what is wrong with each below it. The rank is none of them.

    Args:
        draft: the form.
        names: of the plan, to choose from.
    """
    draft.text_input(LABELS["title"], "title")
    left, right = st.columns(2)
    with left:
        _choice(draft, "probability", tuple(PROBABILITIES), probability_words)
        draft.text_input(LABELS["owner"], "owner")
    with right:
        _choice(draft, "consequence", tuple(CONSEQUENCES), consequence_words)
        draft.date_input(LABELS["review_on"], "review_on")
    for field in ("prevention", "mitigation"):
        draft.text_area(LABELS[field], field, height=80)
    _line(draft)
    draft.text_area(LABELS["plan_b"], "plan_b", height=80)
    _acceptance(draft)
    _place(draft, names)


def _line(draft: Draft) -> None:
    left, right = st.columns([2, 3])
    with left:
        draft.date_input(LABELS["line_due_on"], "line_due_on")
    with right:
        draft.selectbox(
            LABELS["line_path"],
            draft.offered("line_path", USUAL),
            "line_path",
            index=None,
            accept_new_options=True,
            placeholder="Choose, or type area.path as cli.py evidence prints it",
        )
    columns = st.columns([2, 2, 1])
    with columns[0]:
        _choice(draft, "line_operator", OPERATORS, str)
    with columns[1]:
        draft.number_input(LABELS["line_value"], "line_value", format="%g")
    with columns[2]:
        _choice(draft, "line_window", WINDOWS, str)


def _acceptance(draft: Draft) -> None:
    columns = st.columns([2, 2, 2], vertical_alignment="bottom")
    with columns[0]:
        draft.checkbox(LABELS["accepted"], "accepted")
    with columns[1]:
        draft.text_input(LABELS["approver"], "approver")
    with columns[2]:
        draft.date_input(LABELS["accepted_on"], "accepted_on")


def _place(draft: Draft, names: PlanNames) -> None:
    """What of the plan it endangers; what is stored stays offered where the plan has lost it."""
    tasks = {str(number): task_words(number, title) for number, title in names.tasks.items()}
    offered = {"milestone_id": names.milestones, "task_id": tuple(tasks)}
    left, middle, right = st.columns(3)
    for column, field in ((left, "milestone_id"), (middle, "task_id")):
        with column:
            draft.selectbox(
                LABELS[field],
                draft.offered(field, offered[field]),
                field,
                index=None,
                format_func=lambda one: tasks.get(one, one),
                placeholder="None",
            )
    with right:
        draft.text_input(LABELS["task"], "task")


def task_words(number: int, title: str) -> str:
    """A task of the plan as a choice.

    >>> task_words(3, "Buy GPU servers")
    'Buy GPU servers (#3)'
    """
    return f"{title} (#{number})"


def _choice(draft: Draft, field: str, among: tuple[Any, ...], words: Callable[[Any], str]) -> None:
    draft.selectbox(LABELS[field], among, field, index=None, format_func=words)
