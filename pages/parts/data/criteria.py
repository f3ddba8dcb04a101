"""The report of goals and criteria."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from core import goals
from core.goals import GoalsReport
from db.readers.criteria import SqlGoalReader
from db.readers.overview import SqlOverviewReader
from db.readers.snapshot import snapshot
from pages.parts.data.reports import KEPT, Loaded, load, reports_at, reports_over
from pages.parts.view import View


def criteria(view: View) -> Loaded[GoalsReport]:
    """The goals of a view's service with all that belongs to them."""

    def compute(store: Engine, view: View, watermark: str) -> GoalsReport:
        return _criteria_at(store, view.service, str(view.window), view.as_of, watermark)

    return load("criteria", view, compute)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _criteria_at(
    _store: Engine, service: str, window: str, as_of: datetime, watermark: str
) -> GoalsReport:
    found = reports_at(_store, service, window, as_of, watermark)
    over = reports_over(_store, service, as_of, watermark, found)
    with snapshot(_store) as connection:
        return goals.report(
            SqlGoalReader(connection), SqlOverviewReader(connection), found, as_of, over
        )
