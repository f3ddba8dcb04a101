"""The labelled test alert of a drill: raised when the drill starts, resolved when it is over.

It is stored and told like any other alert, since that is what is rehearsed, and it says that it is
a drill wherever it appears. No rule stands behind it: an evaluation of the rules must leave it
alone.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, text

from core.alerts.machine import fingerprint
from core.alerts.rules import DRILL
from core.incidents.drills import SCENARIOS
from core.oncall.escalation import DRILL_LABEL
from core.ports.incidents import Drill
from db.notifications.episodes import EPISODE_COLUMNS, episode_of
from db.notifications.outbox import enqueue

#: Stands where other alerts name their rule; no rule may be called so.
DRILL_RULE = DRILL
_RAISE = text("""
    insert into team.alert_episode (service, rule_id, fingerprint, labels, severity, state,
        sentence, began_at, fired_at, changed_at, seen_at, drill)
    values (:service, :rule_id, :fingerprint, :labels, 'page', 'firing', :sentence, :at, :at, :at,
        :at, true)
    returning episode_id""")
_MOVE = text("""
    insert into team.alert_transition (service, episode_id, at, before, after, sentence)
    values (:service, :episode_id, :at, :before, :after, :sentence)""")
_HELD = text("""
    select state, sentence from team.alert_episode where episode_id = :episode_id for update""")
_RESOLVE = text("""
    update team.alert_episode set state = 'resolved', resolved_at = :at, changed_at = :at,
        seen_at = :at, resolved_by = :by
    where episode_id = :episode_id""")
_EPISODE = text(
    f"select {EPISODE_COLUMNS} from team.alert_episode episode where episode_id = :episode_id"
)


def raise_drill(connection: Connection, drill: Drill, at: datetime, base_url: str = "") -> int:
    """Raise the test alert of a drill, and queue what it has to tell.

    Args:
        connection: with the transaction in which the drill is started.
        drill: the drill.
        at: now.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.

    Returns:
        The episode's id.
    """
    labels = {DRILL_LABEL: str(drill.drill_id), "scenario": drill.scenario}
    sentence = f"Drill: {SCENARIOS[drill.scenario].name} is rehearsed on {drill.service}."
    row = {
        "service": drill.service,
        "rule_id": DRILL_RULE,
        "fingerprint": fingerprint(drill.service, DRILL_RULE, labels),
        "labels": json.dumps(labels),
        "sentence": sentence,
        "at": at,
    }
    episode_id = int(connection.execute(_RAISE, row).scalar_one())
    _move(connection, drill.service, episode_id, at, before="", after="firing", sentence=sentence)
    _tell(connection, episode_id, "firing", at, base_url=base_url)
    return episode_id


def resolve_drill(
    connection: Connection, drill: Drill, *, by: str, at: datetime, base_url: str = ""
) -> None:
    """Resolve the test alert of a drill, if it still runs, and queue what that has to tell."""
    if drill.episode_id is None:
        return
    asked = {"episode_id": drill.episode_id}
    held = connection.execute(_HELD, asked).one()
    if held.state == "resolved":
        return
    connection.execute(_RESOLVE, asked | {"at": at, "by": by.strip()})
    _move(
        connection,
        drill.service,
        drill.episode_id,
        at,
        before=held.state,
        after="resolved",
        sentence=held.sentence,
    )
    _tell(connection, drill.episode_id, "resolved", at, base_url=base_url, by=by)


def _move(
    connection: Connection,
    service: str,
    episode_id: int,
    at: datetime,
    *,
    before: str,
    after: str,
    sentence: str,
) -> None:
    row = {
        "service": service,
        "episode_id": episode_id,
        "at": at,
        "before": before,
        "after": after,
        "sentence": sentence,
    }
    connection.execute(_MOVE, row)


def _tell(
    connection: Connection,
    episode_id: int,
    event: str,
    at: datetime,
    *,
    base_url: str,
    by: str = "",
) -> None:
    row = connection.execute(_EPISODE, {"episode_id": episode_id}).mappings().one()
    enqueue(connection, episode_of(row), event, at=at, base_url=base_url, by=by.strip())
