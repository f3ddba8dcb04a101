"""The pieces of the Experiment page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core import wording
from core.charts.chart import Chart
from core.charts.experiment.words import interval_words
from core.experiment import ExperimentReport, Summary, sentences
from core.experiment.comparison import Comparison
from core.experiment.forecast import DaysFor
from core.experiment.words import range_words, signed
from pages.parts.markdown import plain
from pages.parts.view import View

PARAMETER = "experiment"


def asked(listed: Sequence[Summary]) -> tuple[str | None, str]:
    """The experiment that the URL asks for, and the name in it that no experiment has."""
    name = st.query_params.get(PARAMETER) or None
    if name is None or any(one.experiment == name for one in listed):
        return name, ""
    return None, name


def about(found: ExperimentReport) -> str:
    """The experiment, who defined it, and its planned end."""
    if not found.experiment:
        return plain(found.service)
    one = found.definition
    if found.is_default:
        by = "read with defaults, nobody has defined it"
    elif one.created_by:
        by = f"defined by {one.created_by}"
    else:
        by = "defined"
    end = f"planned end {wording.long_date(found.schedule.ends_on)}"
    return plain(" · ".join((found.service, found.experiment, by, end)))


def notices(found: ExperimentReport, unknown: str) -> None:
    """What the URL asked for and there is not."""
    if unknown:
        shown = f"This is {found.experiment}." if found.experiment else ""
        st.info(
            plain(f"No experiment of {found.service} is called “{unknown}”. {shown}".strip()),
            icon=":material/info:",
        )


def warnings(found: ExperimentReport) -> None:
    """What to know before trusting the numbers."""
    if found.warnings:
        lines = "\n".join(f"- {plain(sentence)}" for sentence in found.warnings)
        st.warning(f"Before you trust these numbers:\n{lines}", icon=":material/warning:")


def panel(figure: Chart, key: str, note: str = "") -> None:
    """A chart under its finding, which may hold names that somebody typed."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{plain(figure.title)}**")
        if figure.spec is None:
            st.text(figure.alt)
            return
        st.vega_lite_chart(figure.spec, width="stretch", alt=figure.alt, key=key)
        if note:
            st.caption(note)


def treatments(found: ExperimentReport) -> None:
    """Every treatment with its own verdict, where there are several."""
    if len(found.comparisons) < 2:
        return
    with st.container(border=True):
        number = wording.number_word(len(found.comparisons)).capitalize()
        st.markdown(f"**{number} treatments against {plain(found.definition.control)}**")
        st.dataframe(
            pd.DataFrame([_treatment_row(one, found) for one in found.comparisons]),
            hide_index=True,
            height="content",
        )
        st.caption(
            "The comparisons share the error (Bonferroni): together they are wrong as seldom as "
            "one would be. Charts and cards show the one that the verdict is about."
        )


def outlook(found: ExperimentReport) -> None:
    """What can still be detected, and the days to a decision for several true lifts."""
    rows = [_planning_row(one, found) for one in found.detail.planning]
    over = found.decision is not None or found.main.looked
    with st.container(border=True):
        st.markdown(f"**What a test like this {'could' if over else 'can still'} show**")
        left, right = st.columns([2, 3], gap="medium")
        with left:
            st.markdown(plain(sentences.detectable_words(found)))
            st.text(found.main.planned.sentence)
        with right:
            if rows:
                st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")
            else:
                st.caption("Days to a decision are told once the band is tuned.")


def listing(listed: Sequence[Summary], found: ExperimentReport, view: View) -> None:
    """Every experiment of the service with its verdict and what was decided, each a link."""
    if not listed:
        return
    with st.container(border=True):
        number = wording.number_word(len(listed)).capitalize()
        noun = "experiment" if len(listed) == 1 else "experiments"
        st.markdown(f"**{number} {noun} of {plain(found.service)}**")
        st.dataframe(
            pd.DataFrame([_summary_row(one, found, view) for one in listed]),
            hide_index=True,
            height="content",
            placeholder="–",
            column_config={
                "First day": st.column_config.DateColumn(format="D MMM YYYY"),
                "Users": st.column_config.NumberColumn(format="compact"),
                "Look": st.column_config.LinkColumn(display_text="look"),
            },
        )


def _planning_row(one: DaysFor, found: ExperimentReport) -> dict[str, str]:
    rule = found.definition.primary
    reaches = one.lift < rule.margin if rule.direction == "down" else one.lift > rule.margin
    row = {
        "If the true lift were": signed(one.lift, rule.direction),
        "it would be": "met" if reaches else "not met",
    }
    if one.days is None:
        return row | {"decided": "out of sight", "on": "–"}
    on = found.definition.starts_on + timedelta(days=one.days - 1)
    # The whole test is planned, from its first day on: some of it may lie behind.
    past = ", which has passed" if one.days <= found.day_number else ""
    return row | {"decided": f"day {one.days}{past}", "on": wording.short_date(on)}


def _treatment_row(one: Comparison, found: ExperimentReport) -> dict[str, Any]:
    lift = one.effect.lift
    decided = "–" if one.decision is None else f"day {one.decision.number}"
    return {
        "Treatment": one.treatment,
        "Verdict": one.outcome.value,
        "Lift": "–" if lift is None else signed(lift, found.definition.primary.direction, 2),
        "Always valid": interval_words(one.effect.always_valid, 2),
        "Ordinary": interval_words(one.effect.fixed, 2),
        "Decided": decided,
        "Guardrails harmed": ", ".join(held.effect.metric.label for held in one.harmed) or "none",
    }


def _summary_row(one: Summary, found: ExperimentReport, view: View) -> dict[str, Any]:
    rule, decided = one.definition.primary, one.decided
    lift = "–" if one.lift is None else signed(one.lift, rule.direction, 2)
    return {
        "Experiment": one.experiment,
        "Look": f"/experiment?{urlencode(view.query() | {PARAMETER: one.experiment})}",
        "Verdict": one.outcome.value,
        "Lift": lift,
        "What decides": "–"
        if one.bounds is None
        else range_words(one.bounds.low, one.bounds.high, 2),
        "First day": one.definition.starts_on,
        "Users": one.users,
        "Decided by people": "–"
        if decided is None
        else f"{decided.decision}, {wording.day(decided.decided_at)}, {decided.decided_by}",
    }
