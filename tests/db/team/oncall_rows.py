"""Alerts as the store keeps them, for tests of what people do with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

SERVICE = "newsletters"
#: Monday, nine o'clock.
NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_EPISODE = text("""
    insert into team.alert_episode (service, rule_id, fingerprint, labels, severity, state,
        sentence, began_at, fired_at, changed_at, seen_at)
    values (:service, 'slo', :fingerprint, '{}', 'page', 'firing', 'It burns.', :at, :at, :at, :at)
    returning episode_id""")
_MOVE = text("""
    insert into team.alert_transition (service, episode_id, at, before, after, sentence)
    values (:service, :episode_id, :at, '', 'firing', 'It burns.')""")
_TAKE = text("""
    insert into team.alert_acknowledgement (service, episode_id, by, at, note, until, request_id)
    values (:service, :episode_id, :by, :at, '', :until, :request_id)""")
_LOG = text("""
    select subject, subject_id, changed_by, changed_at, before, after from team.audit
    order by change_id""")


def fire(engine: Engine, at: datetime = NINE, service: str = SERVICE) -> int:
    """A page that fires; its id."""
    row = {"service": service, "fingerprint": at.isoformat(), "at": at}
    with engine.begin() as connection:
        episode_id = int(connection.execute(_EPISODE, row).scalar_one())
        connection.execute(_MOVE, row | {"episode_id": episode_id})
    return episode_id


def take(engine: Engine, episode_id: int, at: datetime, by: str = "Вера") -> None:
    """Somebody acknowledges an alert for an hour."""
    row = {
        "service": SERVICE,
        "episode_id": episode_id,
        "by": by,
        "at": at,
        "until": at + HOUR,
        "request_id": f"{episode_id} {at}",
    }
    with engine.begin() as connection:
        connection.execute(_TAKE, row)


def logged(engine: Engine) -> list[Any]:
    """Every entry of the log of changes, oldest first."""
    with engine.connect() as connection:
        return list(connection.execute(_LOG))
