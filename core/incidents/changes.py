"""What people fill in of an incident: read, and every wrong field named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.fields import Fields, FieldsError
from core.oncall.moments import read_moment
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
