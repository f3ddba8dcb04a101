"""The head of every page: the finding as a sentence, and one grey line with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core import wording
from core.alerts.report import AlertsReport
from core.experiment import ExperimentReport
from core.false_reports import FalseReportsReport
from core.quality import QualityReport
from core.reliability import ReliabilityReport
from core.timeframe import Freshness
from pages.parts import data, states
from pages.parts.data import Problem
from pages.parts.view import View

#: How often a live page asks whether anything has changed. Asking costs one index look-up.
REFRESH_SECONDS = 10
#: Whether the whole page has been drawn since the browser last asked for it.
_DRAWN = "header_drawn"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the grey line says of a report.

    Attributes:
        freshness: None for a report of what people write: it is never stale.
        step: what its rows cover, e.g. 'minute'.
        said: further parts of the line.
        windowed: the window in the sidebar says how far back the report looks.
    """

    freshness: Freshness | None
    step: str
    said: tuple[str, ...]
    windowed: bool = True

    def through(self, as_of: datetime | None = None) -> str:
        """The newest complete step, in words."""
        newest = None if self.freshness is None else self.freshness.data_through
        if newest is None:
            return "nothing"
        if self.step == "day":
            return wording.short_date(newest)
        return wording.clock(newest, as_of)


def reliability_facts(found: ReliabilityReport) -> Facts:
    """Letters and coverage."""
    said = [f"{wording.count(found.letters)} letters"] if found.letters else []
    if found.coverage_share is not None:
        said.append(f"coverage {wording.percent(found.coverage_share)}")
    return Facts(found.freshness, "minute", tuple(said))


def quality_facts(found: QualityReport) -> Facts:
    """Letters and labels."""
    said = [f"{wording.count(found.whole.letters)} letters"] if found.whole.letters else []
    if found.labels.count:
        said.append(f"{wording.whole(found.labels.count)} labels")
    return Facts(found.freshness, "hour", tuple(said))


def experiment_facts(found: ExperimentReport) -> Facts:
    """Days and users."""
    said = [f"{found.days} of {found.definition.planned_days} days"] if found.days else []
    if found.main.users:
        said.append(f"{wording.count(found.main.users)} users")
    return Facts(found.freshness, "day", tuple(said), windowed=False)


def false_reports_facts(found: FalseReportsReport) -> Facts:
    """Reports and groups."""
    said = [f"{wording.count(found.intake.reports)} reports"] if found.intake.reports else []
    if found.intake.groups:
        said.append(f"{wording.whole(found.intake.groups)} groups")
    return Facts(found.freshness, "minute", tuple(said))


def alerts_facts(found: AlertsReport) -> Facts:
    """Rules; that they are not evaluated is told above, in a notice of its own."""
    last = found.health.last
    freshness = Freshness(found.as_of, None if last is None else last.at, stale=False)
    return Facts(freshness, "minute", (f"{wording.whole(len(found.rules))} rules",))


def team_facts(*said: str, windowed: bool = False) -> Facts:
    """What people write has no data that could be late."""
    return Facts(None, "", said, windowed)


def header(view: View, sentence: str, facts: Facts, *, about: str = "") -> None:
    """Show notices, the finding, and the grey line; keep a live page up to date."""
    for notice in view.notices:
        st.info(notice, icon=":material/info:")
    st.title(sentence, anchor=False)
    freshness = facts.freshness
    through = "" if freshness is None else "no data"
    if freshness is not None and freshness.data_through is not None:
        through = f"data through {facts.through(view.as_of)}"
    window = view.window.last if facts.windowed else ""
    parts = [about, f"as of {wording.clock(view.as_of)}", through, window, *facts.said]
    st.caption(" · ".join(part for part in parts if part))
    states.worker()
    steps = data.fill_progress()
    if not isinstance(steps, Problem):
        states.filling([step for step in steps if step.service == view.service])
    if freshness is not None and freshness.stale and freshness.data_through is not None:
        st.warning(
            f"Stale: the newest complete {facts.step} is {facts.through(view.as_of)}. "
            "The numbers below are the last known ones; they prove nothing about now.",
            icon=":material/schedule:",
        )
    if view.live:
        st.session_state[_DRAWN] = False
        _refresh(view)


@st.fragment(run_every=REFRESH_SECONDS)
def _refresh(view: View) -> None:
    """Draw the page anew when the minute has changed and the store holds something new.

    Never while the whole page is drawn: what began that may be a click, and drawing it once more
    from here on would lose it before the form that was sent is reached.
    """
    if not st.session_state[_DRAWN]:
        st.session_state[_DRAWN] = True
        return
    mark = data.watermark(view.service)
    if data.shown_mark() != (view.service, data.DOWN if isinstance(mark, Problem) else mark):
        st.rerun()
