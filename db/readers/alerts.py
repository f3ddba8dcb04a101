"""What `core.alerts` asks of the store: rules, episodes and what was done about them.

An episode is updated in place. As it was at an earlier moment it is put together from its
transitions up to then, each of which keeps what was told with it; which page made a ticket
superfluous then is worked out again from the alerts that were open.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, text

from core.alerts.inhibition import inhibited
from core.ports.alerts import (
    Acknowledgement,
    Act,
    AlertRule,
    Delivery,
    Episode,
    Evaluation,
    Silence,
    Transition,
)
from db.readers.alert_rows import (
    EPISODE_COLUMNS,
    RULE_COLUMNS,
    SILENCE_COLUMNS,
    episode_of,
    rule_of,
    silence_of,
)
from db.readers.snapshot import Source, snapshot

#: How many of the newest evaluations are looked at.
NEWEST_EVALUATIONS = 60

_RULES = text(f"""
    select {RULE_COLUMNS} from team.alert_rule
    where service = :service
    order by rule_id collate "C" """)
# An episode that was over at the moment and has begun again since is found too, and left out below.
_EPISODES = """
    select {columns}, last.*
    from team.alert_episode episode
    cross join lateral (
        select at as moved_at, before, after, told, severity as told_severity, value as told_value,
            evidence as told_evidence, place as told_place, (
                select count(*) from team.alert_transition moved
                where moved.episode_id = episode.episode_id and moved.at <= :as_of
                    and moved.after = 'firing' and moved.before <> 'unknown') as fired
        from team.alert_transition
        where episode_id = episode.episode_id and at <= :as_of
        order by transition_id desc limit 1) as last
    where {of_service} and (episode.resolved_at is null or episode.resolved_at >= :start)
    order by episode.began_at, episode.episode_id"""
_OF_SERVICE = text(_EPISODES.format(columns=EPISODE_COLUMNS, of_service="service = :service"))
_OF_ALL = text(_EPISODES.format(columns=EPISODE_COLUMNS, of_service="true"))
_TRANSITIONS = text("""
    select episode_id, at, before, after, sentence from team.alert_transition
    where service = :service and at >= :start and at <= :end
    order by at, transition_id""")
_ACKNOWLEDGEMENTS = text("""
    select episode_id, by, at, note, until from team.alert_acknowledgement
    where service = :service and at >= :start and at <= :end
    order by at, acknowledgement_id""")
_ACTS = text("""
    select episode_id, kind, by, at, text, escalate_to from team.alert_act
    where service = :service and at >= :start and at <= :end
    order by at, act_id""")
_SILENCES = text(f"""
    select {SILENCE_COLUMNS} from team.alert_silence
    where created_at <= :end and ends_at > :start and (ended_at is null or ended_at > :start)
    order by starts_at, silence_id""")
# What fell due by itself nobody has done.
_HANDLED = text("""
    select episode_id from team.alert_act
    where service = :service and at >= :start and at <= :end
        and kind = 'escalated' and by <> ''
    union
    select episode_id from team.incident_alert join team.alert_episode using (episode_id)
    where service = :service and (resolved_at is null or resolved_at >= :start)
        and added_at <= :end and (removed_at is null or removed_at > :end)""")
_EVALUATIONS = text("""
    select service, at, seconds, rules, active, unknown, errors from team.alert_evaluation
    where service = :service and at <= :as_of
    order by at desc limit :most""")
# A notification that was sent later was, at the moment, on its way.
_DELIVERIES = text("""
    select notification_id, episode_id, channel_id, event,
        case when sent_at > :end then 'waiting' else status end, attempts, created_at,
        case when sent_at <= :end then sent_at end, next_attempt_at, error
    from team.notification
    where service = :service and episode_id is not null
        and created_at >= :start and created_at <= :end
    order by created_at desc, notification_id desc""")


class SqlAlertReader:
    """Fulfils `core.ports.alerts.AlertReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def rules(self, service: str) -> tuple[AlertRule, ...]:
        """Every rule of a service as it is now, by rule_id."""
        with snapshot(self._source) as connection:
            found = connection.execute(_RULES, {"service": service}).mappings()
            return tuple(rule_of(row) for row in found)

    def open_episodes(self, service: str, as_of: datetime) -> tuple[Episode, ...]:
        """Episodes that were not resolved at as_of, the oldest first."""
        with snapshot(self._source) as connection:
            found = _episodes(connection, service, as_of, as_of)
        return tuple(one for one in found if one.resolved_at is None)

    def open_everywhere(self, as_of: datetime) -> tuple[Episode, ...]:
        """Episodes of every service that were not resolved at as_of, the oldest first."""
        with snapshot(self._source) as connection:
            found = _episodes(connection, None, as_of, as_of)
        return tuple(one for one in found if one.resolved_at is None)

    def episodes(self, service: str, start: datetime, end: datetime) -> tuple[Episode, ...]:
        """Episodes that ran in a span, as they were at its end; the newest first."""
        with snapshot(self._source) as connection:
            found = _episodes(connection, service, start, end)
        ran = [one for one in found if one.resolved_at is None or one.resolved_at >= start]
        return tuple(reversed(ran))

    def transitions(self, service: str, start: datetime, end: datetime) -> tuple[Transition, ...]:
        """Changes of state in a span, its end included; oldest first."""
        asked = {"service": service, "start": start, "end": end}
        with snapshot(self._source) as connection:
            return tuple(Transition(*row) for row in connection.execute(_TRANSITIONS, asked))

    def acknowledgements(
        self, service: str, start: datetime, end: datetime
    ) -> tuple[Acknowledgement, ...]:
        """Acknowledgements made in a span, its end included; oldest first."""
        asked = {"service": service, "start": start, "end": end}
        with snapshot(self._source) as connection:
            return tuple(
                Acknowledgement(*row) for row in connection.execute(_ACKNOWLEDGEMENTS, asked)
            )

    def acts(self, service: str, start: datetime, end: datetime) -> tuple[Act, ...]:
        """What else was said and done in a span, its end included; oldest first."""
        asked = {"service": service, "start": start, "end": end}
        with snapshot(self._source) as connection:
            return tuple(Act(*row) for row in connection.execute(_ACTS, asked))

    def silences(self, as_of: datetime) -> tuple[Silence, ...]:
        """Silences that run at as_of or begin later; by start."""
        return self.silences_between(as_of, as_of)

    def silences_between(self, start: datetime, end: datetime) -> tuple[Silence, ...]:
        """Silences known at the end of a span that did not end before it; by start.

        Those that begin after its end are among them.
        """
        with snapshot(self._source) as connection:
            found = connection.execute(_SILENCES, {"start": start, "end": end}).mappings()
            return tuple(_as_known(silence_of(row), end) for row in found)

    def handled(self, service: str, start: datetime, end: datetime) -> frozenset[int]:
        """Ids of a span's episodes that somebody escalated or added to an incident."""
        asked = {"service": service, "start": start, "end": end}
        with snapshot(self._source) as connection:
            return frozenset(connection.execute(_HANDLED, asked).scalars())

    def evaluations(self, service: str, as_of: datetime) -> tuple[Evaluation, ...]:
        """The newest evaluations up to as_of, the newest first; at most NEWEST_EVALUATIONS."""
        asked = {"service": service, "as_of": as_of, "most": NEWEST_EVALUATIONS}
        with snapshot(self._source) as connection:
            rows = connection.execute(_EVALUATIONS, asked).mappings()
            return tuple(Evaluation(**{**row, "errors": tuple(row["errors"])}) for row in rows)

    def deliveries(self, service: str, start: datetime, end: datetime) -> tuple[Delivery, ...]:
        """Notifications made in a span, its end included; the newest first.

        Of attempts only the last is known: how often one was tried is as it is now.
        """
        asked = {"service": service, "start": start, "end": end}
        with snapshot(self._source) as connection:
            return tuple(Delivery(*row) for row in connection.execute(_DELIVERIES, asked))


def _episodes(
    connection: Connection, service: str | None, start: datetime, as_of: datetime
) -> list[Episode]:
    """Episodes as they were at a moment, those that were over before start perhaps among them."""
    asked = {"service": service, "start": start, "as_of": as_of}
    statement = _OF_ALL if service is None else _OF_SERVICE
    found = [_as_of(row, as_of) for row in connection.execute(statement, asked).mappings()]
    changed = {one.episode_id: one for one in inhibited(found)}
    return [changed.get(one.episode_id, one) for one in found]


def _as_of(row: RowMapping, as_of: datetime) -> Episode:
    """An episode as it was known at a moment."""
    stored = episode_of(row)
    if stored.seen_at <= as_of and stored.state == row["after"]:
        return stored
    over, moved_at = row["after"] == "resolved", row["moved_at"]
    then = replace(
        stored,
        state=row["after"],
        fired_at=stored.fired_at if stored.fired_at and stored.fired_at <= as_of else None,
        resolved_at=moved_at if over else None,
        # A pending alert changed when its condition began to hold.
        changed_at=stored.began_at
        if (row["before"], row["after"]) == ("", "pending")
        else moved_at,
        seen_at=min(stored.seen_at, as_of),
        quiet_since=None,
        flaps=max(row["fired"] - 1, 0),
        resolved_by=stored.resolved_by if over and stored.resolved_at == moved_at else "",
    )
    if row["told"] is None:
        return then
    return replace(
        then,
        sentence=row["told"],
        severity=row["told_severity"],
        value=row["told_value"],
        evidence=row["told_evidence"],
        where=tuple(row["told_place"]),
    )


def _as_known(silence: Silence, as_of: datetime) -> Silence:
    """A silence before anybody knew that it would be ended early."""
    if silence.ended_at is None or silence.ended_at <= as_of:
        return silence
    return replace(silence, ended_at=None, ended_by="")
