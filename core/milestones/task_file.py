"""Tasks as a CSV file (RFC 4180, UTF-8), for spreadsheets and other planning tools.

What is written comes back as it was: a text that a spreadsheet would run as a formula gets an
apostrophe in front, and so does one that begins with apostrophes and goes on like a formula; both
lose it again when they are read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.milestones.task_fields import TASK_FIELDS
from core.ports.plan import Task

#: Which task a line is about: its number in this store, and which state of it was written.
KEY_COLUMNS = ("service", "id", "revision")
COLUMNS = (*KEY_COLUMNS, *TASK_FIELDS)
#: A file without these says too little of a task.
NEEDED = ("title", "stage", "direction", "ideal_days")
#: What a spreadsheet runs as a formula (OWASP, "CSV Injection"), with apostrophes before it.
_ACTS = re.compile(r"'*[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")
_LABEL = re.compile(r"[^\s]{1,100}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line cannot be taken.

    Attributes:
        line: of the file, the header being 1.
        field: the column; '' for the line as a whole.
    """

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    Attributes:
        number: of the file, the header being 1.
        service: '' where the file does not say.
        label: how other lines of the file call this task; '' for nothing.
        revision: the state that the line was written from; None where it does not say.
        given: fields for `core.milestones.task_fields.parse_task`, without those that the file has
            no column of, and without depends_on.
        depends_on: labels or numbers; None where the file has no such column.
    """

    number: int
    service: str
    label: str
    revision: int | None
    given: Mapping[str, object]
    depends_on: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class TaskFile:
    """What a file says, line by line, and what cannot be read of it."""

    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]


def written(tasks: Iterable[Task]) -> str:
    """Tasks as CSV: every column of COLUMNS, one line a task."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for task in tasks:
        keys: list[object] = [task.service, task.task_id, task.revision]
        values = [*keys, *(getattr(task, field) for field in TASK_FIELDS)]
        writer.writerow([_cell(value) for value in values])
    return file.getvalue()


def read(content: bytes) -> TaskFile:
    """Read a file, with or without a byte order mark. Whatever is wrong with it is listed."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _refused(line, f"Is not UTF-8: byte {error.start + 1} fits no character.")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[Line] = []
    problems: list[Problem] = []
    header: list[str] | None = None
    at = 1
    try:
        for row in rows:
            first, at = at, rows.line_num + 1
            if header is None:
                header = [name.strip() for name in row]
                wrong = _header_problems(header)
                if wrong:
                    return TaskFile((), tuple(Problem(first, *one) for one in wrong))
            elif len(row) == len(header):
                _read_line(first, dict(zip(header, map(_plain, row), strict=True)), lines, problems)
            elif row:
                reason = f"Has {len(row)} cells, and the header has {len(header)}."
                problems.append(Problem(first, "", reason))
    except csv.Error as error:
        problems.append(Problem(max(rows.line_num, at), "", f"Is no CSV: {error}."))
    if header is None and not problems:
        return _refused(1, "The file is empty.")
    return TaskFile(tuple(lines), tuple(problems))


def _refused(line: int, reason: str) -> TaskFile:
    return TaskFile((), (Problem(line, "", reason),))


def _header_problems(header: Sequence[str]) -> list[tuple[str, str]]:
    if len(header) == 1 and ";" in header[0]:
        return [("", "Its columns are separated by semicolons: save it with commas.")]
    known = ", ".join(COLUMNS)
    wrong = [
        (name, f"There is no such column; there are {known}.")
        for name in header
        if name not in COLUMNS
    ]
    wrong += [(name, "Is there twice.") for name in COLUMNS if header.count(name) > 1]
    return wrong + [(name, "The column is missing.") for name in NEEDED if name not in header]


def _read_line(
    number: int, cells: Mapping[str, str], lines: list[Line], problems: list[Problem]
) -> None:
    label, revision = cells.get("id", "").strip(), cells.get("revision", "").strip()
    before = len(problems)
    if label and not _LABEL.fullmatch(label):
        problems.append(Problem(number, "id", "Must be a number or a word, without spaces."))
    if revision and not (revision.isascii() and revision.isdecimal()):
        problems.append(Problem(number, "revision", "Must be a whole number, or empty."))
    if len(problems) > before:
        return
    waits = cells.get("depends_on")
    lines.append(
        Line(
            number,
            cells.get("service", "").strip(),
            label,
            int(revision) if revision else None,
            {name: _given(name, cells[name]) for name in TASK_FIELDS if _is_given(name, cells)},
            None if waits is None else tuple(dict.fromkeys(waits.replace(",", " ").split())),
        )
    )


def _is_given(name: str, cells: Mapping[str, str]) -> bool:
    return name in cells and name != "depends_on"


def _given(name: str, cell: str) -> object:
    """A cell as a form would give it; what is no number stays a text, and is refused as one."""
    said = cell.strip()
    if name in {"ideal_days", "priority"} and _NUMBER.fullmatch(said):
        return float(said.replace(",", "."))
    return cell if name == "note" else said


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case tuple():
            return " ".join(map(str, value))
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case str():
            return f"'{value}" if _ACTS.match(value) else value
        case _:
            return str(value)


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _ACTS.match(cell) else cell
