"""Rows of alerts, as the evaluation of rules would leave them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from core.ports.alerts import Episode
from db.notifications.episodes import EPISODE_COLUMNS, episode_of
from db.notifications.outbox import enqueue

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
BASE_URL = "https://green.example"


@dataclass
class Clock:
    """A present that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


def add_rule(engine: Engine, rule_id: str = "slo-availability") -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                'insert into team.alert_rule (service, rule_id, name, kind, "check", severity, '
                "owner, runbook_id, changed_by, changed_at) values ('newsletters', :rule_id, "
                "'Availability burns', 'slo_burn', 'burn', 'page', 'Анна', 'runbook-slo-burn', "
                "'seed', :at)"
            ),
            {"rule_id": rule_id, "at": NOW},
        )


def add_episode(
    engine: Engine,
    at: datetime = NOW,
    *,
    severity: str = "page",
    labels: Mapping[str, str] | None = None,
    rule_id: str = "slo-availability",
    event: str | None = "firing",
    **columns: Any,
) -> Episode:
    """An episode that begins to fire, and what is told of it in the same transaction."""
    told = dict(labels if labels is not None else {"sli": "availability"})
    row = {
        "service": "newsletters",
        "rule_id": rule_id,
        "fingerprint": f"{rule_id} {sorted(told.items())} {severity} {at}",
        "labels": json.dumps(told, ensure_ascii=False),
        "severity": severity,
        "state": "firing",
        "sentence": "Availability of newsletters burns 22 times too fast, dc2 only.",
        "began_at": at,
        "fired_at": at,
        "changed_at": at,
        "seen_at": at,
        "place": ["dc2"],
    } | columns
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    with engine.begin() as connection:
        episode_id = connection.execute(
            text(
                f"insert into team.alert_episode ({names}) values ({values}) returning episode_id"
            ),
            row,
        ).scalar_one()
        episode = _read(connection, episode_id)
        if event:
            enqueue(connection, episode, event, at=at, base_url=BASE_URL)
    return episode


def move(
    engine: Engine, episode: Episode, state: str, at: datetime, event: str | None = None
) -> Episode:
    """Change an episode's state and tell it; the event is the state where it is not given."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "update team.alert_episode set state = :state, changed_at = :at, "
                "resolved_at = case when :state = 'resolved' then cast(:at as timestamptz) end "
                "where episode_id = :episode_id"
            ),
            {"state": state, "at": at, "episode_id": episode.episode_id},
        )
        changed = _read(connection, episode.episode_id)
        enqueue(connection, changed, event or state, at=at, base_url=BASE_URL)
    return changed


def add_silence(engine: Engine, at: datetime, ends_at: datetime, **matchers: str) -> int:
    with engine.begin() as connection:
        return int(
            connection.execute(
                text(
                    "insert into team.alert_silence (matchers, reason, author, created_at, "
                    "starts_at, ends_at) values (:matchers, 'a planned move', 'Борис', :at, :at, "
                    ":ends_at) returning silence_id"
                ),
                {
                    "matchers": json.dumps(matchers, ensure_ascii=False),
                    "at": at,
                    "ends_at": ends_at,
                },
            ).scalar_one()
        )


def end_silence(engine: Engine, silence_id: int, at: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "update team.alert_silence set ended_at = :at, ended_by = 'Борис' "
                "where silence_id = :silence_id"
            ),
            {"at": at, "silence_id": silence_id},
        )


def outbox(engine: Engine, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of all notifications, in the order in which they were queued."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(f"select {', '.join(columns)} from team.notification order by notification_id")
        )
        return [tuple(row) for row in rows]


def _read(connection: Any, episode_id: int) -> Episode:
    found = connection.execute(
        text(f"select {EPISODE_COLUMNS} from team.alert_episode episode where episode_id = :id"),
        {"id": episode_id},
    )
    return episode_of(found.mappings().one())
