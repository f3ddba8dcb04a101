"""Business metrics that all of it serves, with their live values and which way of each is good."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.charts.overview import product_line
from core.goals import GoalsReport
from core.goals.business import DIRECTIONS, KINDS, BusinessLine
from core.goals.metric_forms import BUSINESS_FIELDS
from core.ports.criteria import BusinessMetric
from db.team.goal_metrics import remove_business, save_business
from pages.parts import data
from pages.parts.criteria.removing import removing
from pages.parts.criteria.words import NEW_ROW
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, token, who

_LABELS = {
    "kind": "Kind",
    "name": "Metric",
    "source": "Measured by (metrics.product_day)",
    "direction": "Which way is good",
    "why": "Why that way",
}
_SIGNS = {"good": "●", "bad": "✕", "unchanged": "="}


def business(found: GoalsReport, *, live: bool) -> None:
    """The table; below it the form."""
    if found.business:
        st.dataframe(
            pd.DataFrame([_row(line) for line in found.business]),
            hide_index=True,
            height="content",
            column_config={
                "A day": st.column_config.NumberColumn(format="compact", width="small"),
                "By day": st.column_config.LineChartColumn(width="medium"),
                "Why": st.column_config.TextColumn(width="large"),
            },
            alt="Business metrics with the last week against the one before.",
        )
        st.caption(
            "The last 7 days against the 7 before, of all users: what moved, not why. The "
            "experiment says whether it was the classifier."
        )
    else:
        st.caption(
            "No business metric yet: money, time span or frequency, each with the way that is "
            "good. Less time on useless work may be."
        )
    if live:
        _form(found)


def _row(line: BusinessLine) -> dict[str, Any]:
    change = line.change
    moved = "–"
    if change is not None and change.change is not None:
        sign = "+" if change.change > 0 else "−"
        moved = f"{sign}{abs(change.change) * 100:.1f} %"
    return {
        "Kind": line.metric.kind,
        "Metric": line.metric.name,
        "A day": None if change is None else change.mean,
        "Change": moved,
        "Good way": DIRECTIONS[line.metric.direction].value,
        "So it is": f"{_SIGNS.get(line.trend, '')} {line.trend}".strip(),
        "By day": [] if change is None else product_line(change),
        "Why": line.metric.why,
    }


def _form(found: GoalsReport) -> None:
    st.markdown("#### Write or change a business metric")
    known = {line.metric.metric_id: line.metric for line in found.business}
    chosen = st.selectbox(
        "Which metric",
        [NEW_ROW, *known],
        key=f"business·{found.service}",
        format_func=lambda each: known[each].name if each else "A new one",
    )
    stored = known.get(chosen)
    draft = Draft(f"business·{found.service}·{chosen}")
    seen = None
    if stored is None:
        draft.begin(_empty() | {"by": ""})
    else:
        seen = begin_editing(draft, stored, _values_of, revision=stored.revision)
    with st.form(draft.key("form"), border=True):
        _fields(draft, found)
        who(draft)
        problems(draft, *BUSINESS_FIELDS)
        sent = st.form_submit_button("Store the business metric", type="primary")
    draft.outcome()
    if sent:
        typed, at = draft.values([*_LABELS, "by"]), data.moment()
        given = {field: typed[field] for field in _LABELS}
        send(
            draft,
            lambda store: save_business(
                store,
                found.service,
                seen,
                given,
                by=typed["by"],
                at=at,
                request_id=token(draft),
            ),
            lambda made: f"Stored at {wording.clock(at)}: “{made.name}”.",
            empty=_empty() if seen is None else None,
            editing=None if seen is None else Editing(seen, _values_of, _LABELS),
        )
    if stored is not None:
        metric = stored
        removing(
            f"business·{found.service}·{metric.metric_id}·remove",
            "Take this business metric back",
            lambda store, by, at: remove_business(store, metric, by=by, at=at),
        )


def _fields(draft: Draft, found: GoalsReport) -> None:
    kind, name, source = st.columns([1, 2, 2], gap="small")
    with kind:
        st.selectbox(_LABELS["kind"], KINDS, key=draft.key("kind"))
        draft.problem("kind")
    with name:
        st.text_input(_LABELS["name"], key=draft.key("name"))
        draft.problem("name")
    with source:
        kept = draft.values(["source"])["source"]
        offered = list(dict.fromkeys([*found.sources, *([kept] if kept else [])]))
        st.selectbox(
            _LABELS["source"],
            offered,
            index=None,
            key=draft.key("source"),
            accept_new_options=True,
            placeholder="Choose or type",
        )
        draft.problem("source")
    direction, why = st.columns([1, 4], gap="small")
    with direction:
        st.selectbox(
            _LABELS["direction"],
            list(DIRECTIONS),
            key=draft.key("direction"),
            format_func=lambda each: DIRECTIONS[each].value,
        )
        draft.problem("direction")
    with why:
        st.text_input(_LABELS["why"], key=draft.key("why"))
        draft.problem("why")


def _empty() -> dict[str, Any]:
    return {"kind": KINDS[0], "name": "", "source": None, "direction": "up", "why": ""}


def _values_of(metric: BusinessMetric) -> dict[str, Any]:
    return {field: getattr(metric, field) for field in _LABELS}
