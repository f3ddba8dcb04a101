"""Business metrics that all of it serves, with their live values and which way of each is good."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.charts.overview import product_line
from core.goals import GoalsReport
from core.goals.business import DIRECTIONS, KINDS, BusinessLine
from core.ports.criteria import BusinessMetric
from db.team.goal_metrics import remove_business, save_business
from pages.parts.criteria.removing import removing
from pages.parts.criteria.words import NEW_ROW
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_either, form, send

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
    seen = begin_either(draft, stored, _values_of, _empty())
    with form(draft, Button("Store the business metric", primary=True), border=True) as sent:
        _fields(draft, found)
    if sent:
        send(
            draft,
            lambda store: save_business(store, found.service, seen, sent.given, **sent.once),
            lambda made: f"Stored at {wording.clock(sent.at)}: “{made.name}”.",
            empty=_empty(),
            editing=Editing(seen, _values_of, _LABELS),
        )
    if stored is not None:
        metric = stored
        removing(
            f"business·{found.service}·{metric.metric_id}·remove",
            "Take this business metric back",
            lambda store, sent: remove_business(store, metric, **sent.signed),
        )


def _fields(draft: Draft, found: GoalsReport) -> None:
    kind, name, source = st.columns([1, 2, 2], gap="small")
    with kind:
        draft.selectbox(_LABELS["kind"], KINDS, "kind")
    with name:
        draft.text_input(_LABELS["name"], "name")
    with source:
        draft.selectbox(
            _LABELS["source"],
            draft.offered("source", found.sources),
            "source",
            index=None,
            accept_new_options=True,
            placeholder="Choose or type",
        )
    direction, why = st.columns([1, 4], gap="small")
    with direction:
        draft.selectbox(
            _LABELS["direction"],
            DIRECTIONS,
            "direction",
            format_func=lambda each: DIRECTIONS[each].value,
        )
    with why:
        draft.text_input(_LABELS["why"], "why")


def _empty() -> dict[str, Any]:
    return {"kind": KINDS[0], "name": "", "source": None, "direction": "up", "why": ""}


def _values_of(metric: BusinessMetric) -> dict[str, Any]:
    return {field: getattr(metric, field) for field in _LABELS}
