"""What a form says of a channel, read field by field; no problem repeats an address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from core.fields import Fields, FieldsError
from core.ports.alerts import SEVERITIES
from db.notifications.addresses import problem_of

#: What a form holds; all but the first two may be left out.
FIELDS = (
    *("channel_id", "name", "address", "service", "severities"),
    *("quiet_from", "quiet_until", "zone", "drills", "enabled"),
)
#: What Alertmanager's deliveries are listed under.
RESERVED = "alertmanager"


def read(given: Mapping[str, object], by: str, *, address_needed: bool) -> dict[str, Any]:
    """The columns of team.channel that a form means.

    Args:
        given: the fields, see FIELDS.
        by: who filled them in.
        address_needed: whether an empty address is a problem.

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
