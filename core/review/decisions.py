"""Reading what somebody says was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.fields import Fields, FieldsError

DECISION_FIELDS = ("text", "why", "decided_by", "decided_on")


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """What a form says was decided; see `core.ports.reviews.Decision`."""

    text: str
    why: str
    decided_by: str
    decided_on: date


def parse_decision(given: Mapping[str, object], today: date) -> DecisionTaken:
    """Read the fields of a decision: DECISION_FIELDS.

    Args:
        given: the fields of a form.
        today: a decision is not of a day ahead.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(DECISION_FIELDS)
    said, why = form.text("text"), form.text("why")
    if not said:
        form.refuse("text", "Is missing: what was decided?")
    if not form.has("decided_by"):
        form.refuse("decided_by", "Is missing: who decided it?")
    decided_by, decided_on = form.name("decided_by"), form.day("decided_on")
    if decided_on is not None and decided_on > today:
        form.refuse("decided_on", "Must not lie ahead.")
    if form.problems or decided_by is None or decided_on is None:
        raise FieldsError(form.problems)
    return DecisionTaken(said, why, decided_by, decided_on)
