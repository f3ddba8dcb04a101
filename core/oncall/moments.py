"""Moments that people fill in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from core.fields import Fields
from core.timeframe import FIRST_YEAR, LAST_YEAR


def read_moment(
    form: Fields, given: Mapping[str, object], field: str, *, needed: bool = True
) -> datetime | None:
    """A moment that was filled in, UTC; what is wrong with it is noted in the form.

    Args:
        form: notes the problem.
        given: the fields; the moment is an aware datetime.
        field: its name.
        needed: whether it must be there.
    """
    value = given.get(field)
    if value is None:
        if needed:
            form.refuse(field, "Is missing.")
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        form.refuse(field, "Must be a time with a zone.")
        return None
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        form.refuse(field, f"Must lie in {FIRST_YEAR} to {LAST_YEAR}.")
        return None
    return value.astimezone(UTC)
