"""The report of risks: red lines are held against the reports that other pages keep anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core import criteria
from core.criteria import Reports
from core.quality import Focus
from core.risks import AreaEvidence, EvidenceOf, RisksReport, criteria_evidence
from core.timeframe import Window
from db import reports
from pages.parts.data.alerts import alerts
from pages.parts.data.reports import (
    KEPT,
    Loaded,
    experiment,
    false_reports,
    goals_at,
    load,
    quality,
    reliability,
    reports_at,
    training,
)
from pages.parts.data.store import seen_at
from pages.parts.view import View

_LOAD: Mapping[str, Callable[[View], Loaded[Any]]] = {
    "reliability": reliability,
    "quality": lambda view: quality(view, Focus()),
    "experiment": lambda view: experiment(view, None),
    "false-reports": false_reports,
    "alerts": alerts,
    "training": training,
}


def risks(view: View) -> Loaded[RisksReport]:
    """The risks of a view's service."""

    def compute(store: Engine, view: View, watermark: str) -> RisksReport:
        evidence_of = partial(_evidence, store, view, watermark)
        return _risks_at(
            store, view.service, view.as_of, watermark, live=view.live, _evidence_of=evidence_of
        )

    return load("risks", view, compute)


def _evidence(store: Engine, view: View, watermark: str, area: str, window: str) -> AreaEvidence:
    """What an area's report says over a window; each report is kept for its own page, too."""
    over = replace(view, window=Window.parse(window))
    if area == "criteria":

        def kept(own: Window) -> Reports:
            return reports_at(store, view.service, str(own), view.as_of, watermark)

        goals = goals_at(store, view.service, view.as_of, watermark)
        found = criteria.report(goals, kept(over.window), view.as_of, kept)
        return criteria_evidence(found.verdicts)
    loaded = _LOAD[area](over)
    if loaded.report is None or loaded.problem is not None:
        return AreaEvidence({}, why=f"the report of {area} cannot be read")
    return reports.evidence_in(loaded.report)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _risks_at(
    _store: Engine,
    service: str,
    as_of: datetime,
    watermark: str,
    *,
    live: bool,
    _evidence_of: EvidenceOf,
) -> RisksReport:
    # No snapshot is held meanwhile: the evidence of an area may need a connection of its own.
    return reports.risks_report(_store, service, seen_at(as_of, live=live), _evidence_of)
