"""The life-cycle report of a view's service."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from core.life_cycle import LifeCycleReport
from db import reports
from db.readers.snapshot import snapshot
from pages.parts.data.reports import KEPT, Loaded, load
from pages.parts.data.store import seen_at
from pages.parts.view import View


def life_cycle(view: View) -> Loaded[LifeCycleReport]:
    """Where a view's service is in its life, its gates and its shadow runs."""

    def compute(store: Engine, view: View, watermark: str) -> LifeCycleReport:
        return _life_cycle_at(store, view.service, view.as_of, watermark, live=view.live)

    return load("life cycle", view, compute)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _life_cycle_at(
    _store: Engine, service: str, as_of: datetime, watermark: str, *, live: bool
) -> LifeCycleReport:
    with snapshot(_store) as connection:
        return reports.life_cycle_report(connection, service, seen_at(as_of, live=live))
