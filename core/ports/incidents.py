"""What `core.incidents` asks of a store: incidents, drills, retrospectives and their actions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from core.ports.alerts import Acknowledgement, Act, Transition
from core.ports.releases import Release

INCIDENT_SEVERITIES = ("minor", "major", "critical")


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong (team.incident).

    Attributes:
        severity: one of INCIDENT_SEVERITIES.
        began_at: when it began to hurt, as far as it is known.
        detected_at: when somebody or something noticed; None while unknown.
        recovered_at: when it stopped hurting; None while it does.
        closed_at: when the work on it ended; None while it is open.
        drill_id: the drill that it belongs to; None for a real one. That of a drill is never
            counted among incidents.
        impact: the JSON of `core.incidents.Impact`, frozen when it was closed; empty before.
        revision: grows with every change, for optimistic locking.
    """

    incident_id: int
    service: str
    title: str
    severity: str
    began_at: datetime
    detected_at: datetime | None
    recovered_at: datetime | None
    closed_at: datetime | None
    drill_id: int | None
    opened_by: str
    opened_at: datetime
    impact: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkedAlert:
    """An alert that was added to an incident (team.incident_alert, team.alert_episode).

    Attributes:
        drill: raised by a drill.
        sentence: what it says, for people: data.
    """

    incident_id: int
    episode_id: int
    rule_id: str
    severity: str
    sentence: str
    drill: bool
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A status note on an incident; kept for ever (team.incident_note)."""

    note_id: int
    incident_id: int
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Retrospective:
    """What was learned (team.retrospective).

    Attributes:
        incident_id: of which incident; None for that of a milestone or a period.
        good: what was good.
        improve: what can be improved.
        how: how it will be improved.
    """

    retrospective_id: int
    service: str
    incident_id: int | None
    title: str
    good: str
    improve: str
    how: str
    held_on: date
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody will do by a day (team.action). It is carried over until it is done.

    Attributes:
        retrospective_id: where it was decided; None where it was not in a retrospective.
        owner: never empty.
    """

    action_id: int
    service: str
    retrospective_id: int | None
    text: str
    owner: str
    due_on: date
    done_at: datetime | None
    done_by: str
    created_by: str
    created_at: datetime
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drill:
    """A rehearsed accident (team.drill).

    Attributes:
        scenario: a key of `core.incidents.SCENARIOS`.
        episode_id: the labelled test alert that its start raised; None before.
        detected_at: measured; see `core.incidents.drills`. So are acknowledged_at and recovered_at.
        ended_at: when it was over; None while it is planned or runs.
        cancelled_at: since when it is not to be held; None otherwise.
        result: what was seen, in words.
    """

    drill_id: int
    service: str
    scenario: str
    title: str
    due_on: date
    owner: str
    episode_id: int | None
    started_at: datetime | None
    detected_at: datetime | None
    acknowledged_at: datetime | None
    recovered_at: datetime | None
    ended_at: datetime | None
    cancelled_at: datetime | None
    result: str
    created_by: str
    created_at: datetime
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


class IncidentReader(Protocol):
    """What `core.incidents` asks. Everything is as it was known at as_of."""

    def incidents(self, service: str, start: datetime, as_of: datetime) -> tuple[Incident, ...]:
        """Incidents that are open or were closed after start, the newest first."""

    def alerts_of(self, incident_ids: Collection[int], as_of: datetime) -> tuple[LinkedAlert, ...]:
        """The alerts of incidents, in the order in which they were added."""

    def notes(self, incident_ids: Collection[int], as_of: datetime) -> tuple[Note, ...]:
        """Status notes, oldest first."""

    def transitions_of(
        self, episode_ids: Collection[int], as_of: datetime
    ) -> tuple[Transition, ...]:
        """Changes of state of some alerts, oldest first."""

    def acknowledgements_of(
        self, episode_ids: Collection[int], as_of: datetime
    ) -> tuple[Acknowledgement, ...]:
        """Who had some alerts in hand, oldest first."""

    def acts_of(self, episode_ids: Collection[int], as_of: datetime) -> tuple[Act, ...]:
        """What else was said and done about some alerts, oldest first."""

    def told(self, episode_ids: Collection[int], as_of: datetime) -> Mapping[int, datetime]:
        """When the first notification of each of some alerts was sent; absent where none was."""

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""

    def retrospectives(self, service: str, as_of: datetime) -> tuple[Retrospective, ...]:
        """Every retrospective, the newest first."""

    def actions(self, service: str, as_of: datetime) -> tuple[Action, ...]:
        """Every action, done or not, by the day it is due."""

    def drills(self, service: str, as_of: datetime) -> tuple[Drill, ...]:
        """Every drill that was not cancelled, by the day it is due."""
