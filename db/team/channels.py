"""Channels: where notifications go, as people add, change and disable them.

The address is a secret. It goes into team.channel and comes out for the process that delivers;
everything else here, also the log of changes and every error, holds it redacted. A form cannot show
it, so a change without an address keeps the one that is stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, RowMapping, text

from core.alerts.routing import Channel, QuietHours
from core.fields import Fields, FieldsError
from core.ports.alerts import SEVERITIES
from db.notifications.addresses import problem_of, redacted

#: What a form holds; all but the first two may be left out.
FIELDS = (
    *("channel_id", "name", "address", "service", "severities"),
    *("quiet_from", "quiet_until", "zone", "drills", "enabled"),
)
#: What Alertmanager's deliveries are listed under.
RESERVED = "alertmanager"
_COLUMNS = (
    "channel_id, service, name, address, severities, quiet_from, quiet_until, zone, drills, "
    "enabled, revision, changed_by, changed_at"
)
_ALL = text(f'select {_COLUMNS} from team.channel order by channel_id collate "C"')
_STORED = text(f"select {_COLUMNS} from team.channel where channel_id = :channel_id for update")
_INSERT = text(f"""
    insert into team.channel ({_COLUMNS})
    values (:channel_id, :service, :name, :address, :severities, :quiet_from, :quiet_until, :zone,
        :drills, :enabled, 1, :by, :at)
    on conflict (channel_id) do nothing""")
_UPDATE = text("""
    update team.channel set service = :service, name = :name, address = :address,
        severities = :severities, quiet_from = :quiet_from, quiet_until = :quiet_until,
        zone = :zone, drills = :drills, enabled = :enabled, revision = revision + 1,
        changed_by = :by, changed_at = :at
    where channel_id = :channel_id""")
_LOG = text("""
    insert into team.alert_change
        (service, subject, subject_id, changed_by, changed_at, before, after)
    values (:service, 'channel', :channel_id, :by, :at, :before, :after)""")


@dataclass(frozen=True, slots=True)
class StoredChannel:
    """A channel as it is shown.

    Attributes:
        channel: what decides what goes there.
        address: redacted.
        revision: grows with every change; a change names the one that it started from.
    """

    channel: Channel
    address: str
    revision: int
    changed_by: str
    changed_at: datetime


class ChannelConflictError(RuntimeError):
    """Somebody else has changed the channel since it was looked at; nothing was stored.

    Attributes:
        stored: the channel as it is now; None where it is not there.
    """

    def __init__(self, stored: StoredChannel | None) -> None:
        super().__init__(
            "There is no such channel."
            if stored is None
            else f"{stored.changed_by} has changed this channel meanwhile."
        )
        self.stored = stored


def channel_of(row: RowMapping | Mapping[str, Any]) -> Channel:
    """A channel from the columns of team.channel."""
    quiet = None
    if row["quiet_from"] is not None:
        quiet = QuietHours(row["quiet_from"], row["quiet_until"], row["zone"])
    return Channel(
        row["channel_id"],
        row["name"],
        row["service"],
        tuple(row["severities"]),
        quiet,
        row["drills"],
        row["enabled"],
    )


def channels(engine: Engine) -> tuple[StoredChannel, ...]:
    """Every channel, by id, with its address redacted."""
    with engine.connect() as connection:
        return tuple(_shown(row) for row in connection.execute(_ALL).mappings())


def create(engine: Engine, given: Mapping[str, object], *, by: str, at: datetime) -> StoredChannel:
    """Add a channel.

    Args:
        engine: the store, as greenlight_app.
        given: the fields of a form, see FIELDS. severities is a list of 'page' and 'ticket', quiet
            hours are texts such as '22:00', drills and enabled are booleans.
        by: who adds it.
        at: now.

    Returns:
        The channel as it is stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named, and no value of an address is.
        ChannelConflictError: there is a channel of that name, which is another one.
    """
    wanted = _read(given, by, address_needed=True)
    with engine.begin() as connection:
        added = connection.execute(_INSERT, wanted | {"by": by.strip(), "at": at})
        stored, address = _stored(connection, wanted["channel_id"])
        if stored is None:
            raise ChannelConflictError(None)
        if added.rowcount:
            _log(connection, wanted, {}, _logged(wanted), by=by, at=at)
        elif _logged(_as_row(stored, address)) != _logged(wanted) or address != wanted["address"]:
            raise ChannelConflictError(stored)
    return stored


def change(
    engine: Engine, seen: StoredChannel, given: Mapping[str, object], *, by: str, at: datetime
) -> StoredChannel:
    """Change a channel; what is waiting goes to the new address.

    Args:
        engine: the store, as greenlight_app.
        seen: the channel that whoever changes it was looking at.
        given: as in `create`; a field that is left out stays as it was seen, so does an empty
            address.
        by: who changes it.
        at: now.

    Returns:
        The channel as it is stored; one that is as wanted already is left alone.

    Raises:
        FieldsError: a field is wrong; each is named.
        ChannelConflictError: somebody else has changed it since it was seen.
    """
    merged: dict[str, object] = {**_as_fields(seen.channel), **given}
    merged["channel_id"] = seen.channel.channel_id
    wanted = _read(merged, by, address_needed=False)
    with engine.begin() as connection:
        stored, address = _stored(connection, seen.channel.channel_id)
        if stored is None:
            raise ChannelConflictError(None)
        wanted["address"] = wanted["address"] or address
        before, after = _logged(_as_row(stored, address)), _logged(wanted)
        moved = wanted["address"] != address
        if before == after and not moved:
            return stored
        if stored.revision != seen.revision:
            raise ChannelConflictError(stored)
        connection.execute(_UPDATE, wanted | {"by": by.strip(), "at": at})
        if moved:  # two addresses may look the same when they are redacted
            after["address_changed"] = True
        _log(connection, wanted, before, after, by=by, at=at)
        changed, _ = _stored(connection, seen.channel.channel_id)
    assert changed is not None
    return changed


def set_enabled(
    engine: Engine, seen: StoredChannel, enabled: bool, *, by: str, at: datetime
) -> StoredChannel:
    """Switch a channel off or on. What waits for one that is off is dropped. See `change`."""
    return change(engine, seen, {"enabled": enabled}, by=by, at=at)


def _read(given: Mapping[str, object], by: str, *, address_needed: bool) -> dict[str, Any]:
    """The columns that a form means.

    Raises:
        FieldsError: some field is wrong.
    """
    form = Fields({**given, "by": by})
    form.refuse_unknown((*FIELDS, "by"))
    form.name("by")
    channel_id = form.name("channel_id")
    if channel_id == RESERVED:
        form.refuse("channel_id", "Is what Alertmanager's deliveries are listed under: another.")
    row = {
        "channel_id": channel_id,
        "name": form.name("name"),
        "service": form.name("service") if form.has("service") else "",
        "zone": form.name("zone") if form.has("zone") else "UTC",
        "address": _address(form, given.get("address"), needed=address_needed),
        "severities": _severities(form, given.get("severities", SEVERITIES)),
        "quiet_from": _clock(form, "quiet_from", given),
        "quiet_until": _clock(form, "quiet_until", given),
        "drills": _yes(form, "drills", given),
        "enabled": _yes(form, "enabled", given),
    }
    if form.has("quiet_from") != form.has("quiet_until"):
        absent = "quiet_until" if form.has("quiet_from") else "quiet_from"
        form.refuse(absent, "Is missing: quiet hours have a beginning and an end.")
    elif row["quiet_from"] is not None and row["quiet_from"] == row["quiet_until"]:
        form.refuse("quiet_until", "Must differ from the beginning.")
    if row["zone"] is not None and not _is_zone(str(row["zone"])):
        form.refuse("zone", "Must be a time zone such as UTC or Europe/Moscow.")
    if form.problems:
        raise FieldsError(form.problems)
    return row


def _address(form: Fields, value: object, *, needed: bool) -> str:
    """The address; what is wrong with it is said without it."""
    found = value.strip() if isinstance(value, str) else ""
    if value is not None and not isinstance(value, str):
        form.refuse("address", "Must be a text.")
    elif (found or needed) and (problem := problem_of(found)):
        form.refuse("address", problem)
    return found


def _severities(form: Fields, value: object) -> list[str]:
    if not isinstance(value, list | tuple) or not value or not set(value) <= set(SEVERITIES):
        form.refuse("severities", f"Must be a list of {' and '.join(SEVERITIES)}, at least one.")
        return []
    return [severity for severity in SEVERITIES if severity in value]


def _clock(form: Fields, field: str, given: Mapping[str, object]) -> time | None:
    value = given.get(field)
    if not form.has(field) or isinstance(value, time):
        return value if isinstance(value, time) else None
    try:
        found = time.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or found.second or found.microsecond:
        form.refuse(field, "Must be a time of day such as 22:00.")
        return None
    return found


def _yes(form: Fields, field: str, given: Mapping[str, object]) -> bool:
    value = given.get(field, True)
    if not isinstance(value, bool):
        form.refuse(field, "Must be true or false.")
        return False
    return value


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _stored(connection: Connection, channel_id: str) -> tuple[StoredChannel | None, str]:
    """A channel, held until the transaction ends, and its address."""
    row = connection.execute(_STORED, {"channel_id": channel_id}).mappings().one_or_none()
    return (None, "") if row is None else (_shown(row), str(row["address"]))


def _shown(row: RowMapping) -> StoredChannel:
    return StoredChannel(
        channel_of(row),
        redacted(row["address"]),
        row["revision"],
        row["changed_by"],
        row["changed_at"],
    )


def _as_fields(channel: Channel) -> dict[str, object]:
    quiet = channel.quiet
    return {
        "channel_id": channel.channel_id,
        "name": channel.name,
        "service": channel.service,
        "severities": channel.severities,
        "quiet_from": quiet.start if quiet else None,
        "quiet_until": quiet.end if quiet else None,
        "zone": quiet.zone if quiet else None,
        "drills": channel.drills,
        "enabled": channel.enabled,
    }


def _as_row(stored: StoredChannel, address: str) -> dict[str, Any]:
    fields = _as_fields(stored.channel)
    return {**fields, "zone": fields["zone"] or "UTC", "address": address}


def _logged(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the log of changes holds of a channel."""
    quiet = row["quiet_from"] is not None
    return {
        "name": row["name"],
        "service": row["service"],
        "address": redacted(row["address"]),
        "severities": list(row["severities"]),
        "quiet_from": f"{row['quiet_from']:%H:%M}" if quiet else None,
        "quiet_until": f"{row['quiet_until']:%H:%M}" if quiet else None,
        "zone": row["zone"] if quiet else "UTC",
        "drills": row["drills"],
        "enabled": row["enabled"],
    }


def _log(
    connection: Connection,
    row: Mapping[str, Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
) -> None:
    connection.execute(
        _LOG,
        {
            "service": row["service"],
            "channel_id": row["channel_id"],
            "by": by.strip(),
            "at": at,
            "before": json.dumps(before, ensure_ascii=False),
            "after": json.dumps(after, ensure_ascii=False),
        },
    )
