"""What an import of labels did, and why rows or whole files were refused."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import wording

if TYPE_CHECKING:
    from core.printout import Listing

#: More refused rows than anybody reads at once.
LISTED = 100
#: Characters of a refused value that are repeated.
_SHOWN = 60


class LabelFileError(ValueError):
    """A file that cannot be imported as it stands, and nothing of it was; a sentence says why."""


@dataclass(frozen=True, slots=True, order=True)
class RefusedRow:
    """A row that breaks the contract.

    Attributes:
        line: where it begins: its line in a CSV file, counted from 1 with the header; its row in a
            parquet file, counted from 1.
        field: the column at fault; '' where it is the row as a whole.
        value: what stands there, cut where it is long.
        reason: what must change.
    """

    line: int
    field: str
    value: str
    reason: str

    @classmethod
    def of(cls, line: int, field: str, value: object, reason: str) -> RefusedRow:
        """A refusal of whatever stood in the file."""
        shown = "" if value is None else str(value)
        return cls(line, field, shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…", reason)


@dataclass(frozen=True, slots=True)
class LabelImport:
    """What became of a file.

    Attributes:
        name: of the file.
        rows: rows read, without a header.
        inserted: labels that are new.
        changed: labels that were stored with other values, and now have these.
        unchanged: labels that were stored just so.
        refused_rows: rows that break the contract; refused holds the first of them.
        written: whether the accepted rows are stored; not if any was refused and all were wanted.
        notes: what was taken for granted about the file, a sentence each.
    """

    name: str
    rows: int
    inserted: int
    changed: int
    unchanged: int
    refused_rows: int
    refused: tuple[RefusedRow, ...]
    written: bool
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The outcome.

        >>> LabelImport("new.csv", 4, 2, 0, 1, 1, (), written=True).sentence
        'new.csv: 4 rows. Labels: 2 inserted, 0 changed, 1 unchanged. Refused rows: 1.'
        """
        read = f"{self.name}: {wording.whole(self.rows)} row{'' if self.rows == 1 else 's'}."
        refused = f"Refused rows: {wording.whole(self.refused_rows)}."
        if not self.written:
            return f"{read} {refused} Nothing is written, since every row was to be accepted."
        counts = (
            f"{wording.whole(count)} {what}"
            for count, what in (
                (self.inserted, "inserted"),
                (self.changed, "changed"),
                (self.unchanged, "unchanged"),
            )
        )
        return f"{read} Labels: {', '.join(counts)}. {refused}"

    def listing(self) -> Listing:
        """The outcome with the refused rows, for the terminal."""
        from core.printout import Listing  # brings every report with it

        more = self.refused_rows - len(self.refused)
        rest = (f"The first {len(self.refused)} refused rows are listed.",) if more else ()
        return Listing(
            self.sentence,
            " ".join((*self.notes, *rest)),
            ("line", "field", "value", "reason"),
            tuple((str(row.line), row.field, row.value, row.reason) for row in self.refused),
        )


class Refusals:
    """Refused rows: all counted, the first kept."""

    def __init__(self) -> None:
        self.total = 0
        self._first: list[RefusedRow] = []

    def add(self, rows: Iterable[RefusedRow], total: int | None = None) -> None:
        """Count refused rows and keep the first of all so far.

        Args:
            rows: some of them, which must be the first.
            total: how many they are, where rows does not hold them all.
        """
        rows = list(rows)
        self.total += len(rows) if total is None else total
        self._first = heapq.nsmallest(LISTED, [*self._first, *rows])

    @property
    def first(self) -> tuple[RefusedRow, ...]:
        """The first rows that were refused, by line."""
        return tuple(self._first)
