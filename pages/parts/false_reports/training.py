"""The letters that models are trained on, run by run, against the targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.charts.false_reports import training as charts
from core.charts.tokens import Palette
from core.training import SeenRun, TrainingReport, sentences
from pages.parts import data
from pages.parts.cards import chart, chip
from pages.parts.false_reports.letter import cell
from pages.parts.markdown import plain


def training(found: TrainingReport | None, theme: Palette) -> None:
    """The chart, each target with the date at the present pace, and every run."""
    if found is None or not found.runs:
        with st.container(border=True):
            st.markdown("**No training run is known**")
            st.caption("Whoever trains writes a row a run: metrics.training_run, docs/metrics.md.")
        return
    for warning in found.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    figure = data.drawn("training", found, theme.name, lambda: charts.letters(found, theme))
    left, right = st.columns([3, 2])
    with left:
        chart(figure, key="training_letters")
    with right, st.container(border=True, height="stretch"):
        st.markdown("**Targets**")
        if not found.reaches:
            st.caption("Nobody has set a target for the letters that models are trained on.")
        for one in found.reaches:
            target = wording.count(int(one.target.value))
            due = wording.long_date(one.target.due_on)
            st.markdown(f"{chip(one.status)} {target} letters by {due}")
            said = [sentences.settles(found, one), sentences.bounds(one), *one.worries]
            st.caption(plain(" ".join(part for part in said if part)))
            share = min((found.letters or 0) / max(float(one.target.value), 1.0), 1.0)
            st.progress(share)
    st.dataframe(
        pd.DataFrame([_row(one) for one in reversed(found.runs)]),
        key="runs_table",
        hide_index=True,
        height="content" if len(found.runs) <= 12 else 458,
        placeholder="–",
        column_config={
            name: st.column_config.TextColumn(alignment="right")
            for name in ("Raw", "Deduplicated", "Anonymised", "Trained")
        }
        | {"Note": st.column_config.TextColumn(width="large")}
        | {
            name: st.column_config.DatetimeColumn(
                f"{name} (UTC)", format="D MMM YYYY", timezone="UTC"
            )
            for name in ("Started", "Ended")
        },
    )


def runs_by_set(found: TrainingReport | None) -> Mapping[str, tuple[SeenRun, ...]]:
    """The runs that each retraining set went into."""
    by_set: dict[str, tuple[SeenRun, ...]] = {}
    for one in () if found is None else found.runs:
        if one.run.retraining_set:
            name = one.run.retraining_set
            by_set[name] = (*by_set.get(name, ()), one)
    return by_set


def _row(one: SeenRun) -> dict[str, Any]:
    run = one.run
    return {
        "Run": cell(run.run_id),
        "Status": one.status,
        "Model": cell(run.model_version),
        "Started": run.started_at,
        "Ended": one.ended_at,
        "Raw": wording.count(run.letters_raw),
        "Deduplicated": wording.count(run.letters_deduplicated),
        "Anonymised": wording.count(run.letters_anonymised),
        "Trained": wording.count(run.letters_trained),
        "Retraining set": cell(run.retraining_set),
        "Note": cell(run.note),
    }
