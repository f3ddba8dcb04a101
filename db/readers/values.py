"""Values of what people keep, from rows as JSON has them: a field is called as its column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from db.readers.audit import Row, moment_of

_Value = TypeVar("_Value")


def _as_it_is(value: Any) -> Any:
    return value


#: How a column is read into a field of a type.
_READ: Mapping[object, Callable[[Any], Any]] = {
    **dict.fromkeys((str, bool, float, Mapping), _as_it_is),
    int: int,
    # The shortest decimal that stands for the number of the JSON is the one that was stored.
    Decimal: lambda number: Decimal(repr(number)),
    datetime: moment_of,
    date: date.fromisoformat,
    time: time.fromisoformat,
    tuple: tuple,
}


def value_of(kind: type[_Value], row: Row, **made: object) -> _Value:
    """A value from its row.

    Args:
        kind: a dataclass.
        row: see `db.readers.audit`.
        made: fields that are made of other columns than their own.

    Raises:
        KeyError: there is no such column, or nothing reads a field of such a type.
    """
    make: Callable[..., _Value] = kind
    said = {
        name: None if row[name] is None else _READ[of_type](row[name])
        for name, of_type in _columns(make)
        if name not in made
    }
    return make(**said, **made)


@cache
def _columns(kind: Any) -> tuple[tuple[str, object], ...]:
    """The fields of a value with their types, without what these hold, and without None."""
    types = get_type_hints(kind)
    return tuple((one.name, _plain(types[one.name])) for one in fields(kind))


def _plain(said: Any) -> object:
    if NoneType in get_args(said):
        (said,) = (one for one in get_args(said) if one is not NoneType)
    return get_origin(said) or said
