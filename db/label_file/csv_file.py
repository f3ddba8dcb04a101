"""CSV in UTF-8, its delimiter told by its header."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from db.label_file.chunks import CHUNK_ROWS, TABLE, Chunk, check_header
from db.label_file.outcome import LabelFileError, RefusedRow

#: What spreadsheets put between columns, by what they call it. The comma comes first: it is CSV's.
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
#: The first bytes of what people take for CSV, and what to do about it.
_OTHERS = {
    b"PK\x03\x04": "is a workbook or an archive: save the sheet as CSV in UTF-8",
    b"\x1f\x8b": "is compressed: unpack it first",
    codecs.BOM_UTF16_LE: "is in UTF-16: save it in UTF-8",
    codecs.BOM_UTF16_BE: "is in UTF-16: save it in UTF-8",
}


class CsvFile:
    """A CSV file of labels; its first line names the columns."""

    def __init__(self, path: Path, service: str | None) -> None:
        """Read the header.

        Raises:
            LabelFileError: it is no CSV in UTF-8, or has not the columns of labels.
            OSError: it cannot be opened.
        """
        self._path = path
        with path.open("rb") as binary:
            beginning = binary.read(8)
        for magic, what in _OTHERS.items():
            if beginning.startswith(magic):
                raise LabelFileError(f"{path.name} {what}.")
        with self._open() as stream:
            self._delimiter = self._sniff(stream)
        self.notes: tuple[str, ...] = ()
        if self._delimiter != ",":
            self.notes = (f"Its columns are taken to be apart by {_DELIMITERS[self._delimiter]}.",)
        with self._open() as stream:
            lines = self._lines(stream)
            _, header = next(lines, (0, []))
            self._header = [name.strip() for name in header]
        check_header(path.name, self._header, service)

    def chunks(self) -> Iterator[Chunk]:
        """All rows, in their order; blank lines are no rows.

        Raises:
            LabelFileError: a line is not UTF-8, or its quotes do not match.
        """
        width = len(self._header)
        with self._open() as stream:
            lines = self._lines(stream)
            next(lines, None)
            numbers: list[int] = []
            rows: list[list[str]] = []
            refused: list[RefusedRow] = []
            for number, row in lines:
                if len(row) == width:
                    numbers.append(number)
                    rows.append(row)
                else:
                    why = f"the row has {len(row)} values, must have {width}"
                    refused.append(RefusedRow.of(number, "", self._delimiter.join(row), why))
                if len(rows) + len(refused) == CHUNK_ROWS:
                    yield self._chunk(numbers, rows, refused)
                    numbers, rows, refused = [], [], []
            if rows or refused:
                yield self._chunk(numbers, rows, refused)

    def _chunk(self, numbers: list[int], rows: list[list[str]], refused: list[RefusedRow]) -> Chunk:
        columns = list(zip(*rows, strict=True)) or [()] * len(self._header)
        return Chunk(numbers, dict(zip(self._header, columns, strict=True)), refused)

    def _open(self) -> TextIO:
        return self._path.open(encoding="utf-8-sig", newline="")

    def _lines(self, stream: TextIO) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not blank, each with the line that it begins in."""
        reader = csv.reader(stream, delimiter=self._delimiter, strict=True)
        begins = 1
        try:
            for row in reader:
                if row:
                    yield begins, row
                begins = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise self._not_utf8() from error
        except csv.Error as error:
            raise LabelFileError(
                f"{self._path.name} cannot be read from line {begins} on: {error}. Quotes inside "
                'of a quoted value are written twice ("").'
            ) from error

    def _sniff(self, stream: TextIO) -> str:
        """The delimiter that cuts the most known columns out of the header."""
        try:
            header = next((line for line in stream if line.strip()), "")
        except UnicodeDecodeError as error:
            raise self._not_utf8() from error
        if not header:
            raise LabelFileError(f"{self._path.name} is empty.")

        def known(delimiter: str) -> int:
            names = header.strip().split(delimiter)
            return sum(name.strip().strip('"') in TABLE.names for name in names)

        return max(_DELIMITERS, key=known)

    def _not_utf8(self) -> LabelFileError:
        with self._path.open("rb") as binary:
            for number, line in enumerate(binary, start=1):
                try:
                    line.decode()
                except UnicodeDecodeError as error:
                    wrong = f"line {number} has the byte 0x{line[error.start]:02X}"
                    return LabelFileError(
                        f"{self._path.name} is not UTF-8: {wrong}. Save it in UTF-8."
                    )
        return LabelFileError(f"{self._path.name} is not UTF-8. Save it in UTF-8.")
