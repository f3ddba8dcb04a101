"""What people do about an episode beside taking it in hand: resolve it, escalate it, say something.

Everybody who changes an episode holds its row until the transaction ends, the evaluation of the
rules too: so two people, or a person and the worker, act one after the other, and the second sees
what the first has done. A request_id is one a click: its second arrival changes nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.fields import Fields, FieldsError
from core.ports.alerts import Act, Episode, Transition
from db.notifications.outbox import enqueue
from db.readers.alert_rows import EPISODE_COLUMNS, episode_of
from db.team.audit import acting

_HELD = text(f"""
    select {EPISODE_COLUMNS} from team.alert_episode episode
    where episode_id = :episode_id
    for update""")
_MOVE = text("""
    insert into team.alert_transition (service, episode_id, at, before, after, sentence, told,
        severity, value, evidence, place)
    values (:service, :episode_id, :at, :before, :after, :sentence, :told, :severity, :value,
        :evidence, :place)""")
# seen_at stays: it belongs to the evaluations, which never go back in time.
_RESOLVE = text("""
    update team.alert_episode set state = 'resolved', resolved_at = :at, changed_at = :at,
        inhibited_by = '', resolved_by = :by
    where episode_id = :episode_id""")
_ACT = text("""
    insert into team.alert_act (service, episode_id, kind, by, at, text, escalate_to, request_id)
    values (:service, :episode_id, :kind, :by, :at, :text, :escalate_to, :request_id)
    on conflict (request_id) do nothing""")
_DONE = text("""
    select episode_id, kind, by, at, text, escalate_to from team.alert_act
    where request_id = :request_id""")


class NoSuchEpisodeError(LookupError):
    """There is no episode of this number."""


class EpisodeOverError(RuntimeError):
    """The alert has ended meanwhile: there is nothing to be done about it any more.

    Attributes:
        episode: as it is now.
    """

    def __init__(self, episode: Episode) -> None:
        by = f" by {episode.resolved_by}" if episode.resolved_by else ""
        super().__init__(f"This alert was resolved{by} meanwhile.")
        self.episode = episode


def resolve_by_hand(
    engine: Engine,
    episode_id: int,
    *,
    by: str,
    at: datetime,
    reason: str,
    request_id: str,
    base_url: str = "",
) -> Episode:
    """End an alert, whatever its data say.

    It ends this episode for good. If the condition holds at the next evaluation, a new episode
    begins and calls again: who wants quiet silences the alert, or changes its rule.

    Args:
        engine: the store, as greenlight_app.
        episode_id: which.
        by: who resolves it.
        at: now.
        reason: why; needed.
        request_id: one a click.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.

    Returns:
        The episode as it is stored.

    Raises:
        FieldsError: by, reason or request_id is missing; each is named.
        NoSuchEpisodeError: there is no such episode.
        EpisodeOverError: it is over already.
    """
    said = _needed("reason", reason, by)
    with acting(engine, by, at, request_id) as connection:
        episode = held(connection, episode_id)
        if done(connection, request_id) is not None:
            return episode
        refuse_over(episode)
        who = by.strip()
        connection.execute(_RESOLVE, {"episode_id": episode_id, "at": at, "by": who})
        over = replace(
            episode,
            state="resolved",
            resolved_at=at,
            changed_at=at,
            inhibited_by="",
            resolved_by=who,
        )
        moved = Transition(episode_id, at, episode.state, "resolved", f"Resolved by hand: {said}")
        move(connection, over, moved)
        add_act(connection, over, Act(episode_id, "resolved", who, at, said), request_id)
        if episode.state != "pending":
            enqueue(connection, over, "resolved", at=at, base_url=base_url, by=who, note=said)
        return over


def escalate(
    engine: Engine,
    episode_id: int,
    *,
    by: str,
    at: datetime,
    to: str,
    note: str = "",
    request_id: str,
    base_url: str = "",
) -> Act:
    """Call somebody else about an alert that fires.

    Args:
        engine: the store, as greenlight_app.
        episode_id: which.
        by: who escalates it.
        at: now.
        to: whom to call: a channel's id or name, or a person.
        note: what they should know.
        request_id: one a click.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.

    Raises:
        FieldsError: by, to or request_id is missing or wrong; each is named.
        NoSuchEpisodeError: there is no such episode.
        EpisodeOverError: it is over already.
    """
    form = Fields({"by": by, "to": to, "note": note})
    form.name("by")
    whom, said = form.name("to"), form.text("note")
    if form.problems or whom is None:
        raise FieldsError(form.problems)
    with acting(engine, by, at, request_id) as connection:
        episode = held(connection, episode_id)
        before = done(connection, request_id)
        if before is not None:
            return before
        refuse_over(episode)
        act = Act(episode_id, "escalated", by.strip(), at, said, whom)
        add_act(connection, episode, act, request_id)
        enqueue(
            connection,
            episode,
            "escalated",
            at=at,
            base_url=base_url,
            by=act.by,
            note=said,
            escalate_to=whom,
        )
        return act


def add_note(
    engine: Engine, episode_id: int, *, by: str, at: datetime, note: str, request_id: str
) -> Act:
    """Say something about an alert, whether it still runs or not; it is never changed.

    Raises:
        FieldsError: by, note or request_id is missing; each is named.
        NoSuchEpisodeError: there is no such episode.
    """
    said = _needed("note", note, by)
    with acting(engine, by, at, request_id) as connection:
        episode = held(connection, episode_id)
        before = done(connection, request_id)
        if before is not None:
            return before
        act = Act(episode_id, "note", by.strip(), at, said)
        add_act(connection, episode, act, request_id)
        return act


def held(connection: Connection, episode_id: int) -> Episode:
    """An episode, which nobody else changes until the transaction ends.

    Raises:
        NoSuchEpisodeError: there is no such episode.
    """
    row = connection.execute(_HELD, {"episode_id": episode_id}).mappings().one_or_none()
    if row is None:
        raise NoSuchEpisodeError(f"There is no alert {episode_id}.")
    return episode_of(row)


def refuse_over(episode: Episode) -> None:
    """Refuse what makes sense only while an alert runs.

    Raises:
        EpisodeOverError: it is over.
    """
    if episode.state == "resolved":
        raise EpisodeOverError(episode)


def move(connection: Connection, episode: Episode, moved: Transition) -> None:
    """Keep a transition, with what the alert says after it."""
    row = {
        "service": episode.service,
        "episode_id": episode.episode_id,
        "at": moved.at,
        "before": moved.before,
        "after": moved.after,
        "sentence": moved.sentence,
        "told": episode.sentence,
        "severity": episode.severity,
        "value": episode.value,
        "evidence": json.dumps(dict(episode.evidence), ensure_ascii=False),
        "place": list(episode.where),
    }
    connection.execute(_MOVE, row)


def add_act(connection: Connection, episode: Episode, act: Act, request_id: str) -> bool:
    """Keep an act; whether it is the first of its request."""
    row = {
        "service": episode.service,
        "episode_id": act.episode_id,
        "kind": act.kind,
        "by": act.by,
        "at": act.at,
        "text": act.text,
        "escalate_to": act.escalate_to,
        "request_id": request_id.strip(),
    }
    return connection.execute(_ACT, row).rowcount == 1


def done(connection: Connection, request_id: str) -> Act | None:
    """What an earlier click of the same request has done; None where there was none."""
    row = connection.execute(_DONE, {"request_id": request_id.strip()}).one_or_none()
    return None if row is None else Act(*row)


def _needed(field: str, value: str, by: str) -> str:
    """A text that must be there, beside who wrote it."""
    form = Fields({"by": by, field: value})
    form.name("by")
    said = form.text(field)
    if not said:
        form.refuse(field, "Is missing.")
    if form.problems:
        raise FieldsError(form.problems)
    return said
