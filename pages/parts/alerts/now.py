"""What calls somebody now: all of it in lines, and one alert opened with everything it needs."""

from __future__ import annotations

import streamlit as st

from core.alerts.report import AlertsReport
from core.charts.tokens import Palette
from pages.parts import data
from pages.parts.alerts.acts import acts
from pages.parts.alerts.choice import opened
from pages.parts.alerts.listing import listing
from pages.parts.alerts.panel import panel
from pages.parts.alerts.runbook import runbook
from pages.parts.alerts.silence import running
from pages.parts.data import Background
from pages.parts.markdown import plain
from pages.parts.view import View


def now(found: AlertsReport, beside: Background, view: View, theme: Palette) -> None:
    """The list above, so that a graver alert is seen at once; the opened alert below."""
    shown, missing = opened(found)
    with st.container(key="alert_list", border=True, gap="xsmall"):
        if missing:
            st.info(plain(missing), icon=":material/info:")
        listing(found, shown)
        running(found, live=view.live and data.allowed())
    with st.container(key="alert_panel"):
        if shown is None:
            runbook(None, beside)
            return
        left, right = st.columns([11, 9], gap="medium")
        with left:
            panel(found, shown, beside, view, theme)
        with right:
            acts(found, shown, view)
            runbook(shown, beside)
