"""The head of every page: the finding as a sentence, and one grey line with what it rests on."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.reliability import ReliabilityReport
from pages.parts import data, states
from pages.parts.data import Problem
from pages.parts.view import View

#: How often a live page asks whether anything has changed. Asking costs one index look-up.
REFRESH_SECONDS = 10


def header(view: View, sentence: str, found: ReliabilityReport, *, about: str = "") -> None:
    """Show notices, the finding, and the grey line; keep a live page up to date."""
    for notice in view.notices:
        st.info(notice, icon=":material/info:")
    st.title(sentence, anchor=False)
    freshness = found.freshness
    through = (
        "no data"
        if freshness.data_through is None
        else f"data through {wording.clock(freshness.data_through, view.as_of)}"
    )
    parts = [about, f"as of {wording.clock(view.as_of)}", through, f"{view.window.last}"]
    if found.letters:
        parts.append(f"{wording.count(found.letters)} letters")
    if found.coverage_share is not None:
        parts.append(f"coverage {wording.percent(found.coverage_share)}")
    st.caption(" · ".join(part for part in parts if part))
    states.worker()
    steps = data.fill_progress()
    if not isinstance(steps, Problem):
        states.filling([step for step in steps if step.service == view.service])
    if freshness.stale and freshness.data_through is not None:
        newest = wording.clock(freshness.data_through, view.as_of)
        st.warning(
            f"Stale: the newest complete minute is {newest}. "
            "The numbers below are the last known ones; they prove nothing about now.",
            icon=":material/schedule:",
        )
    if view.live:
        _refresh(view)


@st.fragment(run_every=REFRESH_SECONDS)
def _refresh(view: View) -> None:
    """Draw the page anew when the minute has changed and the store holds something new."""
    mark = data.watermark(view.service)
    if isinstance(mark, Problem):
        mark = "down"
    before = st.session_state.get("shown_watermark")
    st.session_state["shown_watermark"] = (view.service, mark)
    if before is not None and before[0] == view.service and before[1] != mark:
        st.rerun()
