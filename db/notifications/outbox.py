"""The outbox: what is to be told, to which channel, when, and what was decided about it.

A notification is written in the transaction of the transition that it tells of, so that there is
never one without the other. Its idempotency key is made of the transition and the channel: a
transition that is evaluated twice is told once.

What is held (a silence, an inhibition, quiet hours) is looked at again at every sweep and either
set free or, where the alert has moved on meanwhile, dropped: nobody is told at eight that a ticket
fired and was over at three. A dropped one stays as 'held', with the reason and without a next time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, RowMapping, text

from core import wording
from core.alerts.messages import Background, compose, key_of, trial_message
from core.alerts.routing import EVENTS, Way, decide, route
from core.alerts.silences import silence_of
from core.ports.alerts import Episode, Silence
from db.notifications.episodes import EPISODE_COLUMNS, episode_of
from db.team.channels import channel_of

#: How long a notification is tried for, from its first attempt on.
GIVE_UP = timedelta(days=1)
#: At most this many held notifications are looked at in one sweep; the others wait for the next.
SWEEP = 500
_CHANNEL = (
    "channel.channel_id, channel.service, channel.name, channel.severities, channel.quiet_from, "
    "channel.quiet_until, channel.zone, channel.drills, channel.enabled"
)
_CHANNELS = text(f'select {_CHANNEL} from team.channel order by channel_id collate "C"')
_RULE = text("""
    select name, owner, runbook_id from team.alert_rule
    where service = :service and rule_id = :rule_id""")
_SILENCES = text("""
    select silence_id, matchers, reason, author, starts_at, ends_at, ended_at, ended_by
    from team.alert_silence
    where starts_at <= :at and ends_at > :at and (ended_at is null or ended_at > :at)""")
_TOLD = text("""
    select distinct channel_id from team.notification
    where episode_id = :episode_id and event in ('firing', 'escalated') and status <> 'held'""")
_INSERT = text("""
    insert into team.notification (idempotency_key, service, episode_id, channel_id, event,
        escalate_to, title, body, status, created_at, next_attempt_at, error)
    values (:key, :service, :episode_id, :channel_id, :event, :escalate_to, :title, :body, :status,
        :at, :next_attempt_at, :error)
    on conflict (idempotency_key) do nothing""")
_NAME = text("select name, service from team.channel where channel_id = :channel_id")
_HELD = text(f"""
    select notification.notification_id, notification.event, notification.created_at,
        {_CHANNEL},
        {EPISODE_COLUMNS},
        exists (
            select from team.notification told
            where told.episode_id = notification.episode_id
              and told.channel_id = notification.channel_id
              and told.event in ('firing', 'escalated') and told.status <> 'held'
        ) as told
    from team.notification
        join team.channel using (channel_id)
        join team.alert_episode episode using (episode_id)
    where notification.status = 'held' and notification.next_attempt_at is not null
    order by notification.notification_id limit :most
    for update of notification skip locked""")
_SET_FREE = text("""
    update team.notification set status = 'waiting', next_attempt_at = :at, error = '',
        body = body || :remark
    where notification_id = :notification_id""")
_HOLD_ON = text("""
    update team.notification set next_attempt_at = :next_attempt_at, error = :error
    where notification_id = :notification_id
      and (next_attempt_at, error) is distinct from (:next_attempt_at, :error)""")
#: A channel that is off: what waits for it is dropped; a test may be tried all the same.
_DROP_DISABLED = text("""
    update team.notification set status = 'held', next_attempt_at = null,
        error = 'Not sent: the channel is switched off or gone.'
    where status in ('waiting', 'held') and next_attempt_at is not null
      and channel_id <> 'alertmanager'
      and not exists (
          select from team.channel
          where channel.channel_id = notification.channel_id
            and (channel.enabled or notification.event = 'test'))""")
#: An attempt that never came back has nobody to give up for it.
_GIVE_UP = text("""
    update team.notification set status = 'failed', next_attempt_at = null,
        error = 'Given up after a day: ' || coalesce(nullif(error, ''), 'no attempt came back.')
    where status = 'waiting' and next_attempt_at <= :at and first_attempt_at <= :since
      and channel_id <> 'alertmanager'
    returning channel_id""")


def enqueue(
    connection: Connection,
    episode: Episode,
    event: str,
    *,
    at: datetime,
    base_url: str = "",
    by: str = "",
    note: str = "",
    escalate_to: str = "",
) -> int:
    """Queue what an event of an episode has to tell, inside the caller's transaction.

    Args:
        connection: with the transaction in which the transition is stored.
        episode: as it is stored, after the event.
        event: see `core.alerts.routing.event_of`; also 'escalated' and 'acknowledged'.
        at: when it happened; with the event it names the transition, so the same time has to be
            given for the same transition.
        base_url: where the dashboard is reached; '' leaves links out.
        by: who acknowledged or resolved.
        note: what they said.
        escalate_to: whom an escalation calls: a channel's id or name, or a person.

    Returns:
        How many notifications were queued or held; none for a transition that was queued before.
    """
    if event not in EVENTS or event == "test":
        raise ValueError(f"event == {event!r}, must be one of {', '.join(EVENTS)}, and no test")
    channels = [channel_of(row) for row in connection.execute(_CHANNELS).mappings()]
    told = connection.execute(_TOLD, {"episode_id": episode.episode_id}).scalars()
    decisions = route(
        channels,
        episode,
        event,
        at,
        silence=silence_of(running_silences(connection, at), episode, at),
        told=frozenset(told),
        escalate_to=escalate_to,
    )
    kept = [decision for decision in decisions if decision.way is not Way.DROP]
    background = background_of(connection, episode, base_url) if kept else Background()
    queued = 0
    for decision in kept:
        key = key_of(episode.episode_id, event, at, decision.channel_id)
        message = compose(
            episode,
            event,
            at=at,
            key=key,
            background=background,
            by=by,
            note=note,
            to=escalate_to,
        )
        held = decision.way is Way.HOLD
        row = {
            "key": key,
            "service": episode.service,
            "episode_id": episode.episode_id,
            "channel_id": decision.channel_id,
            "event": event,
            "escalate_to": escalate_to,
            "title": message.title,
            "body": message.body,
            "status": "held" if held else "waiting",
            "at": at,
            "next_attempt_at": (decision.until or at) if held else at,
            "error": decision.reason,
        }
        queued += connection.execute(_INSERT, row).rowcount
    return queued


def send_test(engine: Engine, channel_id: str, *, by: str, at: datetime, base_url: str = "") -> str:
    """Queue a test for one channel, whatever its quiet hours and even if it is off.

    Returns:
        The test's idempotency key, by which its delivery can be followed.

    Raises:
        LookupError: there is no such channel.
    """
    with engine.begin() as connection:
        found = connection.execute(_NAME, {"channel_id": channel_id}).one_or_none()
        if found is None:
            raise LookupError(f"There is no channel {channel_id}.")
        key = key_of(0, "test", at, channel_id)
        message = trial_message(found.name, by=by, at=at, key=key, base_url=base_url)
        row = {
            "key": key,
            "service": found.service,
            "episode_id": None,
            "channel_id": channel_id,
            "event": "test",
            "escalate_to": "",
            "title": message.title,
            "body": message.body,
            "status": "waiting",
            "at": at,
            "next_attempt_at": at,
            "error": "",
        }
        connection.execute(_INSERT, row)
    return key


def sweep(engine: Engine, at: datetime) -> tuple[str, ...]:
    """Look at what is held again, drop what cannot be sent any more, give up what is too old.

    Returns:
        The channels of notifications that were given up, one for each.
    """
    with engine.begin() as connection:
        connection.execute(_DROP_DISABLED)
        given_up = connection.execute(_GIVE_UP, {"at": at, "since": at - GIVE_UP}).scalars().all()
        held = connection.execute(_HELD, {"most": SWEEP}).mappings().all()
        silences = running_silences(connection, at) if held else ()
        for row in held:
            _look_again(connection, row, silences, at)
    return tuple(given_up)


def running_silences(connection: Connection, at: datetime) -> tuple[Silence, ...]:
    """Silences that hold at a time."""
    rows = connection.execute(_SILENCES, {"at": at}).mappings()
    return tuple(Silence(**row) for row in rows)


def background_of(connection: Connection, episode: Episode, base_url: str) -> Background:
    """What is known of an episode's rule; nothing where the rule is gone."""
    asked = {"service": episode.service, "rule_id": episode.rule_id}
    rule = connection.execute(_RULE, asked).one_or_none()
    if rule is None:
        return Background(base_url=base_url)
    return Background(rule.name, rule.owner, rule.runbook_id, base_url)


def _look_again(
    connection: Connection, row: RowMapping, silences: tuple[Silence, ...], at: datetime
) -> None:
    episode = episode_of(row)
    decision = decide(
        channel_of(row),
        episode,
        row["event"],
        at,
        silence=silence_of(silences, episode, at),
        told=row["told"],
    )
    named = {"notification_id": row["notification_id"]}
    if decision.way is Way.SEND:
        since = wording.clock(row["created_at"])
        remark = f"\nHeld back from {since} to {wording.clock(at, row['created_at'])}."
        connection.execute(_SET_FREE, named | {"at": at, "remark": remark})
        return
    following = (decision.until or at) if decision.way is Way.HOLD else None
    connection.execute(_HOLD_ON, named | {"next_attempt_at": following, "error": decision.reason})
