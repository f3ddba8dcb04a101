"""Channels: where notifications go, as people add, change and disable them.

The address is a secret. It goes into team.channel and comes out for the process that delivers;
everything else here, also the log of changes and every error, holds it redacted. A form cannot show
it, so a change without an address keeps the one that is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, text
from sqlalchemy.exc import DBAPIError

from core.alerts.routing import Channel, QuietHours
from db.failures import Failure, classify, reason
from db.notifications.addresses import redacted
from db.team import audit
from db.team.channel_form import read

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


class ChannelRefusedError(RuntimeError):
    """The store itself refuses a channel; the message holds none of its values."""


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
        given: the fields of a form, see `db.team.channel_form.FIELDS`. severities is a list of
            'page' and 'ticket', quiet hours are texts such as '22:00', drills and enabled are
            booleans.
        by: who adds it.
        at: now.

    Returns:
        The channel as it is stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named, and no value of an address is.
        ChannelConflictError: there is a channel of that name, which is another one.
    """
    wanted = read(given, by, address_needed=True)
    channel_id = wanted["channel_id"]
    with _in_confidence(engine) as connection:
        added = connection.execute(_INSERT, wanted | {"by": by.strip(), "at": at})
        stored, address = _stored(connection, channel_id)
        if stored is None:
            raise ChannelConflictError(None)
        if added.rowcount:
            after, service = _logged(wanted), wanted["service"]
            audit.log(
                connection, "channel", channel_id, service, before={}, after=after, by=by, at=at
            )
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
    channel_id = seen.channel.channel_id
    merged: dict[str, object] = {**_as_fields(seen.channel), **given, "channel_id": channel_id}
    wanted = read(merged, by, address_needed=False)
    with _in_confidence(engine) as connection:
        stored, address = _stored(connection, channel_id)
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
        service = wanted["service"]
        audit.log(
            connection, "channel", channel_id, service, before=before, after=after, by=by, at=at
        )
        changed, _ = _stored(connection, channel_id)
    assert changed is not None
    return changed


def set_enabled(
    engine: Engine, seen: StoredChannel, enabled: bool, *, by: str, at: datetime
) -> StoredChannel:
    """Switch a channel off or on. What waits for one that is off is dropped. See `change`."""
    return change(engine, seen, {"enabled": enabled}, by=by, at=at)


@contextmanager
def _in_confidence(engine: Engine) -> Iterator[Connection]:
    """A transaction whose errors do not repeat what was to be stored.

    SQLAlchemy adds a statement's parameters to its errors, and PostgreSQL the row that breaks a
    constraint: the address among them.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if classify(error) is Failure.BAD_ROWS:
            raise ChannelRefusedError(f"The store refuses this channel: {reason(error)}.") from None
        error.hide_parameters = True
        raise


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
