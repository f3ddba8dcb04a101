"""Reviews as text, and back: what is kept is read again exactly as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from core.review.values import Review

#: Says how a kept review is written: a reader that does not know the number cannot read it.
FORMAT = 1


class UnreadableError(ValueError):
    """A kept review cannot be read by this code."""


def write(review: Review) -> str:
    """A review as JSON: equal reviews are written as equal texts."""
    whole = {"format": FORMAT, "review": plain(review)}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(written: str) -> Review:
    """The review that was written.

    Raises:
        UnreadableError: it is of another format, or no review at all.
    """
    try:
        whole = json.loads(written)
        form, found = whole["format"], whole["review"]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError("This is no kept review.") from error
    if form != FORMAT:
        raise UnreadableError(
            f"This review was kept in format {form}; this version of Greenlight reads {FORMAT}."
        )
    try:
        review = _value(Review, found)
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError("Part of this kept review is missing.") from error
    assert isinstance(review, Review)
    return review


def plain(value: object) -> Any:
    """A value as JSON carries it: an enum by its name, times in ISO 8601.

    >>> plain((date(2026, 6, 1), None, 1.5))
    ['2026-06-01', None, 1.5]
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, Enum):
        return value.name
    return value.isoformat() if isinstance(value, date) else value


def _value(kind: Any, written: Any) -> Any:
    if get_origin(kind) is UnionType:
        if written is None:
            return None
        (kind,) = [part for part in get_args(kind) if part is not NoneType]
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], part) for part in written)
    hints = _hints(kind)
    if hints:
        return kind(**{name: _value(hint, written[name]) for name, hint in hints.items()})
    return _single(kind, written)


def _single(kind: Any, written: Any) -> Any:
    if issubclass(kind, Enum):
        return kind[written]
    if issubclass(kind, date):
        return kind.fromisoformat(written)
    if kind is float and isinstance(written, int):
        return float(written)
    if not isinstance(written, kind):
        raise TypeError(f"written == {written!r}, must be {kind.__name__}")
    return written


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    """The types of the fields of a dataclass; none for anything else."""
    return get_type_hints(kind) if is_dataclass(kind) else {}
