"""Rotas as people make and change them, overrides and swaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.fields import FieldsError
from core.oncall.changes import Cover, keep_turn, parse_cover, parse_rota, swap_of
from core.oncall.rota import Shift, who
from core.ports.oncall import Override, Rota
from core.timeframe import MINUTE
from db.readers.oncall import SqlOnCallReader, rota_of
from db.readers.values import value_of
from db.team.audit import ConflictError, acting
from db.team.rows import Rows

_HALVES = text("""
    select override_id from team.rota_override
    where service = :service and swap = :swap
    order by override_id""")


def save_rota(
    engine: Engine,
    service: str,
    seen: Rota | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
) -> Rota:
    """Make a rota or change it. This week stays with whoever has it; see `keep_turn`.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        seen: the rota that whoever changes it was looking at; None where there was none.
        given: the fields of a form, see `core.oncall.parse_rota`.
        by: who saves it.
        at: now.

    Returns:
        The rota as it is stored; a wanted one that is stored already is left as it is.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
    """
    wanted = parse_rota(service, given)
    if seen is not None:
        wanted = keep_turn(seen, wanted, at)
    with acting(engine, by, at, f"rota of {service}"[:200]) as connection:
        return _ROTAS.put(connection, wanted.service, seen, _columns(wanted), by=by, at=at)


def add_override(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Override:
    """Let somebody stand in for a while.

    Args:
        engine: the store, as greenlight_app.
        service: whose rota; it must have one.
        given: the fields of a form, see `core.oncall.parse_cover`.
        by: who does it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong, or the service has no rota.
    """
    with acting(engine, by, at, request_id) as connection:
        done = _OVERRIDES.of_request(connection, service, request_id)
        if done:
            return done[0]
        _held_rota(connection, service)
        cover = parse_cover(given, at)
        return _add(connection, service, cover, "", by=by, at=at, request_id=request_id)


def swap(
    engine: Engine,
    service: str,
    first: Shift,
    second: Shift,
    *,
    by: str,
    at: datetime,
    request_id: str,
    reason: str = "",
) -> tuple[Override, ...]:
    """Exchange two shifts: both or none. What has passed of a shift stays with who had it.

    Args:
        engine: the store, as greenlight_app.
        service: whose rota.
        first: a shift as it was seen.
        second: the other one.
        by: who does it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.
        reason: why, in words.

    Returns:
        The two overrides that the swap is made of.

    Raises:
        FieldsError: the two cannot be exchanged; see `core.oncall.swap_of`.
        ConflictError: one of them is somebody else's by now.
    """
    with acting(engine, by, at, request_id) as connection:
        done = _OVERRIDES.of_request(connection, service, request_id)
        if done:
            return tuple(done)
        rota = _held_rota(connection, service)
        covers = swap_of(first, second, at, reason)
        overrides = SqlOnCallReader(connection).overrides(service, at)
        for seen in (first, second):
            now = who(rota, overrides, seen.start)
            if now is None or (now.member, now.start, now.end) != (
                seen.member,
                seen.start,
                seen.end,
            ):
                raise ConflictError("shift", rota)
        return tuple(
            _add(connection, service, cover, request_id, by=by, at=at, request_id=request_id)
            for cover in covers
        )


def cancel_override(
    engine: Engine, seen: Override, *, by: str, at: datetime
) -> tuple[Override, ...]:
    """Take an override back; of a swap both halves. One that is cancelled already is left alone.

    Returns:
        What was cancelled, as it is stored.

    Raises:
        ConflictError: there is no such override.
    """
    with acting(engine, by, at) as connection:
        _held_rota(connection, seen.service)
        halves = [seen.override_id]
        if seen.swap:
            asked = {"service": seen.service, "swap": seen.swap}
            halves = list(connection.execute(_HALVES, asked).scalars())
        cancelled = []
        for override_id in halves:
            held = _OVERRIDES.find(connection, override_id)
            if held is None:
                raise ConflictError("override", None)
            values = {"cancelled_at": at, "cancelled_by": by.strip()}
            is_over = held.value.cancelled_at is not None
            cancelled.append(held.value if is_over else held.write(values, by=by, at=at))
        return tuple(cancelled)


def _held_rota(connection: Connection, service: str) -> Rota:
    """The rota, held: whoever else changes shifts of the service waits."""
    held = _ROTAS.find(connection, service)
    if held is None:
        raise FieldsError({"service": "Has no rota yet: make one first."})
    return held.value


def _add(
    connection: Connection,
    service: str,
    cover: Cover,
    swapped: str,
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Override:
    values = {
        "member": cover.member,
        "starts_at": cover.starts_at,
        "ends_at": cover.ends_at,
        "reason": cover.reason,
        "swap": swapped.strip(),
        "created_by": by.strip(),
        "created_at": at,
    }
    return _OVERRIDES.add(connection, service, values, by=by, at=at, request_id=request_id)


def _columns(rota: Rota) -> dict[str, object]:
    return {
        "zone": rota.zone,
        "handover_weekday": rota.handover_weekday,
        "handover_time": rota.handover_time,
        "starts_on": rota.starts_on,
        "members": rota.members,
        "departed": rota.departed,
        "escalate_after_minutes": rota.escalate_after // MINUTE,
        "escalate_to": rota.escalate_to,
    }


_ROTAS = Rows("rota", "rota", rota_of, _columns)
_OVERRIDES = Rows("override", "override", lambda row: value_of(Override, row))
