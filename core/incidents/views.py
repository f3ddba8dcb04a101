"""Incidents and drills with everything that is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.incidents import sentences
from core.incidents.drills import Times, is_overdue, taken, times
from core.incidents.impact import Impact, Reliability, from_json, impact_of
from core.incidents.timeline import Entry, Happened, timeline
from core.ports.incidents import (
    Action,
    Drill,
    Incident,
    IncidentReader,
    LinkedAlert,
    Note,
    Retrospective,
)
from core.timeframe import HOUR, Span

#: Releases this long before an incident are shown in its timeline: one of them may be the cause.
BEFORE = 2 * HOUR


@dataclass(frozen=True, slots=True)
class IncidentView:
    """One incident with everything that is known of it.

    Attributes:
        impact: as it was frozen at its end, or as it is now; None where no reliability report was
            to be had.
        sentence: how it stands.
        impact_sentence: what it cost; '' where that is not known.
        retrospective: None where none was written.
        actions: of its retrospective, done or not.
        to_detect: from its beginning to its detection; None while that is unknown.
        to_recover: from its beginning to its recovery; None while it has not recovered.
    """

    incident: Incident
    alerts: tuple[LinkedAlert, ...]
    notes: tuple[Note, ...]
    timeline: tuple[Entry, ...]
    impact: Impact | None
    sentence: str
    impact_sentence: str
    retrospective: Retrospective | None
    actions: tuple[Action, ...]
    to_detect: timedelta | None
    to_recover: timedelta | None


@dataclass(frozen=True, slots=True)
class DrillView:
    """One drill and what was measured of it.

    Attributes:
        times: moments; the three below are what they took from the start on, None where it has not
            been.
        overdue: it should have been started before today.
    """

    drill: Drill
    times: Times
    to_detect: timedelta | None
    to_acknowledge: timedelta | None
    to_recover: timedelta | None
    overdue: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned from a service's incidents.

    Attributes:
        retrospectives: by incident; None holds one that is of no incident.
        actions: all there are.
    """

    retrospectives: Mapping[int | None, Retrospective]
    actions: tuple[Action, ...]


def incident_views(
    reader: IncidentReader,
    service: str,
    span: Span,
    as_of: datetime,
    *,
    learned: Learned,
    reliability: Reliability | None,
) -> tuple[IncidentView, ...]:
    """Incidents that are open or were closed in a span, the newest first."""
    found = reader.incidents(service, span.start, as_of)
    numbers = [incident.incident_id for incident in found]
    alerts = reader.alerts_of(numbers, as_of)
    episodes = sorted({alert.episode_id for alert in alerts})
    first = min((incident.began_at for incident in found), default=as_of) - BEFORE
    happened = Happened(
        alerts,
        reader.transitions_of(episodes, as_of),
        reader.acknowledgements_of(episodes, as_of),
        reader.notes(numbers, as_of),
        reader.releases(service, first, as_of),
        reader.acts_of(episodes, as_of),
    )
    return tuple(
        _view(
            incident,
            _around(incident, happened, as_of),
            learned,
            as_of,
            impact=_impact(incident, as_of, reliability),
        )
        for incident in found
    )


def _around(incident: Incident, happened: Happened, as_of: datetime) -> Happened:
    """What happened, with the releases of the incident and shortly before it alone."""
    over = incident.recovered_at or as_of
    first = incident.began_at - BEFORE
    during = tuple(one for one in happened.releases if first <= one.deployed_at <= over)
    return replace(happened, releases=during)


def _impact(incident: Incident, as_of: datetime, reliability: Reliability | None) -> Impact | None:
    if incident.impact:
        return from_json(incident.impact)
    if reliability is None or incident.closed_at is not None:
        return None
    return impact_of(incident, as_of, reliability)


def _view(
    incident: Incident,
    happened: Happened,
    learned: Learned,
    as_of: datetime,
    *,
    impact: Impact | None,
) -> IncidentView:
    number = incident.incident_id
    retrospective = learned.retrospectives.get(number)
    detected, recovered = incident.detected_at, incident.recovered_at
    return IncidentView(
        incident=incident,
        alerts=tuple(one for one in happened.alerts if one.incident_id == number),
        notes=tuple(one for one in happened.notes if one.incident_id == number),
        timeline=timeline(incident, happened),
        impact=impact,
        sentence=sentences.incident_sentence(incident, as_of),
        impact_sentence="" if impact is None else sentences.impact_sentence(impact),
        retrospective=retrospective,
        actions=()
        if retrospective is None
        else tuple(
            one for one in learned.actions if one.retrospective_id == retrospective.retrospective_id
        ),
        to_detect=None if detected is None else detected - incident.began_at,
        to_recover=None if recovered is None else recovered - incident.began_at,
    )


def drill_views(
    reader: IncidentReader, known: Iterable[Drill], span: Span, as_of: datetime
) -> tuple[DrillView, ...]:
    """Drills that are planned, run, or ended in a span: overdue ones first, then by day."""
    shown = [drill for drill in known if drill.ended_at is None or drill.ended_at >= span.start]
    episodes = [drill.episode_id for drill in shown if drill.episode_id is not None]
    transitions = reader.transitions_of(episodes, as_of)
    acknowledgements = reader.acknowledgements_of(episodes, as_of)
    told = reader.told(episodes, as_of)
    found = []
    for drill in shown:
        first = None if drill.episode_id is None else told.get(drill.episode_id)
        measured = times(drill, transitions, acknowledgements, first)
        found.append(
            DrillView(
                drill,
                measured,
                taken(drill, measured.detected_at),
                taken(drill, measured.acknowledged_at),
                taken(drill, measured.recovered_at),
                is_overdue(drill, as_of.date()),
                sentences.drill_sentence(drill, measured, as_of),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.overdue, _day(one.drill))))


def _day(drill: Drill) -> tuple[date, int]:
    started = drill.due_on if drill.started_at is None else drill.started_at.date()
    return started, drill.drill_id
