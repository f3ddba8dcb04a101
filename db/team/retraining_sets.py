"""Making retraining sets: one at a time, numbered, and frozen as they are made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.false_reports.retraining import (
    Selection,
    SetError,
    SetSettings,
    select,
)
from core.false_reports.retraining_manifest import (
    Content,
    Number,
    Preview,
    in_order,
    manifest,
)
from core.false_reports.retraining_split import SPLITS
from core.fields import Fields, FieldsError
from core.ports.false_reports import RetrainingSet
from core.wording import clock
from db.readers.retraining_sets import frozen_rows, lock, named
from db.readers.snapshot import Source, snapshot
from db.retraining_export.json_lines import line
from db.team.retraining_decisions import Decisions, decisions
from db.team.retraining_queries import earlier_splits, freeze, groups_of, links, texts_of

_OF_REQUEST = text("""
    select set_id from team.retraining_set
    where service = :service and request_id = :request_id""")
_NUMBERS = text("""
    select number, correction, set_id from team.retraining_set
    where service = :service order by number desc, correction desc limit 1""")
_STORE = text("""
    insert into team.retraining_set (service, set_id, number, correction, parent, created_at,
        created_by, letters, groups, manifest, request_id)
    values (:service, :set_id, :number, :correction, :parent, :at, :by, :letters,
        cast(:groups as bigint[]), :manifest, :request_id)""")


def preview(source: Source, service: str, *, at: datetime, settings: SetSettings) -> Preview:
    """What `make_set` would make; nothing is stored."""
    with snapshot(source) as connection:
        selection, _ = _selected(connection, service, at, settings)
        number, parent = _next(connection, service)
    return Preview(number.of(service), parent, selection)


def make_set(
    engine: Engine,
    service: str,
    *,
    by: str,
    at: datetime,
    request_id: str,
    settings: SetSettings,
) -> RetrainingSet:
    """Make the next set of the confirmed groups.

    Two people who make sets at once are served one after the other: the second set holds what the
    first one left.

    Args:
        engine: the store, as greenlight_app.
        service: whose reports.
        by: who makes it.
        at: now.
        request_id: one a click: its second arrival makes no second set and gets the first.
        settings: how it is made.

    Raises:
        FieldsError: by or request_id is missing or wrong.
        SetError: there is nothing to export.
    """
    given = Fields({"by": by, "request_id": request_id})
    name, request = given.name("by"), given.name("request_id")
    if name is None or request is None:
        raise FieldsError(given.problems)
    with engine.begin() as connection:
        lock(connection, service)
        asked = {"service": service, "request_id": request}
        made = connection.execute(_OF_REQUEST, asked).scalar_one_or_none()
        if made is None:
            selection, found = _selected(connection, service, at, settings)
            if not selection.chosen:
                raise SetError(
                    _nothing(connection, service, selection, _next(connection, service)[1])
                )
            number, parent = _next(connection, service)
            made = number.of(service)
            freeze(connection, service, made, selection.chosen, found.confirmed)
            store(
                connection,
                manifest(
                    selection,
                    service=service,
                    number=number,
                    parent=parent,
                    by=name,
                    at=at,
                    settings=settings,
                    confirmed=found.confirmed,
                    agreement=found.agreement,
                ),
                number=number,
                at=at,
                request_id=request,
            )
        return named(connection, service, made)


def store(
    connection: Connection,
    described: Mapping[str, Any],
    *,
    number: Number,
    at: datetime,
    request_id: str = "",
) -> None:
    """Store a set whose rows are frozen; its manifest is completed by what they tell.

    Args:
        connection: inside the transaction that froze the rows.
        described: its manifest, but for what its rows tell.
        number: its number.
        at: now.
        request_id: of the click that made it; '' for a correction.
    """
    service, set_id = described["service"], described["set"]
    content = Content()
    lines = {split: hashlib.sha256() for split in SPLITS}
    groups: set[int] = set()
    for split, row in frozen_rows(connection, service, set_id):
        assert row is not None, "rows were frozen in this transaction"
        lines[split].update(line(in_order(row)))
        content.add(split, row)
        groups.add(row["group_id"])
    told = content.told({split: found.hexdigest() for split, found in lines.items()})
    connection.execute(
        _STORE,
        {
            "service": service,
            "set_id": set_id,
            "number": number.number,
            "correction": number.correction,
            "parent": described["parent"],
            "at": at,
            "by": described["created_by"],
            "letters": content.rows,
            "groups": sorted(groups),
            "manifest": json.dumps({**described, **told}, ensure_ascii=False, allow_nan=False),
            "request_id": request_id,
        },
    )


def _selected(
    connection: Connection, service: str, at: datetime, settings: SetSettings
) -> tuple[Selection, Decisions]:
    found = decisions(connection, service, at)
    earlier = earlier_splits(connection, service)
    fresh = [
        group_id for group_id in found.confirmed if settings.cumulative or group_id not in earlier
    ]
    texts = texts_of(connection, service, fresh, at)
    selection = select(
        groups_of(connection, service, texts, at),
        texts,
        confirmed=found.confirmed,
        rejected=found.rejected,
        earlier=earlier,
        links=links(connection, service, sorted({*fresh, *earlier})) if fresh else (),
        settings=settings,
        service=service,
    )
    return selection, found


def _next(connection: Connection, service: str) -> tuple[Number, str]:
    """The next number, and the set before it."""
    found = connection.execute(_NUMBERS, {"service": service}).one_or_none()
    return (Number(1), "") if found is None else (Number(found.number + 1), found.set_id)


def _nothing(connection: Connection, service: str, selection: Selection, newest: str) -> str:
    """Why there is nothing to export, in a sentence."""
    left_out = {one.reason: one.groups for one in selection.exclusions}
    if "earlier" in left_out:
        made = named(connection, service, newest)
        return (
            f"Nothing is new: every confirmed group is in an earlier set. {made.created_by} made "
            f"{made.set_id} at {clock(made.created_at)}. A cumulative set takes them again."
        )
    waiting = left_out.get("waiting", 0)
    return "There is nothing to export: no group of reports with a text is confirmed" + (
        f", and {waiting:,} {'waits' if waiting == 1 else 'wait'} for a review." if waiting else "."
    )
