"""Reports for pages: the only place that caches.

A report is computed once for everybody who looks at the same service, window and as-of; it is keyed
by the store's watermark, so it is computed again exactly when something it reads has changed. When
the store does not answer, the last report of that view is handed out, marked as old.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar, cast

import pyarrow as pa
import streamlit as st
from sqlalchemy import Engine, NullPool
from sqlalchemy.exc import DBAPIError, OperationalError

from core import overview as overview_area
from core import reliability as reliability_area
from core.charts.chart import Chart, Columns
from core.overview import OverviewReport
from core.ports import FillStep, Goal, WorkerPulse
from core.reliability import ReliabilityReport
from core.timeframe import Window
from db import schema
from db.embedded import EmbeddedError
from db.engine import Role, Store
from db.readers.criteria import SqlGoalReader
from db.readers.overview import SqlOverviewReader
from db.readers.reliability import SqlReliabilityReader
from db.readers.snapshot import snapshot
from pages.parts.view import View

T = TypeVar("T")
#: How many views' reports are kept: a few services times a few windows times the last minutes.
KEPT = 48


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is nothing new to show, as a sentence, and since when."""

    sentence: str
    since: datetime


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
def _store(database_url: str | None, folder: Path) -> Store:
    return Store(database_url, folder)


@st.cache_resource(show_spinner=False)
def _engine(database_url: str | None, folder: Path) -> Engine:
    return _store(database_url, folder).engine(Role.APP, pool_size=4, max_overflow=8)


@st.cache_resource(show_spinner=False)
def _owner(database_url: str | None, folder: Path) -> Engine:
    return _store(database_url, folder).engine(Role.OWNER, poolclass=NullPool)


@st.cache_resource(show_spinner=False)
def _last_good() -> dict[tuple[str, str, str], tuple[object, datetime]]:
    """The newest report of each view that could be computed, by area, service and window."""
    return {}


@st.cache_resource(show_spinner=False)
def _last_services() -> list[tuple[str, ...]]:
    """The newest known services, at most one entry."""
    return []


@st.cache_resource(show_spinner=False)
def _down_since() -> dict[str, datetime]:
    """Since when the store has not answered; empty while it does."""
    return {}


def connect(database_url: str | None, folder: Path, now: datetime) -> None:
    """Say where the store is and what time it is; app.py calls it first in every run."""
    st.session_state["store_address"] = (database_url, folder)
    st.session_state["now"] = now


def now() -> datetime:
    """The clock, as app.py read it when this run began."""
    moment: datetime = st.session_state["now"]
    return moment


def engine() -> Engine:
    """The web server's connections, under the role greenlight_app."""
    return _engine(*st.session_state["store_address"])


def ask(question: Callable[[Engine], T]) -> T | Problem:
    """Ask the store; a store that is down or does not fit the code answers with a problem."""
    try:
        source = engine()
    except ValueError as error:  # an address that cannot be read
        return Problem(str(error), now())
    except EmbeddedError as error:
        return Problem(
            f"The store does not start: {error}", _down_since().setdefault("store", now())
        )
    try:
        answer = question(source)
    except (OperationalError, EmbeddedError) as error:
        sentence = _schema_sentence() if "does not exist" in str(error) else None
        if sentence is not None:
            return Problem(sentence, now())
        since = _down_since().setdefault("store", now())
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()
        return Problem(
            f"The store does not answer: {reason[0] if reason else 'no reason given'}", since
        )
    except DBAPIError:
        # The store answers but refuses the query: its schema is the first suspect.
        sentence = _schema_sentence()
        if sentence is None:
            raise
        return Problem(sentence, now())
    _down_since().clear()
    return answer


def _schema_sentence() -> str | None:
    """What is wrong with the schema, asked as the login itself: a new store has no other role."""
    try:
        schema.check(_owner(*st.session_state["store_address"]))
    except schema.SchemaError as error:
        return str(error)
    except OperationalError:
        return None
    return None


