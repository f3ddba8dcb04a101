"""What people fill in about a service's life: read, and every wrong field named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.fields import Fields, FieldsError
from core.life_cycle.gates import GateView, missing_words

ITEM_FIELDS = ("place", "note")
PASSING_FIELDS = ("reason", "waiver")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies, and what else there is to know about it."""

    place: str
    note: str


@dataclass(frozen=True, slots=True)
class Passing:
    """What is said when a gate is passed; `waived` is what was not there, by key."""

    reason: str
    waiver: str
    waived: tuple[str, ...]


def parse_place(given: Mapping[str, object]) -> Place:
    """Read ITEM_FIELDS: the place must be there.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(ITEM_FIELDS)
    place, note = form.name("place"), form.text("note")
    if form.problems or place is None:
        raise FieldsError(form.problems)
    return Place(place, note)


def parse_passing(given: Mapping[str, object], view: GateView) -> Passing:
    """Read PASSING_FIELDS: without all that the gate requires, there must be a reason.

    What may not be waived is not looked at here: see `GateView.refusal`.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(PASSING_FIELDS)
    reason, waiver = form.text("reason"), form.text("waiver")
    if view.missing and not waiver:
        form.refuse(
            "waiver", f"Is missing: {missing_words(view.missing)} is not there. Say why not."
        )
    if form.problems:
        raise FieldsError(form.problems)
    waived = tuple(one.requirement.key for one in view.missing)
    return Passing(reason, waiver if waived else "", waived)


def parse_why(given: Mapping[str, object]) -> str:
    """Read why a passing is taken back: 'why' must be there.

    Raises:
        FieldsError: it is missing or wrong.
    """
    form = Fields(given)
    form.refuse_unknown(("why",))
    why = form.text("why")
    if not why:
        form.refuse("why", "Is missing.")
    if form.problems:
        raise FieldsError(form.problems)
    return why
