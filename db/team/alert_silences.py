"""Silences: which alerts call nobody for a while, who says so, why, and until when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from core.alerts import silences
from core.fields import NAME_LENGTH, TEXT_LENGTH, Fields, FieldsError
from core.oncall.moments import read_moment
from core.ports.alerts import Episode, Silence
from core.timeframe import DAY
from db.readers.alert_rows import SILENCE_COLUMNS, silence_of
from db.readers.alerts import SqlAlertReader
from db.readers.snapshot import Source
from db.team.audit import acting

FIELDS = ("matchers", "reason", "starts_at", "ends_at")
#: What is to be quiet for longer is no silence: its rule should be changed or switched off.
LONGEST: timedelta = 30 * DAY
#: A silence catches fewer alerts with every matcher: more than this is a slip.
MOST_MATCHERS = 20
_INSERT = text(f"""
    insert into team.alert_silence
        (matchers, reason, author, created_at, starts_at, ends_at, request_id)
    values (:matchers, :reason, :author, :at, :starts_at, :ends_at, :request_id)
    returning {SILENCE_COLUMNS}""")
_OF_REQUEST = text(f"""
    select {SILENCE_COLUMNS} from team.alert_silence where request_id = :request_id""")
_HELD = text(f"""
    select {SILENCE_COLUMNS} from team.alert_silence where silence_id = :silence_id for update""")
_END = text("""
    update team.alert_silence set ended_at = :at, ended_by = :by
    where silence_id = :silence_id and matchers = cast(:matchers as jsonb)""")


class NoSuchSilenceError(LookupError):
    """There is no silence of this number."""


def silence(
    engine: Engine, given: Mapping[str, object], *, by: str, at: datetime, request_id: str
) -> Silence:
    """Keep some alerts quiet for a while. Nothing else about them changes.

    Args:
        engine: the store, as greenlight_app.
        given: the fields of a form. matchers: label -> value, where 'service', 'rule' and
            'severity' count as labels; all have to match, and there is at least one. reason: why.
            ends_at: until when, at most LONGEST ahead. starts_at: from when; now if left out.
        by: who; needed.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named, and nothing is stored.
    """
    wanted = _read(given, by, at)
    with acting(engine, by, at, request_id) as connection:
        asked = {"request_id": request_id.strip()}
        row = connection.execute(_OF_REQUEST, asked).mappings().one_or_none()
        if row is None:
            values = {
                "matchers": json.dumps(dict(wanted.matchers), ensure_ascii=False),
                "reason": wanted.reason,
                "author": wanted.author,
                "at": at,
                "starts_at": wanted.starts_at,
                "ends_at": wanted.ends_at,
            }
            row = connection.execute(_INSERT, values | asked).mappings().one()
        return silence_of(row)


def end_silence(engine: Engine, silence_id: int, *, by: str, at: datetime) -> Silence:
    """End a silence now; one that is over already is left as it is.

    Raises:
        FieldsError: by is missing.
        NoSuchSilenceError: there is no such silence.
    """
    with acting(engine, by, at) as connection:
        found = _held(connection, silence_id)
        if found.ended_at is not None or found.ends_at <= at:
            return found
        # What it matches is said again: the guard lets nobody end what hides others' alerts.
        matchers = json.dumps(dict(found.matchers), ensure_ascii=False)
        asked = {"silence_id": silence_id, "at": at, "by": by.strip(), "matchers": matchers}
        connection.execute(_END, asked)
        return _held(connection, silence_id)


def would_hide(
    source: Source, given: Mapping[str, object], *, by: str, at: datetime
) -> tuple[Episode, ...]:
    """The open alerts, of any service, that a silence would keep quiet; nothing is stored.

    Args:
        source: the store, as greenlight_app.
        given: as in `silence`.
        by: as in `silence`.
        at: now.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
    """
    wanted = _read(given, by, at)
    return silences.preview(wanted, SqlAlertReader(source).open_everywhere(at))


def _read(given: Mapping[str, object], by: str, at: datetime) -> Silence:
    form = Fields(given)
    form.refuse_unknown(FIELDS)
    Fields({"by": by}, problems=form.problems).name("by")
    matchers = _matchers(form, given)
    reason = form.text("reason")
    if not reason:
        form.refuse("reason", "Is missing.")
    starts_at = read_moment(form, given, "starts_at") if form.has("starts_at") else at
    ends_at = read_moment(form, given, "ends_at")
    if starts_at is not None and ends_at is not None:
        if starts_at > at + LONGEST:
            form.refuse("starts_at", f"Must lie at most {LONGEST.days} days ahead.")
        if ends_at <= max(at, starts_at):
            form.refuse("ends_at", "Must lie ahead, and after its start.")
        elif ends_at > max(at, starts_at) + LONGEST:
            form.refuse("ends_at", f"Must lie at most {LONGEST.days} days after its start.")
    if form.problems or starts_at is None or ends_at is None:
        raise FieldsError(form.problems)
    return Silence(0, matchers, reason, by.strip(), starts_at, ends_at)


def _matchers(form: Fields, given: Mapping[str, object]) -> dict[str, str]:
    """Labels and the values that they have to have; a value may be empty, as a label's may."""
    if form.below("matchers") is None:
        return {}
    chosen: Mapping[object, object] = dict(given["matchers"])  # type: ignore[call-overload]
    if not 0 < len(chosen) <= MOST_MATCHERS:
        form.refuse("matchers", f"Must be 1 to {MOST_MATCHERS}: a silence never hides everything.")
    found: dict[str, str] = {}
    for name, value in chosen.items():
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            form.refuse("matchers", "Must have labels with a name.")
        elif not isinstance(value, str) or not value.isprintable() or len(value) > TEXT_LENGTH:
            form.refuse(f"matchers.{name[:NAME_LENGTH]}", "Must be a text of one line.")
        else:
            found[name.strip()] = value
    return found


def _held(connection: Connection, silence_id: int) -> Silence:
    row = connection.execute(_HELD, {"silence_id": silence_id}).mappings().one_or_none()
    if row is None:
        raise NoSuchSilenceError(f"There is no silence {silence_id}.")
    return silence_of(row)
