"""Numbers and choices of goals as the page says them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import streamlit as st

from core import wording
from core.goals.measures import MEASURES
from core.goals.numbers import SHARE, limit_words, number_words
from core.ports.criteria import Criterion, Goal
from core.status import Evidence, Operator, Target

#: A new one, in a list of those that there are.
NEW = ""
#: The same, where things have numbers.
NEW_ROW = 0
OPERATORS = {">=": "at least (>=)", "<=": "at most (<=)"}
#: Digits of a share in percent: exact counts are told apart at four nines, estimates are not.
_DIGITS = {"reliability": 4}


def measure_label(name: str) -> str:
    """What people call a measure."""
    found = MEASURES.get(name)
    return name.replace("_", " ") if found is None else found.label


def target_sentence(target: Target) -> str:
    """A target in full, with its milestone."""
    limit = limit_words(target.operator, target.value, target.unit)
    due = wording.long_date(target.due_on)
    return f"{measure_label(target.measure)} {limit} at {target.milestone}, due {due}"


def limit(target: Target) -> str:
    """A target's limit as a table's cell shows it: '≥ 99 %', '≥ 1M', exact in any case."""
    sign = "≥" if target.operator is Operator.AT_LEAST else "≤"
    if target.unit == SHARE:
        return f"{sign} {number_words(target.value, SHARE)}"
    exact = Fraction(target.value)
    short, scales = wording.count(exact), {"k": 10**3, "M": 10**6, "B": 10**9}
    size = scales.get(short[-1])
    if size is not None and Fraction(short[:-1].replace("−", "-")) * size == exact:
        return f"{sign} {short}"
    return f"{sign} {number_words(target.value, '')}"


def value_words(evidence: Evidence | None, area: str) -> str:
    """What was measured, cut toward the side that flatters less; a dash where nothing was."""
    if evidence is None or evidence.estimate is None or evidence.estimate.value is None:
        return "–"
    good = "high" if evidence.target.operator is Operator.AT_LEAST else "low"
    if evidence.target.unit == "share":
        return wording.percent(evidence.estimate.value, _DIGITS.get(area, 2), good=good)
    return wording.count(evidence.estimate.value, good=good)


def choose_goal(goals: Sequence[Goal], key: str) -> Goal:
    """The goal that a form is about: asked for only where there are several."""
    if len(goals) == 1:
        return goals[0]
    known = {goal.goal_id: goal for goal in goals}
    chosen = st.selectbox(
        "Goal", list(known), key=key, format_func=lambda goal_id: known[goal_id].title
    )
    return known.get(chosen, goals[0])


def every_criterion(goals: Sequence[Goal]) -> dict[str, Criterion]:
    """The criteria of all goals by their id."""
    return {one.criterion_id: one for goal in goals for one in goal.criteria}
