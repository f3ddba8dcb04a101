"""Reading what stands in a file: text as a time, a number, yes or no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from db.writer.contract import Column, Kind

_BOOLEANS = {
    **dict.fromkeys(("true", "t", "1"), True),
    **dict.fromkeys(("false", "f", "0"), False),
}


class UnreadableError(ValueError):
    """A value that cannot be read as what its column holds; the message says what can."""


def read_boolean(value: object) -> bool:
    """Yes or no.

    >>> read_boolean("T"), read_boolean(0)
    (True, False)
    """
    if isinstance(value, bool):
        return value
    found = _BOOLEANS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if found is None:
        raise UnreadableError("true or false (t and f, 1 and 0 are read too)")
    return found


def read_number(value: object) -> float:
    """A number.

    >>> read_number(" 1e-3 ")
    0.001
    """
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        if "," in value:
            raise UnreadableError("a number with a decimal point and no comma")
        if "_" not in value:  # Python reads 1_000, nobody else does
            try:
                return float(value)
            except ValueError:
                pass
    raise UnreadableError("a number")


def read_time(value: object) -> datetime:
    """A moment, as a datetime in UTC that does not say so: numpy's convention.

    >>> read_time("2026-06-01T15:00:00+03:00")
    datetime.datetime(2026, 6, 1, 12, 0)
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        raise UnreadableError("an ISO 8601 time, such as 2026-06-01T12:00:00Z")
    if value.tzinfo is None:
        raise UnreadableError(
            "a time with its zone, such as 2026-06-01T12:00:00Z: without one it is ambiguous"
        )
    try:
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return utc.replace(tzinfo=None)
    except OverflowError:
        raise UnreadableError("a time between the years 1 and 9999 in UTC") from None


def read_text(value: object) -> str:
    """Text as it is, and whole numbers, which are ids that a file took for numbers.

    >>> read_text(17)
    '17'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise UnreadableError(f"text, not {type(value).__name__}")


_READ: Final[Mapping[Kind, Callable[[object], Any]]] = {
    Kind.TEXT: read_text,
    Kind.TIMESTAMP: read_time,
    Kind.DOUBLE: read_number,
    Kind.BOOLEAN: read_boolean,
}
#: The empty text is a segment of services that have none, and the labeller who is not named.
_MAY_BE_EMPTY = {"segment", "labeller"}


def read_value(column: Column, value: object) -> Any:
    """A value as its column holds it; whether the contract allows it is not asked here.

    Raises:
        UnreadableError: there is none, or it cannot be read; the message is a sentence.
    """
    if value is None or (value == "" and column.name not in _MAY_BE_EMPTY):
        raise UnreadableError(f"{column.name} is missing")
    try:
        return _READ[column.kind](value)
    except UnreadableError as error:
        raise UnreadableError(f"{column.name} must be {error}") from None


def read_values(column: Column, values: Sequence[object]) -> list[Any] | None:
    """All values of a column, if each of them can be read: the same, in a third of the time."""
    if column.kind is Kind.TEXT and column.name not in _MAY_BE_EMPTY and "" in values:
        return None
    try:
        return list(map(_READ[column.kind], values))
    except UnreadableError:
        return None
