"""A report as the terminal prints it: tables with a sentence above each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import tables, wording

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Listing:
    """A table with the sentence that says what it finds, and what it is about."""

    title: str
    about: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def rendered(listings: Sequence[Listing], style: str) -> str:
    """Listings as text for a terminal ('table') or as markdown ('markdown')."""
    line, draw = (
        (tables.unmarked, tables.markdown)
        if style == "markdown"
        else (tables.printable, tables.text)
    )
    parts: list[str] = []
    for listing in listings:
        parts.append("\n".join(line(words) for words in (listing.title, listing.about) if words))
        if listing.rows:
            parts.append(draw(listing.headers, listing.rows))
    return "\n\n".join(parts)


def share(value: Any, digits: int = 4) -> str:
    """A share in percent, or 'unknown'."""
    return UNKNOWN if value is None else wording.percent(value, digits)


def whole(value: Any) -> str:
    """A count in full, or 'unknown'."""
    return UNKNOWN if value is None else wording.whole(value)
