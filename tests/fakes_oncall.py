"""Readers of on-call, incidents and documentation from values in memory, and ways to write them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from core.ports import Acknowledgement, Episode, Release, Transition
from core.ports.alerts import Act
from core.ports.documentation import Runbook, ServiceCard
from core.ports.incidents import Action, Drill, Incident, LinkedAlert, Note, Retrospective
from core.ports.oncall import Override, Rota
from tests.fakes import SERVICE

#: Monday, and the handover of a rota on that day.
MONDAY = date(2026, 6, 1)
HANDOVER = datetime(2026, 6, 1, 7, tzinfo=UTC)
WEEK = timedelta(days=7)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def rota(*members: str, zone: str = "Europe/Moscow", **changed: Any) -> Rota:
    """A rota from MONDAY on, handed over at 10:00 in Moscow, which is HANDOVER."""
    return Rota(
        **{
            "service": SERVICE,
            "zone": zone,
            "handover_weekday": 0,
            "handover_time": time(10),
            "starts_on": MONDAY,
            "members": members,
            "revision": 1,
            "changed_by": "Анна",
            "changed_at": HANDOVER - DAY,
            **changed,
        }
    )


def override(
    member: str, start: datetime, end: datetime, number: int = 1, **changed: Any
) -> Override:
    """An override; a greater number is made later."""
    return Override(
        **{
            "override_id": number,
            "service": SERVICE,
            "member": member,
            "starts_at": start,
            "ends_at": end,
            "reason": "",
            "swap": "",
            "created_by": "Анна",
            "created_at": HANDOVER - DAY + number * MINUTE,
            **changed,
        }
    )


def page(fired_at: datetime | None, **changed: Any) -> Episode:
    """A page that fires; None is one that is pending."""
    began = HANDOVER if fired_at is None else fired_at
    return Episode(
        **{
            "episode_id": 7,
            "service": SERVICE,
            "rule_id": "slo-availability",
            "fingerprint": "f",
            "labels": {"sli": "availability"},
            "severity": "page",
            "state": "pending" if fired_at is None else "firing",
            "sentence": "Availability burns.",
            "began_at": began,
            "fired_at": fired_at,
            "resolved_at": None,
            "changed_at": began,
            "seen_at": began,
            **changed,
        }
    )


def incident(number: int = 1, began_at: datetime = HANDOVER, **changed: Any) -> Incident:
    """An incident that was noticed at once and goes on."""
    return Incident(
        **{
            "incident_id": number,
            "service": SERVICE,
            "title": f"Incident {number}",
            "severity": "major",
            "began_at": began_at,
            "detected_at": None,
            "recovered_at": None,
            "closed_at": None,
            "drill_id": None,
            "opened_by": "Анна",
            "opened_at": began_at + 5 * MINUTE,
            "changed_by": "Анна",
            **changed,
        }
    )


def drill(number: int = 1, scenario: str = "datacenter_lost", **changed: Any) -> Drill:
    """A drill that is planned for MONDAY."""
    return Drill(
        **{
            "drill_id": number,
            "service": SERVICE,
            "scenario": scenario,
            "title": "",
            "due_on": MONDAY,
            "owner": "Борис",
            "episode_id": None,
            "started_at": None,
            "detected_at": None,
            "acknowledged_at": None,
            "recovered_at": None,
            "ended_at": None,
            "cancelled_at": None,
            "result": "",
            "created_by": "Анна",
            "created_at": HANDOVER - DAY,
            **changed,
        }
    )


def action(number: int, due_on: date, **changed: Any) -> Action:
    """An action that is not done."""
    return Action(
        **{
            "action_id": number,
            "service": SERVICE,
            "retrospective_id": 1,
            "text": f"Action {number}",
            "owner": "Вера",
            "due_on": due_on,
            "done_at": None,
            "done_by": "",
            "created_by": "Анна",
            "created_at": HANDOVER,
            **changed,
        }
    )


def linked(episode_id: int, incident_id: int = 1, *, drill: bool = False) -> LinkedAlert:
    """An alert of an incident."""
    return LinkedAlert(
        incident_id,
        episode_id,
        "slo-availability",
        "page",
        "Availability burns.",
        drill,
        "Анна",
        HANDOVER,
    )


@dataclass
class MemoryOnCall:
    """Fulfils `core.ports.oncall.OnCallReader` from what it is given, by service."""

    rotas: dict[str, Rota] = field(default_factory=dict)
    made: dict[str, list[Override]] = field(default_factory=dict)

    def rota(self, service: str, as_of: datetime) -> Rota | None:
        """The rota of a service."""
        return self.rotas.get(service)

    def overrides(self, service: str, as_of: datetime) -> tuple[Override, ...]:
        """Those made before as_of."""
        return tuple(one for one in self.made.get(service, []) if one.created_at <= as_of)


@dataclass
class MemoryIncidents:
    """Fulfils `core.ports.incidents.IncidentReader` from what it is given."""

    known: tuple[Incident, ...] = ()
    links: tuple[LinkedAlert, ...] = ()
    said: tuple[Note, ...] = ()
    moves: tuple[Transition, ...] = ()
    taken: tuple[Acknowledgement, ...] = ()
    acted: tuple[Act, ...] = ()
    sent: Mapping[int, datetime] = field(default_factory=dict)
    released: tuple[Release, ...] = ()
    lessons: tuple[Retrospective, ...] = ()
    to_do: tuple[Action, ...] = ()
    planned: tuple[Drill, ...] = ()

    def incidents(self, service: str, start: datetime, as_of: datetime) -> tuple[Incident, ...]:
        """Open ones and those closed after start."""
        return tuple(one for one in self.known if one.closed_at is None or one.closed_at > start)

    def alerts_of(self, incident_ids: Collection[int], as_of: datetime) -> tuple[LinkedAlert, ...]:
        """Of some incidents."""
        return tuple(one for one in self.links if one.incident_id in incident_ids)

    def notes(self, incident_ids: Collection[int], as_of: datetime) -> tuple[Note, ...]:
        """Of some incidents."""
        return tuple(one for one in self.said if one.incident_id in incident_ids)

    def transitions_of(
        self, episode_ids: Collection[int], as_of: datetime
    ) -> tuple[Transition, ...]:
        """Of some alerts."""
        return tuple(one for one in self.moves if one.episode_id in episode_ids)

    def acknowledgements_of(
        self, episode_ids: Collection[int], as_of: datetime
    ) -> tuple[Acknowledgement, ...]:
        """Of some alerts."""
        return tuple(one for one in self.taken if one.episode_id in episode_ids)

    def acts_of(self, episode_ids: Collection[int], as_of: datetime) -> tuple[Act, ...]:
        """Of some alerts."""
        return tuple(one for one in self.acted if one.episode_id in episode_ids)

    def told(self, episode_ids: Collection[int], as_of: datetime) -> Mapping[int, datetime]:
        """Of some alerts."""
        return {number: at for number, at in self.sent.items() if number in episode_ids}

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Of a span."""
        return tuple(one for one in self.released if start <= one.deployed_at < end)

    def retrospectives(self, service: str, as_of: datetime) -> tuple[Retrospective, ...]:
        """All of them."""
        return self.lessons

    def actions(self, service: str, as_of: datetime) -> tuple[Action, ...]:
        """All of them."""
        return self.to_do

    def drills(self, service: str, as_of: datetime) -> tuple[Drill, ...]:
        """All of them."""
        return self.planned


@dataclass
class MemoryDocumentation:
    """Fulfils `core.ports.documentation.DocumentationReader` from what it is given."""

    written: ServiceCard | None = None
    books: tuple[Runbook, ...] = ()
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def card(self, service: str, as_of: datetime) -> ServiceCard | None:
        """The card."""
        return self.written

    def runbooks(self, service: str, as_of: datetime) -> tuple[Runbook, ...]:
        """All of them."""
        return self.books

    def history(self, service: str, runbook_id: str, as_of: datetime) -> tuple[Runbook, ...]:
        """The versions of one."""
        return tuple(one for one in self.books if one.runbook_id == runbook_id)

    def named_by_rules(self, service: str) -> dict[str, tuple[str, ...]]:
        """What it was given."""
        return self.named
