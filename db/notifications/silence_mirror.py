"""Silences are the same here and in an Alertmanager, wherever they were made, changed or ended.

Each silence here has one there, whose id is kept in team.mirrored_silence with the end that was
agreed upon last. If one side's end differs from it, that side has changed it, and the other
follows; if both do, the one from here holds. A silence that has expired there was ended there. One
that is unknown there was lost there (its data are gone) and is told again.

What is made there comes here too, if it can be said here: matchers that ask for equal values. One
with a regular expression or a negation stays there, where it silences what Alertmanager sends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.ports.alerts import Silence
from db.notifications.alertmanager import (
    Alertmanager,
    AlertmanagerError,
    is_same,
    matchers_of,
    silence_body,
)

#: Alertmanager's times are cut to milliseconds.
_SAME_MOMENT = timedelta(seconds=1)
#: Who did what was done there, where it does not say.
_THERE = "Alertmanager"
_RUNNING = ("active", "pending")
_OURS = text("""
    select silence.silence_id, silence.matchers, silence.reason, silence.author,
        silence.starts_at, silence.ends_at, silence.ended_at, silence.ended_by,
        told.remote_id, told.ends_at as told_ends_at
    from team.alert_silence silence left join team.mirrored_silence told using (silence_id)
    where silence.ends_at > :at and (silence.ended_at is null or told.remote_id is not null)
      and told.expired is not true
    order by silence.silence_id""")
_KNOWN = text("select remote_id from team.mirrored_silence where remote_id = any(:remote_ids)")
_TOLD = text("""
    insert into team.mirrored_silence (silence_id, remote_id, ends_at, expired, told_at)
    values (:silence_id, :remote_id, :ends_at, :expired, :at)
    on conflict (silence_id) do update set remote_id = excluded.remote_id,
        ends_at = excluded.ends_at, expired = excluded.expired, told_at = excluded.told_at""")
_ENDED_THERE = text("""
    update team.alert_silence set ended_at = :at, ended_by = :by
    where silence_id = :silence_id and ended_at is null""")
_MOVED_THERE = text("""
    update team.alert_silence set ends_at = :ends_at
    where silence_id = :silence_id and ended_at is null and starts_at < :ends_at""")
_MADE_THERE = text("""
    insert into team.alert_silence (matchers, reason, author, created_at, starts_at, ends_at)
    values (:matchers, :reason, :author, :at, :starts_at, :ends_at) returning silence_id""")


@dataclass(frozen=True, slots=True)
class _Pair:
    """A silence here, and what was agreed upon with the one there; nothing for a new one."""

    silence: Silence
    remote_id: str | None
    told_ends_at: datetime | None


def mirror_silences(
    engine: Engine, alertmanager: Alertmanager, at: datetime, troubles: list[AlertmanagerError]
) -> int:
    """Make both sides the same.

    Args:
        engine: the store, as greenlight_worker.
        alertmanager: the other side.
        at: now.
        troubles: takes what went wrong; the rest was done.

    Returns:
        How many silences were told there.
    """
    try:
        there = {str(one["id"]): one for one in alertmanager.silences()}
    except AlertmanagerError as error:
        troubles.append(error)
        return 0
    with engine.begin() as connection:
        pairs = _pairs(connection, at)
        _import_new(connection, pairs, there, at)
        to_tell = [_take_over(connection, pair, there, at) for pair in pairs]
    told = 0
    for pair in to_tell:
        try:
            told += pair is not None and _tell(engine, alertmanager, pair, there.values(), at)
        except AlertmanagerError as error:
            troubles.append(error)
            if error.status is None:
                break  # it is away: the others would only wait for it too
    return told


def _pairs(connection: Connection, at: datetime) -> list[_Pair]:
    pairs = []
    for row in connection.execute(_OURS, {"at": at}).mappings():
        fields = dict(row)
        remote_id, told_ends_at = fields.pop("remote_id"), fields.pop("told_ends_at")
        pairs.append(_Pair(Silence(**fields), remote_id, told_ends_at))
    return pairs


def _take_over(
    connection: Connection, pair: _Pair, there: Mapping[str, Mapping[str, Any]], at: datetime
) -> _Pair | None:
    """Do here what was done there; what is left to be told, None for nothing."""
    silence, told_ends_at = pair.silence, pair.told_ends_at
    if pair.remote_id is None or told_ends_at is None:
        return pair
    remote = there.get(pair.remote_id)
    if remote is None:  # lost there: told as a new one, unless it has ended here
        return _Pair(silence, None, None) if silence.ended_at is None else None
    named = {"silence_id": silence.silence_id, "remote_id": pair.remote_id, "at": at}
    if remote["status"]["state"] == "expired":
        connection.execute(_ENDED_THERE, named | {"by": _THERE})
        connection.execute(_TOLD, named | {"ends_at": silence.ends_at, "expired": True})
        return None
    if silence.ended_at is not None or silence.ends_at != told_ends_at:
        return pair
    ends_at = datetime.fromisoformat(remote["endsAt"])
    if abs(ends_at - told_ends_at) > _SAME_MOMENT:
        connection.execute(_MOVED_THERE, named | {"ends_at": ends_at})
        connection.execute(_TOLD, named | {"ends_at": ends_at, "expired": False})
    return None


def _tell(
    engine: Engine,
    alertmanager: Alertmanager,
    pair: _Pair,
    there: Iterable[Mapping[str, Any]],
    at: datetime,
) -> bool:
    """Tell a silence that is new, changed or ended here."""
    silence, remote_id = pair.silence, pair.remote_id
    if silence.ended_at is not None:
        assert remote_id is not None  # one that ended before it was told is not read
        alertmanager.expire_silence(remote_id)
    else:
        body = silence_body(silence)
        if remote_id is None:  # it may be there all the same: the answer was lost, or the record
            remote_id = next((str(one["id"]) for one in there if is_same(body, one)), None)
        remote_id = alertmanager.post_silence(
            body if remote_id is None else {**body, "id": remote_id}
        )
    told = {
        "silence_id": silence.silence_id,
        "remote_id": remote_id,
        "ends_at": silence.ends_at,
        "expired": silence.ended_at is not None,
        "at": at,
    }
    with engine.begin() as connection:
        connection.execute(_TOLD, told)
    return True


def _import_new(
    connection: Connection,
    pairs: Iterable[_Pair],
    there: Mapping[str, Mapping[str, Any]],
    at: datetime,
) -> None:
    """Bring here what was made there since the last look, by somebody else than us."""
    known = set(connection.execute(_KNOWN, {"remote_ids": list(there)}).scalars())
    bodies = [silence_body(pair.silence) for pair in pairs]
    for remote_id, remote in there.items():
        if any(is_same(body, remote) for body in bodies):
            continue
        matchers = matchers_of(remote)
        starts_at, ends_at = (datetime.fromisoformat(remote[end]) for end in ("startsAt", "endsAt"))
        if remote_id in known or remote["status"]["state"] not in _RUNNING or ends_at <= at:
            continue
        if not matchers or ends_at <= starts_at:
            continue
        by = str(remote.get("createdBy") or "").strip()
        made = {
            "matchers": json.dumps(matchers, ensure_ascii=False),
            "reason": str(remote.get("comment") or "").strip() or f"made in {_THERE}",
            "author": f"{by} ({_THERE})" if by else _THERE,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "at": at,
        }
        silence_id = connection.execute(_MADE_THERE, made).scalar_one()
        told = {"silence_id": silence_id, "remote_id": remote_id, "expired": False}
        connection.execute(_TOLD, told | {"ends_at": ends_at, "at": at})
