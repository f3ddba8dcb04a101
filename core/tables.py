"""Tables as text: in columns for a terminal, in markdown for chat bots and tickets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap

Row = Sequence[str]
#: A table is made to fit a terminal this wide: long cells continue on the next line.
LINE = 120
#: A column is never made narrower than this.
NARROWEST = 20
GAP = "  "
#: What a table in markdown would act on.
_MARKS = "\\`*_[]<>|"


def text(headers: Row, rows: Sequence[Row]) -> str:
    """A table in columns of equal width, without borders and without a line end.

    >>> print(text(["window", "burn"], [["5m", "14.4"], ["1h", "0.1"]]))
    window  burn
    ------  ----
    5m      14.4
    1h      0.1
    """
    cells = [[printable(cell) for cell in row] for row in (headers, *rows)]
    widths = _fitting([max(map(len, column)) for column in zip(*cells, strict=True)])
    wrapped = [
        [wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
        for row in cells
    ]
    wrapped.insert(1, [["-" * width] for width in widths])
    lines: list[str] = []
    for row in wrapped:
        high = [
            GAP.join(part.ljust(width) for part, width in zip(line, widths, strict=True)).rstrip()
            for line in zip_longest(*row, fillvalue="")
        ]
        lines += [*high, ""] if len(high) > 1 else high
    return "\n".join(lines).rstrip("\n")


def _fitting(widths: list[int]) -> list[int]:
    """Widths of columns, the widest made narrower until a line fits."""
    room = LINE - len(GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def markdown(headers: Row, rows: Sequence[Row]) -> str:
    r"""A table in GitHub's markdown; text of unknown origin stays text.

    >>> print(markdown(["policy"], [["page_fast"], ["a | b"]]))
    | policy |
    | --- |
    | page\_fast |
    | a \| b |
    """
    head, *body = ([unmarked(cell) for cell in row] for row in (headers, *rows))
    lines = [head, ["---"] * len(headers), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def printable(written: str) -> str:
    r"""Text of unknown origin on one line, without what would steer the reader's terminal.

    >>> printable("a\x1b[2Jb\nc")
    'a�[2Jb c'
    """
    return "".join(sign if sign.isprintable() else "�" for sign in " ".join(written.splitlines()))


def unmarked(written: str) -> str:
    r"""Text of unknown origin for markdown, on one line.

    >>> print(unmarked("_a_"))
    \_a\_
    """
    return "".join(f"\\{sign}" if sign in _MARKS else sign for sign in printable(written))
