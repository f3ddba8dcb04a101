"""Cached reports.

A report is computed once for everybody who looks at the same service, window and as-of; it is keyed
by the store's watermark, so it is computed again exactly when something it reads has changed. When
the store does not answer, the last report of that view is handed out, marked as old.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar, cast

import streamlit as st
from sqlalchemy import Engine

from core import overview as overview_area
from core.access import Permission
from core.criteria import Reports
from core.experiment import ExperimentReport, Summary
from core.false_reports import FalseReportsReport
from core.overview import OverviewReport
from core.ports import Goal
from core.quality import Focus, QualityReport
from core.reliability import ReliabilityReport
from core.timeframe import Window
from core.training import TrainingReport
from db import reports
from db.readers.criteria import SqlGoalReader
from db.readers.overview import SqlOverviewReader
from db.readers.reliability import SqlReliabilityReader
from db.readers.snapshot import snapshot
from pages.parts.data.store import Problem, ask, now, write
from pages.parts.view import View

T = TypeVar("T")
#: How many views' reports are kept: a few services times a few windows times the last minutes.
KEPT = 48
#: How many views' last reports are kept for a store that is away, of all areas together.
MOST_LAST = 8 * KEPT
#: What a last report is of: area, service, window, and the as-of of a view that is not live.
_Seen = tuple[str, str, str, datetime | None]
#: Stands for the watermark of a store that does not answer.
DOWN = "down"
_MARK = "shown_mark"


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """A report, the problem that kept it from being new, or both.

    Attributes:
        loaded_at: when the report was computed.
    """

    report: T | None
    problem: Problem | None
    loaded_at: datetime | None


@st.cache_resource(show_spinner=False)
def _last_good() -> OrderedDict[_Seen, tuple[object, datetime]]:
    """The newest report of each view that could be computed, the views asked last at the end."""
    return OrderedDict()


def goals(view: View) -> tuple[Goal, ...]:
    """The goals of a view's service as they were then; none where the store does not answer.

    That it does not is what the report beside them says.
    """

    def asked(store: Engine) -> tuple[Goal, ...]:
        return goals_at(store, view.service, view.as_of, _watermark(store, view.service))

    answer = ask(asked, service=view.service)
    return () if isinstance(answer, Problem) else answer


def watermark(service: str) -> str | Problem:
    """What changes whenever something that a report of this service reads has changed."""
    return ask(lambda store: _watermark(store, service), service=service)


def shown_mark() -> tuple[str, str] | None:
    """The service and the watermark that the page in front of the reader was drawn from.

    Of several reports the first one's: whatever came after it has not been seen in all of them.
    """
    kept = st.session_state.get(_MARK)
    return None if kept is None else (kept[1], kept[2])


def _remember_mark(service: str, mark: str) -> None:
    kept = st.session_state.get(_MARK)
    if kept is None or kept[0] != now():  # the first of this run
        st.session_state[_MARK] = (now(), service, mark)


def act(
    action: Callable[[Engine], T], needs: Permission | None = None, *, quick: bool = False
) -> T | Problem:
    """Write what people decide; the look after it reads what was written.

    Args:
        action: writes. What it refuses (a wrong field, a conflict) is raised as it is.
        needs: the permission; None for what writing on this page needs.
        quick: it changes nothing that a report shows, so that none need be worked out anew.
    """
    try:
        return write(action, needs)
    finally:
        if not quick:
            _watermark.clear()


def reliability(view: View) -> Loaded[ReliabilityReport]:
    """The reliability report of a view."""
    return load("reliability", view, _reliability)


def quality(view: View, focus: Focus) -> Loaded[QualityReport]:
    """The quality report of a view, narrowed to a part of the service."""

    def compute(store: Engine, view: View, watermark: str) -> QualityReport:
        asked = (view.service, str(view.window), view.as_of)
        return _quality_at(store, *asked, watermark, focus=focus, known_at=view.as_of)

    return load(f"quality {focus.words}", view, compute)


def quality_before(view: View, focus: Focus, end: datetime) -> Loaded[QualityReport]:
    """The report of a window of the same length that ends earlier, with what is known now."""

    def compute(store: Engine, view: View, watermark: str) -> QualityReport:
        asked = (view.service, str(view.window), end)
        return _quality_at(store, *asked, watermark, focus=focus, known_at=view.as_of)

    return load(f"quality before {focus.words}", view, compute)


def experiment(view: View, name: str | None) -> Loaded[ExperimentReport]:
    """The report of one experiment of a view's service: the one named, else the running one."""

    def compute(store: Engine, view: View, watermark: str) -> ExperimentReport:
        return _experiment_at(store, view.service, view.as_of, watermark, name)

    return load(f"experiment {name or ''}", view, compute)


def experiments(view: View) -> Loaded[tuple[Summary, ...]]:
    """Every experiment of a view's service with its verdict."""

    def compute(store: Engine, view: View, watermark: str) -> tuple[Summary, ...]:
        return _experiments_at(store, view.service, view.as_of, watermark)

    return load("experiments", view, compute)


def false_reports(view: View) -> Loaded[FalseReportsReport]:
    """The false-reports report of a view."""

    def compute(store: Engine, view: View, watermark: str) -> FalseReportsReport:
        asked = (view.service, str(view.window), view.as_of)
        return _false_reports_at(store, *asked, watermark)

    return load("false reports", view, compute)