def services() -> tuple[str, ...] | Problem:
    """Every known service; while the store is away, those that were known before."""
    answer = ask(_services)
    if not isinstance(answer, Problem):
        _last_services().append(answer)
        del _last_services()[:-1]
        return answer
    return _last_services()[-1] if _last_services() else answer


def store_answers() -> bool:
    """Whether the store can be asked now."""
    return not isinstance(ask(_services), Problem)


def fill_progress() -> tuple[FillStep, ...] | Problem:
    """How far the demo's first fill is; empty where there is none."""
    return ask(lambda store: SqlOverviewReader(store).fill_progress())


def worker_pulse() -> WorkerPulse | Problem:
    """When the worker last did its work."""
    return ask(lambda store: SqlOverviewReader(store).worker_pulse())


def goals(service: str) -> tuple[Goal, ...]:
    """A service's goals; none where the store does not answer (the report says so)."""
    answer = ask(lambda store: _goals(store, service, _watermark(store, service)))
    return () if isinstance(answer, Problem) else answer


def watermark(service: str) -> str | Problem:
    """What changes whenever something that a report of this service reads has changed."""
    return ask(lambda store: _watermark(store, service))


def reliability(view: View) -> Loaded[ReliabilityReport]:
    """The reliability report of a view."""
    return _load("reliability", view, _reliability)


def overview(view: View) -> Loaded[OverviewReport]:
    """The overview of a view."""
    return _load("overview", view, _overview)


def _load(area: str, view: View, compute: Callable[[Engine, View, str], T]) -> Loaded[T]:
    def question(store: Engine) -> T:
        return compute(store, view, _watermark(store, view.service))

    answer = ask(question)
    key = (area, view.service, str(view.window))
    if not isinstance(answer, Problem):
        _last_good()[key] = (answer, now())
        return Loaded(answer, None, now())
    kept = _last_good().get(key)
    if kept is None:
        return Loaded(None, answer, None)
    report, loaded_at = kept
    return Loaded(cast("T", report), answer, loaded_at)


@st.cache_data(ttl=5, show_spinner=False)
def _services(_store: Engine) -> tuple[str, ...]:
    return SqlOverviewReader(_store).services()


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _goals(_store: Engine, service: str, watermark: str) -> tuple[Goal, ...]:
    return SqlGoalReader(_store).goals(service)


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
        reader = SqlReliabilityReader(connection)
        return reliability_area.report(reader, service, Window.parse(window), as_of)


def _overview(store: Engine, view: View, watermark: str) -> OverviewReport:
    return _overview_at(store, view.service, str(view.window), view.as_of, watermark)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _overview_at(
    _store: Engine, service: str, window: str, as_of: datetime, watermark: str
) -> OverviewReport:
    found = _reliability_at(_store, service, window, as_of, watermark)
    with snapshot(_store) as connection:
        return overview_area.report(SqlOverviewReader(connection), SqlGoalReader(connection), found)


def drawn(name: str, report: object, theme: str, draw: Callable[[], Chart]) -> Chart:
    """A chart, made once for each report and theme, its data packed as Streamlit sends them.

    Reports are cached objects that are never changed, so their identity is the key; the report is
    kept beside its charts, so that the identity cannot be handed out again.
    """
    kept = _charts(id(report), report, theme)
    if name not in kept:
        kept[name] = _packed(draw())
    return kept[name]


@dataclass(frozen=True, slots=True)
class _Kept:
    report: object
    charts: dict[str, Chart]


def _packed(chart: Chart) -> Chart:
    """The chart with its datasets in the specification, as Arrow: a re-run copies bytes."""
    if chart.spec is None:
        return chart
    packed = {name: _arrow(columns) for name, columns in chart.datasets.items()}
    return replace(chart, spec=chart.spec | {"datasets": packed}, datasets={})


def _arrow(columns: Columns) -> bytes:
    table = pa.table(dict(columns))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _charts(identity: int, report: object, theme: str) -> dict[str, Chart]:
    return _kept_charts(identity, report, theme).charts


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _kept_charts(identity: int, _report: object, theme: str) -> _Kept:
    return _Kept(_report, {})
