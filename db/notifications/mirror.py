"""Keeping an Alertmanager's alerts and silences the same as ours.

Alertmanager is told states, not events: every alert that fires is told again each RESEND, and what
has changed at once. So nothing is lost while it is away, whoever restarts: the next telling is
complete. What it was told last is kept in team.mirrored_alert, and each change of state is listed
among the notifications under the channel 'alertmanager'.

Silences are mirrored both ways: see `db.notifications.silence_mirror`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, RowMapping, text

from core.alerts.messages import key_of
from core.alerts.routing import event_of
from db.notifications.alertmanager import (
    Alertmanager,
    AlertmanagerError,
    alert_of,
)
from db.notifications.episodes import EPISODE_COLUMNS, episode_of
from db.notifications.outbox import background_of
from db.notifications.silence_mirror import mirror_silences
from db.team.channel_form import RESERVED

#: How often a firing alert is told again; Prometheus does it each minute too.
RESEND = timedelta(minutes=1)
#: At most this many alerts in one request.
BATCH = 200
_EPISODES = text(f"""
    select {EPISODE_COLUMNS}, told.state as told_state
    from team.alert_episode episode
        left join team.mirrored_alert told using (episode_id)
    where episode.state in ('firing', 'unknown')
          and (told.state is distinct from episode.state or told.told_at <= :resend)
       or episode.state = 'resolved' and told.state in ('firing', 'unknown')
    order by episode.episode_id""")
_TOLD = text("""
    insert into team.mirrored_alert (episode_id, state, told_at)
    values (:episode_id, :state, :at)
    on conflict (episode_id) do update set state = excluded.state, told_at = excluded.told_at""")
_LISTED = text("""
    insert into team.notification (idempotency_key, service, episode_id, channel_id, event, title,
        body, status, attempts, created_at, first_attempt_at, sent_at, error)
    values (:key, :service, :episode_id, :channel_id, :event, :title, :body, :status, 1, :at, :at,
        :sent_at, :error)
    on conflict (idempotency_key) do update set status = excluded.status,
        attempts = notification.attempts + 1, sent_at = excluded.sent_at, error = excluded.error
    where notification.status <> 'sent'""")
#: An alert that was over before Alertmanager heard of it: there is nothing to tell.
_OVER = text("""
    update team.notification set status = 'held',
        error = 'Not sent: it was over before it could be.'
    where channel_id = :channel_id and status = 'waiting'
      and exists (
          select from team.alert_episode episode
          where episode.episode_id = notification.episode_id and episode.state = 'resolved')
      and not exists (
          select from team.mirrored_alert told
          where told.episode_id = notification.episode_id and told.state <> 'resolved')""")
#: A change of state that was overtaken by the next one before Alertmanager heard of it.
_OVERTAKEN = text("""
    update team.notification set status = 'held', error = 'Not sent: overtaken by a later state.'
    where channel_id = :channel_id and episode_id = :episode_id and status = 'waiting'
      and idempotency_key <> :key""")


def mirror(engine: Engine, alertmanager: Alertmanager, at: datetime, *, base_url: str = "") -> int:
    """Tell an Alertmanager what it does not know yet: silences first, so that they hold at once.

    Args:
        engine: the store, as greenlight_worker.
        alertmanager: whom to tell.
        at: now.
        base_url: where the dashboard is reached; '' leaves links out.

    Returns:
        How many alerts and silences were told.

    Raises:
        AlertmanagerError: something was not taken; what was is recorded, and the rest is told at
            the next call.
    """
    troubles: list[AlertmanagerError] = []
    told = mirror_silences(engine, alertmanager, at, troubles)
    rows = _due(engine, at)
    for first in range(0, len(rows), BATCH):
        if any(trouble.status is None for trouble in troubles) and first > 0:
            break  # it is away: each batch would only wait for it too
        batch = rows[first : first + BATCH]
        told += _tell(engine, alertmanager, batch, at=at, base_url=base_url, troubles=troubles)
    if troubles:
        raise troubles[0]
    return told


def _due(engine: Engine, at: datetime) -> Sequence[RowMapping]:
    with engine.begin() as connection:
        connection.execute(_OVER, {"channel_id": RESERVED})
        asked = {"resend": at - RESEND}
        return connection.execute(_EPISODES, asked).mappings().all()


def _tell(
    engine: Engine,
    alertmanager: Alertmanager,
    rows: Sequence[RowMapping],
    *,
    at: datetime,
    base_url: str,
    troubles: list[AlertmanagerError],
) -> int:
    """Tell one batch, or, where Alertmanager finds something wrong with it, one by one."""
    with engine.connect() as connection:
        alerts = [
            alert_of(episode, at, background_of(connection, episode, base_url))
            for episode in map(episode_of, rows)
        ]
    error: AlertmanagerError | None = None
    try:
        alertmanager.post_alerts(alerts)
    except AlertmanagerError as found:
        if found.status == 400 and len(rows) > 1:
            return sum(
                _tell(engine, alertmanager, [row], at=at, base_url=base_url, troubles=troubles)
                for row in rows
            )
        error = found
        troubles.append(found)
    with engine.begin() as connection:
        for row in rows:
            if error is None:
                told = {"episode_id": row["episode_id"], "state": row["state"], "at": at}
                connection.execute(_TOLD, told)
            _list(connection, row, at, str(error or ""))
    return 0 if error else len(rows)


def _list(connection: Connection, row: RowMapping, at: datetime, error: str) -> None:
    """Show a change of state among the notifications, as sent or as waiting for Alertmanager."""
    named = {"key": "", "episode_id": row["episode_id"], "channel_id": RESERVED}
    changed = row["told_state"] != row["state"]
    if changed:
        event = event_of(row["told_state"] or "", row["state"])
        named["key"] = key_of(row["episode_id"], str(event), row["changed_at"], RESERVED)
        listed = {
            **named,
            "service": row["episode_service"],
            "event": event,
            "title": f"{row['rule_id']} is {row['state']}",
            "body": row["sentence"],
            "status": "waiting" if error else "sent",
            "at": at,
            "sent_at": None if error else at,
            "error": error,
        }
        connection.execute(_LISTED, listed)
    if changed or not error:
        connection.execute(_OVERTAKEN, named)
