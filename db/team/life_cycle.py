"""What people say about a service's life: what is saved and where, which gates are passed.

A gate is judged within the transaction that passes it, by what the store holds at that moment. So
nothing is switched off beside somebody who takes back that something is saved: whatever is said
about one service's life is said one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text

from core import wording
from core.fields import FieldsError
from core.life_cycle import GATES, ITEMS, parse_passing, parse_place, parse_why, stages, standing
from core.ports.life_cycle import KeptItem, PassedGate
from db.readers.life_cycle import SqlLifeCycleReader
from db.readers.values import value_of
from db.team.audit import ConflictError, NotNowError, acting
from db.team.rows import Rows

_ITEMS = Rows("kept item", "entry", lambda row: value_of(KeptItem, row))
_GATES = Rows("gate", "passing", lambda row: value_of(PassedGate, row))
_ALONE = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")
_KEPT = text("""
    select item_id from team.life_cycle_item
    where service = :service and item = :item and removed_at is null""")
_PASSED = text("""
    select gate_id from team.life_cycle_gate
    where service = :service and gate = :gate and model_version = :version
        and withdrawn_at is null""")
#: Later than anything that was written: what stands now, whoever's clock wrote it.
_NOW = datetime.max.replace(tzinfo=UTC)


def keep(
    engine: Engine,
    service: str,
    item: str,
    seen: KeptItem | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
) -> KeptItem:
    """Say that something is there, and where; or change what was said.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        item: a key of `core.life_cycle.ITEMS`.
        seen: what its author was looking at; None where nothing was said yet.
        given: the fields of a form, see `core.life_cycle.parse_place`.
        by: who says so.
        at: now.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has said something else since; it is `stored`.
    """
    if item not in ITEMS:
        raise FieldsError({"item": f"There is no such thing; there are {', '.join(ITEMS)}."})
    wanted = parse_place(given)
    values = {"place": wanted.place, "note": wanted.note}
    with _alone(engine, service, by, at) as connection:
        key = connection.execute(_KEPT, {"service": service, "item": item}).scalar_one_or_none()
        # Whoever has seen an entry that was taken back since has not seen the one that stands.
        known = seen if seen is not None and seen.item_id == key else None
        held = None if key is None else _ITEMS.find(connection, key, known)
        if held is None:
            if seen is not None:
                raise ConflictError("entry", None)
            return _ITEMS.add(connection, service, {"item": item, **values}, by=by, at=at)
        return held.become(values, by=by, at=at)


def take_back(engine: Engine, seen: KeptItem, *, by: str, at: datetime) -> KeptItem:
    """Say that something is not there after all. Said twice, the first counts.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: the service was switched off because it is there.
    """
    with _alone(engine, seen.service, by, at) as connection:
        held = _ITEMS.held(connection, seen)
        if held.is_removed:
            return held.value
        held.refuse_changed()
        _refuse_once_off(connection, held.value)
        return held.remove(by=by, at=at)


def pass_gate(
    engine: Engine,
    service: str,
    gate: str,
    version: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> PassedGate:
    """Let a model, or the service, through a gate; the last one is the switch-off.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        gate: a key of `core.life_cycle.GATES`.
        version: the model that was looked at; '' where the gate is about the whole service.
        given: the fields of a form, see `core.life_cycle.parse_passing`.
        by: who decides it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named. 'waiver' is missing where
            something that the gate requires is.
        ConflictError: somebody has passed it already.
        NotNowError: something is missing without which nobody may pass it, or the gate is about
            another model by now.
    """
    if gate not in GATES:
        raise FieldsError({"gate": f"There is no such gate; there are {', '.join(GATES)}."})
    with _alone(engine, service, by, at, request_id) as connection:
        done = _GATES.of_request(connection, service, request_id)
        if done:
            return done[0]
        reader = SqlLifeCycleReader(connection)
        view = standing(reader, service, at, known_at=_NOW).gates[gate]
        if view.passed is not None and view.version == version:
            raise ConflictError("gate", view.passed)
        if view.version != version:
            now = f"“{view.version}”" if view.version else "no model"
            raise NotNowError(f"This gate is about {now} by now: look at it again.")
        if view.refusal:
            raise NotNowError(view.refusal)
        wanted = parse_passing(given, view)
        values = {
            "gate": gate,
            "model_version": version,
            "reason": wanted.reason,
            "waiver": wanted.waiver,
            "waived": wanted.waived,
            "evidence": json.dumps(view.evidence, ensure_ascii=False),
            "passed_by": by.strip(),
            "passed_at": at,
        }
        return _GATES.add(connection, service, values, by=by, at=at, request_id=request_id)


def withdraw(
    engine: Engine, seen: PassedGate, given: Mapping[str, object], *, by: str, at: datetime
) -> PassedGate:
    """Take back that a gate was passed, with a reason. Said twice, the first counts.

    Raises:
        FieldsError: the reason is missing.
        ConflictError: there is no such passing.
    """
    why = parse_why(given)
    with _alone(engine, seen.service, by, at) as connection:
        held = _GATES.held(connection, seen)
        if held.value.withdrawn_at is not None:
            return held.value
        values = {"withdrawn_at": at, "withdrawn_by": by.strip(), "withdrawn_why": why}
        return held.write(values, by=by, at=at)


@contextmanager
def _alone(
    engine: Engine, service: str, by: str, at: datetime, request_id: str | None = None
) -> Iterator[Connection]:
    with acting(engine, by, at, request_id) as connection:
        connection.execute(_ALONE, {"name": f"life cycle of {service}"})
        yield connection


def _refuse_once_off(connection: Connection, item: KeptItem) -> None:
    if item.item not in {one.key for one in GATES[stages.SWITCHING_OFF].said}:
        return
    asked = {"service": item.service, "gate": stages.SWITCHING_OFF, "version": ""}
    key = connection.execute(_PASSED, asked).scalar_one_or_none()
    held = None if key is None else _GATES.find(connection, key)
    if held is not None:
        off = held.value
        raise NotNowError(
            f"{off.passed_by} has switched the service off on {wording.clock(off.passed_at)}, "
            "because this is saved. Take that back first."
        )
