"""Moments on the clock of a rota, and shifts in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from core.oncall import Shift
from core.ports.oncall import Rota

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOBODY = "nobody"


def zone_of(rota: Rota | None) -> ZoneInfo:
    """The clock that a service's shifts are told on."""
    return ZoneInfo("UTC" if rota is None else rota.zone)


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A moment on the clock of a zone.

    >>> from datetime import UTC
    >>> local(datetime(2026, 6, 1, 7, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
    'Mon 1 Jun 2026 10:00'
    """
    there = moment.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %Y %H:%M}"


def shift_words(shift: Shift, zone: ZoneInfo) -> str:
    """A shift as a choice in a list; the name in it is data."""
    span = f"{local(shift.start, zone)} to {local(shift.end, zone)}"
    return f"{span}: {shift.member or NOBODY}"
