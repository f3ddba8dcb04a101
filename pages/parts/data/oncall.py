"""The reports of on-call, incidents and documentation, and what their forms choose from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import streamlit as st
from sqlalchemy import Engine

from core.documentation import DocumentationReport
from core.incidents import IncidentsReport
from core.oncall import OnCallReport
from core.ports.alerts import Episode
from core.ports.documentation import Runbook
from core.timeframe import Window
from db import reports
from db.readers.alerts import SqlAlertReader
from db.readers.documentation import SqlDocumentationReader
from db.readers.snapshot import snapshot
from pages.parts.data.reports import KEPT, Loaded, load, watermark
from pages.parts.data.store import Problem, ask, moment, seen_at, services
from pages.parts.view import View

#: Alerts that ended longer ago are not offered to incidents any more.
ALERTS_BACK = timedelta(days=30)
#: The longest window there is: whatever was closed since is found in it.
WHOLE = Window.parse("400d")


def duties(view: View) -> Loaded[OnCallReport]:
    """Who is on call: of a view's service first, then of all others.

    It is kept for the view's service and the minute: what changes on others may show that much
    later.
    """
    known = services()
    others = () if isinstance(known, Problem) else known
    named = tuple(dict.fromkeys((view.service, *others)))

    def compute(store: Engine, view: View, watermark: str) -> OnCallReport:
        return _oncall_at(store, named, view.as_of, watermark, live=view.live)

    # What is kept for a store that is away is kept for those who may see the same services.
    return load(f"oncall {sorted(named)}", view, compute)


def incidents(view: View) -> Loaded[IncidentsReport]:
    """The incidents, drills and retrospectives of a view's service."""

    def compute(store: Engine, view: View, watermark: str) -> IncidentsReport:
        asked = (view.service, str(view.window), view.as_of)
        return _incidents_at(store, *asked, watermark, live=view.live)

    return load("incidents", view, compute)


def every_incident(view: View) -> Loaded[IncidentsReport]:
    """The same over the longest window: for a link to an incident that ended before the view's."""
    return incidents(replace(view, window=WHOLE))


def documentation(view: View) -> Loaded[DocumentationReport]:
    """The card and the runbooks of a view's service."""

    def compute(store: Engine, view: View, watermark: str) -> DocumentationReport:
        return _documentation_at(store, view.service, view.as_of, watermark, live=view.live)

    return load("documentation", view, compute)


def runbook_history(found: DocumentationReport, runbook_id: str) -> tuple[Runbook, ...] | Problem:
    """Every version of a runbook that a report shows, the newest first."""
    return ask(lambda store: _history(store, id(found), runbook_id, found)[1])


def recent_alerts(service: str) -> tuple[Episode, ...] | Problem:
    """Alerts that fired and run, or ran lately, the newest first: an incident may gather them."""
    mark = watermark(service)
    if isinstance(mark, Problem):
        return mark
    return ask(lambda store: _recent(store, service, mark))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _history(
    _store: Engine, identity: int, runbook_id: str, _found: DocumentationReport
) -> tuple[DocumentationReport, tuple[Runbook, ...]]:
    """The report is kept beside it, so that its identity cannot be handed out again."""
    asked = (_found.service, runbook_id, _found.as_of)
    return _found, SqlDocumentationReader(_store).history(*asked)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _recent(_store: Engine, service: str, watermark: str) -> tuple[Episode, ...]:
    at = moment()
    found = SqlAlertReader(_store).episodes(service, at - ALERTS_BACK, at)
    return tuple(one for one in found if one.fired_at is not None)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _oncall_at(
    _store: Engine, named: tuple[str, ...], as_of: datetime, watermark: str, *, live: bool
) -> OnCallReport:
    with snapshot(_store) as connection:
        return reports.oncall_report(connection, named, seen_at(as_of, live=live))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _incidents_at(
    _store: Engine, service: str, window: str, as_of: datetime, watermark: str, *, live: bool
) -> IncidentsReport:
    seen = seen_at(as_of, live=live)
    with snapshot(_store) as connection:
        return reports.incidents_report(connection, service, Window.parse(window), seen)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _documentation_at(
    _store: Engine, service: str, as_of: datetime, watermark: str, *, live: bool
) -> DocumentationReport:
    with snapshot(_store) as connection:
        return reports.documentation_report(connection, service, seen_at(as_of, live=live))
