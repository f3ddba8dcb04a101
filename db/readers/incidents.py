"""What `core.incidents` asks of the store: incidents with their alerts, drills, retrospectives."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text

from core.ports import Acknowledgement, Release, Transition
from core.ports.alerts import Act
from core.ports.incidents import Action, Drill, Incident, LinkedAlert, Note, Retrospective
from db.readers.audit import states
from db.readers.releases import releases
from db.readers.snapshot import Source, snapshot
from db.readers.values import value_of

_ALERTS = text("""
    select incident_id, episode_id, rule_id, severity, sentence, drill, added_by, added_at
    from team.incident_alert join team.alert_episode using (episode_id)
    where incident_id = any(:incident_ids) and added_at <= :as_of
      and (removed_at is null or removed_at > :as_of)
    order by added_at, link_id""")
_NOTES = text("""
    select note_id, incident_id, at, by, text from team.incident_note
    where incident_id = any(:incident_ids) and at <= :as_of
    order by at, note_id""")
_TRANSITIONS = text("""
    select episode_id, at, before, after, sentence from team.alert_transition
    where episode_id = any(:episode_ids) and at <= :as_of
    order by at, transition_id""")
_ACKNOWLEDGEMENTS = text("""
    select episode_id, by, at, note, until from team.alert_acknowledgement
    where episode_id = any(:episode_ids) and at <= :as_of
    order by at, acknowledgement_id""")
_ACTS = text("""
    select episode_id, kind, by, at, text, escalate_to from team.alert_act
    where episode_id = any(:episode_ids) and at <= :as_of
    order by at, act_id""")
_TOLD = text("""
    select episode_id, min(sent_at) as first from team.notification
    where episode_id = any(:episode_ids) and sent_at <= :as_of and event in ('firing', 'escalated')
    group by episode_id""")


class SqlIncidentReader:
    """Fulfils `core.ports.incidents.IncidentReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def incidents(self, service: str, start: datetime, as_of: datetime) -> tuple[Incident, ...]:
        """Incidents that are open or were closed after start, the newest first."""
        with snapshot(self._source) as connection:
            found = [
                value_of(Incident, row) for row in states(connection, "incident", service, as_of)
            ]
        shown = [one for one in found if one.closed_at is None or one.closed_at > start]
        return tuple(sorted(shown, key=lambda one: (one.began_at, one.incident_id), reverse=True))

    def alerts_of(self, incident_ids: Collection[int], as_of: datetime) -> tuple[LinkedAlert, ...]:
        """The alerts of incidents, in the order in which they were added."""
        asked = {"incident_ids": list(incident_ids), "as_of": as_of}
        with snapshot(self._source) as connection:
            return tuple(LinkedAlert(*row) for row in connection.execute(_ALERTS, asked))

    def notes(self, incident_ids: Collection[int], as_of: datetime) -> tuple[Note, ...]:
        """Status notes, oldest first."""
        asked = {"incident_ids": list(incident_ids), "as_of": as_of}
        with snapshot(self._source) as connection:
            return tuple(Note(*row) for row in connection.execute(_NOTES, asked))

    def transitions_of(
        self, episode_ids: Collection[int], as_of: datetime
    ) -> tuple[Transition, ...]:
        """Changes of state of some alerts, oldest first."""
        return tuple(Transition(*row) for row in self._of(_TRANSITIONS, episode_ids, as_of))

    def acknowledgements_of(
        self, episode_ids: Collection[int], as_of: datetime
    ) -> tuple[Acknowledgement, ...]:
        """Who had some alerts in hand, oldest first."""
        found = self._of(_ACKNOWLEDGEMENTS, episode_ids, as_of)
        return tuple(Acknowledgement(*row) for row in found)

    def acts_of(self, episode_ids: Collection[int], as_of: datetime) -> tuple[Act, ...]:
        """What else was said and done about some alerts, oldest first."""
        return tuple(Act(*row) for row in self._of(_ACTS, episode_ids, as_of))

    def told(self, episode_ids: Collection[int], as_of: datetime) -> Mapping[int, datetime]:
        """When the first notification of each of some alerts was sent; absent where none was."""
        return {row.episode_id: row.first for row in self._of(_TOLD, episode_ids, as_of)}

    def _of(
        self, statement: TextClause, episode_ids: Collection[int], as_of: datetime
    ) -> Sequence[Any]:
        """The rows of some alerts; of none, nothing need be asked."""
        if not episode_ids:
            return ()
        asked = {"episode_ids": list(episode_ids), "as_of": as_of}
        with snapshot(self._source) as connection:
            return connection.execute(statement, asked).all()

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        with snapshot(self._source) as connection:
            return releases(connection, service, start, end)

    def retrospectives(self, service: str, as_of: datetime) -> tuple[Retrospective, ...]:
        """Every retrospective, the newest first."""
        with snapshot(self._source) as connection:
            found = [
                value_of(Retrospective, row)
                for row in states(connection, "retrospective", service, as_of)
            ]
        return tuple(
            sorted(found, key=lambda one: (one.held_on, one.retrospective_id), reverse=True)
        )

    def actions(self, service: str, as_of: datetime) -> tuple[Action, ...]:
        """Every action, done or not, by the day it is due."""
        with snapshot(self._source) as connection:
            found = [value_of(Action, row) for row in states(connection, "action", service, as_of)]
        return tuple(sorted(found, key=lambda one: (one.due_on, one.action_id)))

    def drills(self, service: str, as_of: datetime) -> tuple[Drill, ...]:
        """Every drill that was not cancelled, by the day it is due."""
        with snapshot(self._source) as connection:
            found = [value_of(Drill, row) for row in states(connection, "drill", service, as_of)]
        kept = [one for one in found if one.cancelled_at is None]
        return tuple(sorted(kept, key=lambda one: (one.due_on, one.drill_id)))
