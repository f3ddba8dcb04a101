"""Tables of sentences: every cell is shown whole, on as many lines as it needs.

A grid (`st.dataframe`) cuts a cell at the edge of its column, and what is cut nobody reads. It
stays where rows are many, are chosen, or hold numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import streamlit as st

from core import wording
from pages.parts.markdown import plain

#: Rows from which on a table scrolls inside of itself, and how high it is then, in pixels.
MOST_ROWS, HEIGHT = 12, 460
#: A space that no line ends at: a day stays on one line.
_TIGHT = "\u00a0"


@dataclass(frozen=True, slots=True)
class Marked:
    """A cell that is markdown of our own, on one line: a number, a status with its icon."""

    markdown: str


def prose_table(rows: Sequence[Mapping[str, object]], *, alt: str) -> None:
    """A table for reading.

    Args:
        rows: cells by heading, the same headings in each row. Text is shown as it was written,
            days and moments (UTC) as a reader says them, None as nothing; Marked is markdown.
        alt: what the table holds, for a reader who cannot see it.
    """
    shown = [{plain(name): _cell(value) for name, value in row.items()} for row in rows]
    st.table(
        pd.DataFrame(shown),
        border="horizontal",
        hide_index=True,
        height="content" if len(rows) <= MOST_ROWS else HEIGHT,
        alt=alt,
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Marked):
        return value.markdown.replace(" ", _TIGHT)
    if isinstance(value, datetime):
        return wording.clock(value).removesuffix(" UTC").replace(" ", _TIGHT)
    if isinstance(value, date):
        return wording.short_date(value).replace(" ", _TIGHT)
    return plain(" ".join(str(value).split()))
