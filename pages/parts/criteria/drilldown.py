"""The way down from the goal to numbers: the chart, its gaps, and the form of a metric."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.charts import criteria as charts
from core.charts.tokens import Palette
from core.goals import GoalsReport
from core.goals.metric_forms import UNITS
from core.goals.numbers import typed_words
from core.ports.criteria import Goal, GoalNode
from db.team.goal_metrics import remove_node, save_node
from pages.parts import data
from pages.parts.cards import chart
from pages.parts.criteria.removing import removing
from pages.parts.criteria.words import NEW_ROW, OPERATORS
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_either, form, send
from pages.parts.markdown import plain

#: What stands below the goal itself; a field shows it while nothing else is chosen.
_TOP = "the goal: a product metric"
_LABELS = {
    "name": "Metric",
    "parent_id": "Below",
    "operator": "Limit",
    "value": "Number: what is OK",
    "unit": "Unit",
    "note": "The same number in other words",
    "criterion_id": "Judged by the criterion",
}


def drilldown(found: GoalsReport, theme: Palette, *, live: bool) -> None:
    """The chart, what is missing, and the form."""
    goal = found.goal
    if goal is None:
        st.caption("Set a goal first: what lies below it is written here.")
        return
    figure = data.drawn(
        "drill-down", found, theme.name, lambda: charts.drill_down(goal.title, found.tree, theme)
    )
    chart(figure, key=f"drilldown_{found.service}")
    for gap in found.tree.gaps:
        st.markdown(f":orange[:material/warning:] {plain(gap)}")
    if live:
        _form(found, goal)


def _form(found: GoalsReport, goal: Goal) -> None:
    st.markdown("#### Write or change a metric")
    known = {one.node_id: one for one in found.nodes if one.goal_id == goal.goal_id}
    chosen = st.selectbox(
        "Which metric",
        [NEW_ROW, *known],
        key=f"node·{found.service}·{goal.goal_id}",
        format_func=lambda each: known[each].name if each else "A new one",
    )
    stored = known.get(chosen)
    draft = Draft(f"node·{found.service}·{goal.goal_id}·{chosen}")
    seen = begin_either(draft, stored, _values_of, _empty())
    with form(draft, Button("Store the metric", primary=True), border=True) as sent:
        _fields(draft, goal, known)
    if sent:
        send(
            draft,
            lambda store: save_node(store, goal, seen, sent.given, **sent.once),
            lambda made: f"Stored at {wording.clock(sent.at)}: “{made.name}”.",
            empty=_empty(),
            editing=Editing(seen, _values_of, _LABELS),
        )
    if stored is not None:
        node = stored
        removing(
            f"node·{found.service}·{node.node_id}·remove",
            "Take this metric back, with what lies below it",
            lambda store, sent: remove_node(store, node, **sent.signed),
        )


def _fields(draft: Draft, goal: Goal, known: dict[int, GoalNode]) -> None:
    tops = [None, *(one.node_id for one in known.values() if one.parent_id is None)]
    criteria = {one.criterion_id: one.name for one in goal.criteria}
    first, second = st.columns(2, gap="medium")
    with first:
        draft.text_input(_LABELS["name"], "name")
    with second:
        draft.only("parent_id", tops)
        draft.selectbox(
            _LABELS["parent_id"],
            tops,
            "parent_id",
            format_func=lambda each: known[each].name if each else _TOP,
            placeholder=_TOP,
        )
    operator, value, unit = st.columns(3, gap="small")
    with operator:
        draft.selectbox(
            _LABELS["operator"], OPERATORS, "operator", format_func=OPERATORS.__getitem__
        )
    with value:
        draft.text_input(
            f"{_LABELS['value']} (empty: a gap)", "value", placeholder="-5 %, 20 ms, 1.5 billion"
        )
    with unit:
        draft.selectbox(
            _LABELS["unit"], draft.offered("unit", UNITS), "unit", accept_new_options=True
        )
    note, criterion = st.columns(2, gap="medium")
    with note:
        draft.text_input(_LABELS["note"], "note")
    with criterion:
        draft.only("criterion_id", [None, *criteria])
        draft.selectbox(
            _LABELS["criterion_id"],
            [None, *criteria],
            "criterion_id",
            format_func=lambda each: criteria[each] if each else "none",
            placeholder="none",
        )


def _empty() -> dict[str, Any]:
    return {
        "name": "",
        "parent_id": None,
        "operator": "<=",
        "value": "",
        "unit": UNITS[0],
        "note": "",
        "criterion_id": None,
    }


def _values_of(node: GoalNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "parent_id": node.parent_id,
        "operator": "<=" if node.operator is None else node.operator.value,
        "value": "" if node.value is None else typed_words(node.value, node.unit),
        "unit": node.unit or UNITS[0],
        "note": node.note,
        "criterion_id": node.criterion_id,
    }
