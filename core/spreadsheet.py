"""Tables as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

#: A cell that begins with one of these is run as a formula by a spreadsheet
#: (OWASP, "CSV Injection").
_ACTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as CSV (RFC 4180), in which no text can act as a formula.

    Numbers stay numbers; None is an empty cell.

    >>> csv_text(["version", "more"], [["=cmd()", 5], ["bert-4", -1.5]]).splitlines()
    ['version,more', "'=cmd(),5", 'bert-4,-1.5']
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([inert(header) for header in headers])
    writer.writerows(
        [[inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    )
    return written.getvalue()


def inert(cell: str) -> str:
    """A text that no spreadsheet runs as a formula.

    >>> inert("=cmd()"), inert("bert-4")
    ("'=cmd()", 'bert-4')
    """
    return f"'{cell}" if cell.startswith(_ACTS) else cell
