"""How an incident is marked: a word, an icon and a colour."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from core import wording
from core.ports.incidents import Incident

#: Moments of incidents are told and typed in UTC, as the alerts are.
UTC = ZoneInfo("UTC")


def chip(incident: Incident) -> str:
    """Where an incident stands, as markdown."""
    if incident.closed_at is not None:
        said = ":blue[:material/check_circle: **Closed**]"
    elif incident.recovered_at is not None:
        said = ":orange[:material/healing: **Recovered**]"
    else:
        said = ":red[:material/local_fire_department: **Not recovered**]"
    return f"{said} · drill" if incident.drill_id is not None else said


def length(taken: timedelta | None) -> str:
    """How long something took; a dash where it is not known.

    >>> length(None), length(timedelta(minutes=7))
    ('–', '7 minutes')
    """
    return "–" if taken is None else wording.duration(taken)
