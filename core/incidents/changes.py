"""What people fill in of an incident: read, and every wrong field named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.fields import NAME_LENGTH, Fields, FieldsError
from core.oncall.moments import read_moment
from core.ports.alerts import Episode
from core.ports.incidents import INCIDENT_SEVERITIES

INCIDENT_FIELDS = ("title", "severity", "began_at", "detected_at")


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an incident; detected_at None is not known."""

    title: str
    severity: str
    began_at: datetime
    detected_at: datetime | None


def parse_incident(given: Mapping[str, object], at: datetime) -> Account:
    """Read the fields of an incident: INCIDENT_FIELDS. The moments are aware datetimes.

    Args:
        given: the fields; detected_at may be left out.
        at: now; nothing of an incident lies ahead.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(INCIDENT_FIELDS)
    title, severity = form.name("title"), form.name("severity", INCIDENT_SEVERITIES)
    began = read_moment(form, given, "began_at")
    detected = read_moment(form, given, "detected_at", needed=False)
    for field, moment in (("began_at", began), ("detected_at", detected)):
        if moment is not None and moment > at:
            form.refuse(field, "Must not lie ahead.")
    if began is not None and detected is not None and detected < began:
        form.refuse("detected_at", "Must not be before the incident began.")
    if form.problems or title is None or severity is None or began is None:
        raise FieldsError(form.problems)
    return Account(title, severity, began, detected)


def drafted(episodes: Sequence[Episode], at: datetime) -> dict[str, object]:
    """What the form of an incident begins with: what its alerts say, for people to correct.

    Args:
        episodes: the alerts that it is opened from; may be empty.
        at: now; the beginning where no alert tells one.
    """
    order = sorted(episodes, key=lambda one: (one.severity != "page", one.began_at))
    fired = [one.fired_at for one in episodes if one.fired_at is not None]
    title = " ".join(order[0].sentence.split()).removesuffix(".") if order else ""
    if len(title) > NAME_LENGTH:
        title = title[: NAME_LENGTH - 1] + "…"
    return {
        "title": title,
        "severity": "major" if any(one.severity == "page" for one in episodes) else "minor",
        "began_at": min((one.began_at for one in episodes), default=at),
        "detected_at": min(fired, default=None),
    }
