"""The way down from the goal to numbers: the chart, its gaps, and the form of a metric."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.charts import criteria as charts
from core.charts.tokens import Palette
from core.goals import GoalsReport
from core.goals.metric_forms import NODE_FIELDS, UNITS
from core.goals.numbers import typed_words
from core.ports.criteria import Goal, GoalNode
from db.team.goal_metrics import remove_node, save_node
from pages.parts import data
from pages.parts.cards import chart
from pages.parts.criteria.removing import removing
from pages.parts.criteria.words import NEW_ROW, OPERATORS
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who
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
    seen = None
    if stored is None:
        draft.begin(_empty() | {"by": ""})
    else:
        seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with st.form(draft.key("form"), border=True):
        _fields(draft, goal, known)
        who(draft)
        problems(draft, *NODE_FIELDS)
        sent = st.form_submit_button("Store the metric", type="primary")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in _LABELS}
        send(
            draft,
            lambda store: save_node(
                store, goal, seen, given, by=typed["by"], at=at, request_id=token(draft)
            ),
            lambda made: f"Stored at {wording.clock(at)}: “{made.name}”.",
            empty=_empty() if seen is None else None,
            editing=None if seen is None else Editing(seen, _values_of, _LABELS),
        )
    if stored is not None:
        node = stored
        removing(
            f"node·{found.service}·{node.node_id}·remove",
            "Take this metric back, with what lies below it",
            lambda store, by, at: remove_node(store, node, by=by, at=at),
        )


def _fields(draft: Draft, goal: Goal, known: dict[int, GoalNode]) -> None:
    tops = [None, *(one.node_id for one in known.values() if one.parent_id is None)]
    criteria = {one.criterion_id: one.name for one in goal.criteria}
    first, second = st.columns(2, gap="medium")
    with first:
        st.text_input(_LABELS["name"], key=draft.key("name"))
        draft.problem("name")
    with second:
        _known(draft, "parent_id", tops)
        st.selectbox(
            _LABELS["parent_id"],
            tops,
            key=draft.key("parent_id"),
            format_func=lambda each: known[each].name if each else _TOP,
            placeholder=_TOP,
        )
        draft.problem("parent_id")
    operator, value, unit = st.columns(3, gap="small")
    with operator:
        st.selectbox(
            _LABELS["operator"],
            list(OPERATORS),
            key=draft.key("operator"),
            format_func=OPERATORS.__getitem__,
        )
        draft.problem("operator")
    with value:
        st.text_input(
            f"{_LABELS['value']} (empty: a gap)",
            key=draft.key("value"),
            placeholder="-5 %, 20 ms, 1.5 billion",
        )
        draft.problem("value")
    with unit:
        kept = draft.values(["unit"])["unit"]
        st.selectbox(
            _LABELS["unit"],
            UNITS if kept in UNITS or not kept else (*UNITS, kept),
            key=draft.key("unit"),
            accept_new_options=True,
        )
        draft.problem("unit")
    note, criterion = st.columns(2, gap="medium")
    with note:
        st.text_input(_LABELS["note"], key=draft.key("note"))
        draft.problem("note")
    with criterion:
        _known(draft, "criterion_id", [None, *criteria])
        st.selectbox(
            _LABELS["criterion_id"],
            [None, *criteria],
            key=draft.key("criterion_id"),
            format_func=lambda each: criteria[each] if each else "none",
            placeholder="none",
        )
        draft.problem("criterion_id")


def _known(draft: Draft, field: str, offered: list[Any]) -> None:
    """What a field holds may have been taken back by somebody else meanwhile."""
    if draft.values([field])[field] not in offered:
        st.session_state[draft.key(field)] = None


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
