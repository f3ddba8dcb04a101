"""The pieces of the Overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.charts.chart import Chart
from core.charts.false_reports import training as training_charts
from core.charts.overview import product_line
from core.charts.tokens import Palette
from core.criteria import target_words
from core.overview import OverviewReport, ProductChange, TableState
from core.reliability import ReliabilityReport, sentences
from core.status import Evidence, Operator, Status, Verdict
from core.training import TrainingReport
from pages.parts import data
from pages.parts.cards import Card
from pages.parts.experiment_cards import spark as experiment_spark
from pages.parts.markdown import plain
from pages.parts.quality_cards import spark as quality_spark
from pages.parts.reliability_cards import all_cards, load_spark, sli_spark
from pages.parts.view import View

#: The page behind each area that has one, and what it is called.
PAGES = {
    "experiment": ("pages/experiment.py", "Experiment"),
    "quality": ("pages/quality.py", "Quality"),
    "reliability": ("pages/reliability.py", "Latency and SLA"),
    "training": ("pages/false_reports.py", "False reports"),
}
#: What the page of an area is to show first, where it shows several things.
_OPENED = {"training": {"tab": "Training data"}}
#: Digits of a share in percent: exact counts are told apart at four nines, estimates are not.
_DIGITS = {"reliability": 4}
_MEASURES = {
    "complaint_lift": "lift",
    "latency_sli": "letters within the target",
    "mean_rpm": "mean a minute",
    "peak_rpm_within_slo": "peak a minute",
    "letters_anonymised": "letters",
}


def headline(found: OverviewReport) -> str:
    """How the criteria stand; without a goal, how reliable the service is."""
    name = found.goals.service.capitalize()
    if found.goals.goal is None:
        return f"{name}: {sentences.headline(found.reliability)}"
    return f"{name}: {found.goals.sentence}"


def about(found: OverviewReport) -> str:
    """The goal as a sentence, and the milestone that the criteria are judged against."""
    goals = found.goals
    if goals.goal is None:
        return f"No goal has been set for {goals.service}"
    due = ""
    if goals.due_on is not None:
        due = f" · judged against {goals.milestone}, due {wording.long_date(goals.due_on)}"
    return f"Goal: {plain(goals.goal.title)}{due}"


def criterion_cards(found: OverviewReport, view: View, theme: Palette) -> list[Card]:
    """A card for each criterion; a service without a goal shows its reliability instead."""
    if not found.goals.verdicts:
        return all_cards(found.reliability, {}, theme)
    return [_card(verdict, found, view, theme) for verdict in found.goals.verdicts]


def open_questions(found: OverviewReport) -> None:
    """What would settle the undecided, and why there is no data."""
    lines = []
    for verdict in found.goals.verdicts:
        if verdict.status is Status.UNDECIDED and verdict.settles:
            lines.append(f"- **{plain(verdict.name)}** is undecided. {verdict.settles}")
    if lines:
        with st.container(border=True):
            st.markdown("**What would settle the open questions**")
            st.markdown("\n".join(lines))


def product(found: OverviewReport) -> None:
    """Product metrics: last week against the week before, and which way is good."""
    rows = [_product_row(change) for change in found.product]
    with st.container(border=True, height="stretch"):
        st.markdown("**Product metrics, last 7 days against the 7 before**")
        if not rows:
            st.caption("Nobody has written product metrics for this service (metrics.product_day).")
            return
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                "A day": st.column_config.NumberColumn(format="compact", width="small"),
                "By day": st.column_config.LineChartColumn(width="medium"),
            },
        )
        st.caption(
            "Of all users: what moved, not why. The experiment says whether it was the classifier."
        )


def releases(found: OverviewReport) -> None:
    """The latest releases, newest first."""
    with st.container(border=True):
        st.markdown("**Latest releases**")
        if not found.releases:
            st.caption("No release was recorded in this window (metrics.deployment).")
            return
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "When": release.deployed_at,
                        "Version": release.model_version,
                        "Stage": release.stage.replace("_", " "),
                        "Where": release.datacenter or "everywhere",
                        "Note": release.note,
                    }
                    for release in found.releases[:10]
                ]
            ),
            hide_index=True,
            column_config={
                "When": st.column_config.DatetimeColumn(
                    "When (UTC)", format="D MMM HH:mm", timezone="UTC", width="small"
                ),
                "Version": st.column_config.TextColumn(width="small"),
                "Stage": st.column_config.TextColumn(width="small"),
                "Where": st.column_config.TextColumn(width="small"),
                "Note": st.column_config.TextColumn(width="large"),
            },
        )


def tables(found: OverviewReport) -> None:
    """How current every metric table is."""
    with st.container(border=True):
        st.markdown(f"**{tables_title(found.tables)}**")
        st.dataframe(
            pd.DataFrame([_table_row(state) for state in found.tables]),
            hide_index=True,
            height="content",
        )


def tables_title(states: Sequence[TableState]) -> str:
    """Which of the metric tables are not as they should be; none written is not current."""
    stale = sum(state.stale for state in states)
    silent = sum(state.table.newest is None for state in states)
    if stale:
        return f"{stale} of {len(states)} metric tables are stale"
    if silent == len(states):
        return "No metric table was written yet"
    if silent:
        return f"Metric tables are current; {silent} of {len(states)} were never written"
    return "Every metric table is current"


def _card(verdict: Verdict, found: OverviewReport, view: View, theme: Palette) -> Card:
    shown = verdict.evidence if verdict.area == "quality" else verdict.evidence[:1]
    digits = _DIGITS.get(verdict.area, 2)
    value = " / ".join(_value(part, digits) for part in shown) or "–"
    if len(shown) > 1:  # one sign says it for all shares
        value = f"{value.replace(' %', '')} %" if value.endswith(" %") else value
    targets = ", ".join(_target(part, verdict) for part in verdict.evidence)
    note = verdict.settles or verdict.sentence
    if verdict.reasons and verdict.area in PAGES:
        note = f"{verdict.reasons[0].capitalize()}."
    page, link = PAGES.get(verdict.area, (None, ""))
    return Card(
        name=plain(verdict.name),
        value=value,
        status=verdict.status,
        target=f"target {targets}" if targets else "no target",
        note=note,
        spark=_spark(verdict, found, theme),
        page=page,
        link=link,
        query=view.query() | _OPENED.get(verdict.area, {}),
    )


def _value(part: Evidence, digits: int) -> str:
    if part.estimate is None or part.estimate.value is None:
        return "–"
    if part.target.unit == "share":
        good = "high" if part.target.operator is Operator.AT_LEAST else "low"
        return wording.percent(part.estimate.value, digits, good=good)
    return wording.count(part.estimate.value)


def _target(part: Evidence, verdict: Verdict) -> str:
    words = target_words(part.target)
    if len(verdict.evidence) == 1:
        return words
    return f"{_MEASURES.get(part.target.measure, part.target.measure)} {words}"


def _spark(verdict: Verdict, found: OverviewReport, theme: Palette) -> Chart | None:
    if verdict.area == "quality" and found.quality is not None and found.quality.labels.count:
        return quality_spark(found.quality, "precision", theme)
    if verdict.area == "experiment" and found.experiment is not None and found.experiment.days:
        return experiment_spark(found.experiment, theme)
    if verdict.area == "training" and found.training is not None and found.training.models:
        return _training_spark(found.training, theme)
    if verdict.area == "reliability" and found.reliability.state == "ok":
        return _reliability_spark(verdict, found.reliability, theme)
    return None


def _reliability_spark(verdict: Verdict, found: ReliabilityReport, theme: Palette) -> Chart:
    """The line of the measure whose value the card shows: its first one."""
    first = verdict.evidence[0].target
    if first.measure in {"mean_rpm", "peak_rpm_within_slo"}:
        return load_spark(found, float(first.value), theme)
    return sli_spark(found, "latency" if first.measure == "latency_sli" else "availability", theme)


def _training_spark(found: TrainingReport, theme: Palette) -> Chart:
    """The letters by succeeded run, drawn once for each report."""
    return data.drawn(
        "spark training", found, theme.name, lambda: training_charts.spark(found, theme)
    )


def _product_row(change: ProductChange) -> dict[str, Any]:
    if change.change is None:
        moved = "a day is missing"
    else:
        sign = "+" if change.change > 0 else "−"
        moved = f"{sign}{abs(change.change) * 100:.1f} %"
    verdict = {True: "good", False: "bad", None: "–"}[change.good]
    return {
        "Metric": change.metric.label,
        "A day": change.mean,
        "Change": moved,
        "Good way": change.metric.direction.value,
        "So it is": verdict,
        "By day": product_line(change),
    }


def _table_row(state: TableState) -> dict[str, Any]:
    table = state.table
    word = "never written" if table.newest is None else "stale" if state.stale else state.word
    return {
        "Table": table.table,
        "State": word,
        "Newest row": "never" if table.newest is None else wording.clock(table.newest),
        "Written": "–" if table.written_at is None else wording.clock(table.written_at),
    }