def training(view: View) -> Loaded[TrainingReport]:
    """The training report of a view's service."""

    def compute(store: Engine, view: View, watermark: str) -> TrainingReport:
        return _training_at(store, view.service, view.as_of, watermark)

    return load("training", view, compute)


def overview(view: View) -> Loaded[OverviewReport]:
    """The overview of a view."""
    return load("overview", view, _overview)


def load(area: str, view: View, compute: Callable[[Engine, View, str], T]) -> Loaded[T]:
    """What compute makes of a view at its watermark, or the last that it made of it."""

    def question(store: Engine) -> T:
        mark = _watermark(store, view.service)
        _remember_mark(view.service, mark)
        return compute(store, view, mark)

    answer = ask(question, service=view.service)
    if isinstance(answer, Problem):
        _remember_mark(view.service, DOWN)
        if answer.denied:
            return Loaded(None, answer, None)
    seen = (area, view.service, str(view.window), None if view.live else view.as_of)
    if not isinstance(answer, Problem):
        _keep(seen, answer)
        return Loaded(answer, None, now())
    kept = _last_good().get(seen)
    if kept is None:
        return Loaded(None, answer, None)
    report, loaded_at = kept
    return Loaded(cast("T", report), answer, loaded_at)


def _keep(seen: _Seen, report: object) -> None:
    kept = _last_good()
    kept[seen] = (report, now())
    kept.move_to_end(seen)
    while len(kept) > MOST_LAST:
        kept.popitem(last=False)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def goals_at(_store: Engine, service: str, as_of: datetime, watermark: str) -> tuple[Goal, ...]:
    """The goals of a service as they were at a moment: several reports are held to them."""
    return SqlGoalReader(_store).goals(service, as_of)


@st.cache_data(ttl=2, show_spinner=False)
def _watermark(_store: Engine, service: str) -> str:
    return SqlReliabilityReader(_store).watermark(service)


def _reliability(store: Engine, view: View, watermark: str) -> ReliabilityReport:
    return _reliability_at(store, view.service, str(view.window), view.as_of, watermark)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _reliability_at(
    _store: Engine, service: str, window: str, as_of: datetime, watermark: str
) -> ReliabilityReport:
    with snapshot(_store) as connection:
        return reports.reliability_report(connection, service, Window.parse(window), as_of)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _quality_at(
    _store: Engine,
    service: str,
    window: str,
    as_of: datetime,
    watermark: str,
    *,
    focus: Focus,
    known_at: datetime,
) -> QualityReport:
    length = Window.parse(window)
    goals = goals_at(_store, service, as_of, watermark)
    with snapshot(_store) as connection:
        return reports.quality_report(
            connection, service, length, as_of, goals=goals, focus=focus, known_at=known_at
        )


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _experiment_at(
    _store: Engine, service: str, as_of: datetime, watermark: str, name: str | None
) -> ExperimentReport:
    with snapshot(_store) as connection:
        return reports.experiment_report(connection, service, as_of, name)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _experiments_at(
    _store: Engine, service: str, as_of: datetime, watermark: str
) -> tuple[Summary, ...]:
    with snapshot(_store) as connection:
        return reports.experiment_summaries(connection, service, as_of)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _training_at(_store: Engine, service: str, as_of: datetime, watermark: str) -> TrainingReport:
    goals = goals_at(_store, service, as_of, watermark)
    with snapshot(_store) as connection:
        return reports.training_report(connection, service, as_of, goals=goals)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _false_reports_at(
    _store: Engine, service: str, window: str, as_of: datetime, watermark: str
) -> FalseReportsReport:
    with snapshot(_store) as connection:
        return reports.false_reports_report(connection, service, Window.parse(window), as_of)


def _overview(store: Engine, view: View, watermark: str) -> OverviewReport:
    return _overview_at(store, view.service, str(view.window), view.as_of, watermark)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _overview_at(
    _store: Engine, service: str, window: str, as_of: datetime, watermark: str
) -> OverviewReport:
    found = reports_at(_store, service, window, as_of, watermark)
    over = reports_over(_store, service, as_of, watermark, found)
    goals = goals_at(_store, service, as_of, watermark)
    with snapshot(_store) as connection:
        return overview_area.report(SqlOverviewReader(connection), goals, found, over)


def reports_over(
    store: Engine, service: str, as_of: datetime, watermark: str, found: Reports
) -> Callable[[Window], Reports]:
    """The reports of criteria that have a window of their own.

    They are computed here and now: whoever asks for them may hold a connection, and must not need
    a second one.
    """
    goals = goals_at(store, service, as_of, watermark)
    windows = {criterion.window for goal in goals for criterion in goal.criteria}
    known = {
        window: reports_at(store, service, str(window), as_of, watermark)
        for window in windows - {None, found.reliability.window}
        if window is not None
    }
    return lambda window: known.get(window, found)


def reports_at(
    store: Engine, service: str, window: str, as_of: datetime, watermark: str
) -> Reports:
    """The reports that criteria are judged by over a window, each kept for other pages too."""
    asked = (service, window, as_of, watermark)
    return Reports(
        _reliability_at(store, *asked),
        _quality_at(store, *asked, focus=Focus(), known_at=as_of),
        _experiment_at(store, service, as_of, watermark, None),
        _training_at(store, service, as_of, watermark),
    )
