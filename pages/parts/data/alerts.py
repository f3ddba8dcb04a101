"""The report of alerts, what belongs to one alert, and who is on call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st
from sqlalchemy import Engine

from core.access import Person, sees
from core.alerts.around import RELEASES_BEFORE, Happening, around
from core.alerts.report import AlertsReport, Shown
from core.alerts.trace import Trace, trace
from core.oncall import Duty, on_duty
from core.ports import Release, WorkerPulse
from core.ports.alerts import Act, Delivery, Episode
from core.ports.documentation import Runbook
from core.ports.incidents import Incident
from core.timeframe import MINUTE, Window, floor_to
from db import reports
from db.readers.alerts import SqlAlertReader
from db.readers.documentation import SqlDocumentationReader
from db.readers.incidents import SqlIncidentReader
from db.readers.notifications import newest_tests
from db.readers.oncall import SqlOnCallReader
from db.readers.releases import releases
from db.readers.reliability import SqlReliabilityReader
from db.readers.snapshot import snapshot
from db.team.channels import StoredChannel, channels
from pages.parts.data.reports import KEPT, Loaded, load
from pages.parts.data.store import Problem, ask, moment, person, seen_at, worker_pulse
from pages.parts.view import View

#: Incidents that began longer ago and are still open get no more alerts from this page.
INCIDENTS_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Background:
    """What belongs to all alerts of a report.

    Attributes:
        runbooks: by id, as they are today: they say what to do now.
        acts: what people said and did, oldest first.
        releases: since a day before the oldest episode of the report.
    """

    runbooks: Mapping[str, Runbook]
    acts: tuple[Act, ...]
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """What is shown of one alert beside what the report says.

    Attributes:
        trace: what it watches; None for one that watches no minutes.
        happened: what else happened when it began, the nearest first.
    """

    trace: Trace | None
    happened: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is on call for a service, and when the worker last did its work."""

    duty: Duty
    pulse: WorkerPulse


def alerts(view: View) -> Loaded[AlertsReport]:
    """How the alerts of a view's service stand; on a live page as of this very moment.

    The minute is not cut off here: who has just acknowledged an alert sees that it is theirs.
    """

    def compute(store: Engine, view: View, watermark: str) -> AlertsReport:
        asked = (view.service, str(view.window), view.as_of)
        return _alerts_at(store, *asked, watermark, live=view.live)

    return load("alerts", view, compute)


def background(found: AlertsReport) -> Background | Problem:
    """Runbooks, acts and releases of a report; read once for each report."""
    return ask(lambda store: _background(store, id(found), found)[1])


def detail(found: AlertsReport, shown: Shown, beside: Background) -> Detail | Problem:
    """What belongs to one alert; read once for each report."""
    number = shown.episode.episode_id
    return ask(lambda store: _detail(store, id(found), number, found, shown, beside)[1])


def watch(service: str) -> Watch | Problem:
    """Who watches a service now, and whether the worker does: one question for all readers."""
    duty = ask(lambda store: _duty(store, service, floor_to(moment(), MINUTE)), service=service)
    if isinstance(duty, Problem):
        return duty
    pulse = worker_pulse()
    return pulse if isinstance(pulse, Problem) else Watch(duty, pulse)


def open_incidents(service: str) -> tuple[Incident, ...] | Problem:
    """Incidents that an alert may be added to, the newest first."""

    def asked(store: Engine) -> tuple[Incident, ...]:
        at = moment()
        found = SqlIncidentReader(store).incidents(service, at - INCIDENTS_BACK, at)
        still = [one for one in found if one.closed_at is None]
        return tuple(sorted(still, key=lambda one: one.opened_at, reverse=True))

    return ask(asked)


def open_alerts() -> tuple[Episode, ...] | Problem:
    """The open alerts of every service that exists for who asks: what a silence may hide."""
    found = ask(lambda store: SqlAlertReader(store).open_everywhere(moment()))
    who = person()
    if isinstance(found, Problem) or not isinstance(who, Person):
        return found if isinstance(found, Problem) else ()
    return tuple(one for one in found if sees(who, one.service))


def notification_channels() -> tuple[StoredChannel, ...] | Problem:
    """Where notifications go, with addresses redacted; those of every service, and one's own."""
    found = ask(channels)
    who = person()
    if isinstance(found, Problem) or not isinstance(who, Person):
        return found if isinstance(found, Problem) else ()
    return tuple(one for one in found if not one.channel.service or sees(who, one.channel.service))


def sent_tests() -> tuple[Delivery, ...] | Problem:
    """The newest test notifications."""
    return ask(newest_tests)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _alerts_at(
    _store: Engine, service: str, window: str, as_of: datetime, watermark: str, *, live: bool
) -> AlertsReport:
    at = seen_at(as_of, live=live)
    with snapshot(_store) as connection:
        return reports.alerts_report(connection, service, Window.parse(window), at)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _background(
    _store: Engine, identity: int, _found: AlertsReport
) -> tuple[AlertsReport, Background]:
    """The report is kept beside it, so that its identity cannot be handed out again."""
    began = [one.episode.began_at for one in _found.open] + [
        one.began_at for one in _found.episodes
    ]
    start = min([_found.span.start, *began])
    with snapshot(_store) as connection:
        written = SqlDocumentationReader(connection).runbooks(_found.service, reports.TODAY)
        said = SqlAlertReader(connection).acts(_found.service, start, _found.as_of)
        since = start - RELEASES_BEFORE
        deployed = releases(connection, _found.service, since, _found.as_of)
    return _found, Background({one.runbook_id: one for one in written}, said, deployed)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _detail(
    _store: Engine,
    identity: int,
    number: int,
    _found: AlertsReport,
    _shown: Shown,
    _beside: Background,
) -> tuple[AlertsReport, Detail]:
    with snapshot(_store) as connection:
        reader = SqlReliabilityReader(connection)
        watched = trace(reader, _shown.episode, _shown.rule, _found.as_of)
    happened = around(_shown.episode, _beside.releases, _found.episodes)
    return _found, Detail(watched, happened)


@st.cache_data(ttl=10, max_entries=KEPT, show_spinner=False)
def _duty(_store: Engine, service: str, minute: datetime) -> Duty:
    with snapshot(_store) as connection:
        return on_duty(SqlOnCallReader(connection), service, minute)
