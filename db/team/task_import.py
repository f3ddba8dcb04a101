"""Tasks from a CSV file into the store: all of them, or those that are right, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.fields import FieldsError
from core.milestones.graph import cycle_in
from core.milestones.task_fields import TaskFields, circle_sentence, parse_task
from core.milestones.task_file import Line, Problem, read
from core.ports.plan import Task
from db.team import audit
from db.team.audit import acting
from db.team.plan_rows import TASKS, one_at_a_time
from db.team.tasks import add_parsed, allowed, as_given, stored_tasks


@dataclass(frozen=True, slots=True)
class TaskImport:
    """What became of a file.

    Attributes:
        added: how many tasks are new.
        changed: how many were changed.
        unchanged: how many said what was stored already.
        problems: why lines were not taken, by line.
        stored: whether the others were: not, where there are problems and not even a part of the
            file was wanted.
    """

    added: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]
    stored: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line that can be read: about a stored task, or about a new one.

    Attributes:
        key: its number; below 0 for a new one.
    """

    line: Line
    key: int
    wanted: TaskFields
    seen: Task | None


def import_tasks(
    engine: Engine, service: str, content: bytes, *, by: str, at: datetime, partial: bool = False
) -> TaskImport:
    """Take the tasks of a file into the plan.

    A line whose id is the number of a task of the service changes that task; one whose id is a word
    or empty is a new task, and so is every line that was written from another service. Columns that
    the file has not got stay as they are. The same file again adds nothing.

    Args:
        engine: the store, as greenlight_app.
        service: into whose plan.
        content: the file, see `core.milestones.task_file`.
        by: who imports it.
        at: now.
        partial: take the lines that are right although others are not.

    Raises:
        FieldsError: by is missing.
    """
    file = read(content)
    request_id = f"csv {hashlib.sha256(content).hexdigest()}"
    with acting(engine, by, at, request_id) as connection:
        one_at_a_time(connection, service)
        work = _Import(connection, service, at, request_id)
        work.take(file.lines)
        problems = sorted([*file.problems, *work.problems], key=lambda one: (one.line, one.field))
        if problems and not partial:
            return TaskImport(0, 0, 0, tuple(problems), stored=False)
        added, changed = work.store(by)
        return TaskImport(added, changed, work.read - added - changed, tuple(problems), stored=True)


class _Import:
    """A file on its way into the plan of a service."""

    def __init__(self, connection: Connection, service: str, at: datetime, request_id: str) -> None:
        self._connection = connection
        self._service = service
        self._at = at
        self._request_id = request_id
        self._tasks = stored_tasks(connection, service)
        self._allowed = allowed(connection, service, at)
        # What an earlier import of the same file has added, by the position of the line.
        self._earlier: dict[int, int] = {
            row["position"]: row["task_id"]
            for row in audit.of_request(connection, "task", service, request_id)
        }
        self._again = 0
        self._entries: dict[int, _Entry] = {}
        self.problems: list[Problem] = []

    @property
    def read(self) -> int:
        """How many lines are right."""
        return len(self._entries) + self._again

    def take(self, lines: Iterable[Line]) -> None:
        """Read lines, and note what is wrong with them."""
        labels: dict[str, int] = {}
        for position, line in enumerate(lines):
            if position in self._earlier:
                self._take_again(line, self._earlier[position], labels)
                continue
            found = self._resolved(position, line)
            if found is None:
                continue
            key, seen = found
            if (line.label and labels.setdefault(line.label, key) != key) or key in self._entries:
                self._refuse(line, "id", "Is there twice.")
                continue
            wanted = self._parsed(line, seen)
            if wanted is not None:
                self._entries[key] = _Entry(line, key, wanted, seen)
        for entry in tuple(self._entries.values()):
            self._connect(entry, labels)
        self._refuse_what_waits_for_nothing()

    def store(self, by: str) -> tuple[int, int]:
        """Store what is right.

        Returns:
            How many tasks were added, and how many changed.
        """
        numbers: dict[int, int] = {}
        new = [one for one in self._entries.values() if one.seen is None]
        while new:
            # No circles: one of those that are left waits for none of them.
            left = {one.key for one in new}
            ready = [one for one in new if left.isdisjoint(one.wanted.depends_on)]
            for entry in ready:
                task = add_parsed(
                    self._connection,
                    self._service,
                    _numbered(entry.wanted, numbers),
                    by=by,
                    at=self._at,
                    request_id=self._request_id,
                    position=-entry.key - 1,
                )
                numbers[entry.key] = task.task_id
            new = [one for one in new if one.key not in numbers]
        changed = 0
        for entry in self._entries.values():
            if entry.seen is not None:
                wanted = asdict(_numbered(entry.wanted, numbers))
                now = TASKS.change(self._connection, entry.seen, wanted, by=by, at=self._at)
                changed += now.revision != entry.seen.revision
        return len(numbers), changed

    def _resolved(self, position: int, line: Line) -> tuple[int, Task | None] | None:
        """Which task a line is about: its key, and the task where it is stored."""
        own = line.service in {"", self._service}
        if not own or not _is_number(line.label):
            return -position - 1, None
        found = self._tasks.get(int(line.label))
        if found is None:
            self._refuse(line, "id", f"There is no task {line.label}: a new one has a word or ''.")
            return None
        if line.revision is not None and line.revision != found.revision:
            who = f"{found.changed_by} has changed it since the file was written"
            self._refuse(line, "revision", f"{who}: it is at revision {found.revision}.")
            return None
        return found.task_id, found

    def _take_again(self, line: Line, task_id: int, labels: dict[str, int]) -> None:
        """A new task of a file that was imported before is there, and may have been changed."""
        if task_id not in self._tasks:
            self._refuse(line, "", "Was imported from this file before, and taken out since.")
            return
        if line.label:
            labels.setdefault(line.label, task_id)
        self._again += 1

    def _parsed(self, line: Line, seen: Task | None) -> TaskFields | None:
        may = self._allowed
        whole = dict(line.given)
        if seen is not None:
            may = may.with_cell(seen.stage, seen.direction)
            whole = {**as_given(seen), **line.given}
            del whole["depends_on"]
        try:
            return parse_task(whole, may)
        except FieldsError as error:
            for field, reason in error.problems.items():
                self._refuse(line, field, reason)
            return None

    def _connect(self, entry: _Entry, labels: Mapping[str, int]) -> None:
        """Find the tasks that a line waits for."""
        line = entry.line
        if line.depends_on is None:
            kept = () if entry.seen is None else entry.seen.depends_on
            self._entries[entry.key] = _waiting(entry, kept)
            return
        own = line.service in {"", self._service}
        keys = []
        for label in line.depends_on:
            if label in labels:
                keys.append(labels[label])
            elif own and _is_number(label) and int(label) in self._tasks:
                keys.append(int(label))
            else:
                self._refuse(line, "depends_on", "There is no such task, here or in the file.")
                del self._entries[entry.key]
                return
        self._entries[entry.key] = _waiting(entry, tuple(sorted(keys)))

    def _refuse_what_waits_for_nothing(self) -> None:
        """Refuse lines that wait for a line that was refused, or for each other in a circle."""
        while True:
            known = self._entries.keys() | self._tasks.keys()
            lost = [
                one for one in self._entries.values() if not known >= set(one.wanted.depends_on)
            ]
            for entry in lost:
                self._refuse(entry.line, "depends_on", "Waits for a line that is refused.")
                del self._entries[entry.key]
            if lost:
                continue
            edges = {one: task.depends_on for one, task in self._tasks.items()}
            edges |= {one.key: one.wanted.depends_on for one in self._entries.values()}
            circle = cycle_in(edges)
            if not circle:
                return
            titles = {one: task.title for one, task in self._tasks.items()}
            titles |= {one.key: one.wanted.title for one in self._entries.values()}
            for key in set(circle) & self._entries.keys():
                entry = self._entries.pop(key)
                self._refuse(entry.line, "depends_on", circle_sentence(circle, titles))

    def _refuse(self, line: Line, field: str, reason: str) -> None:
        self.problems.append(Problem(line.number, field, reason))


def _numbered(wanted: TaskFields, numbers: Mapping[int, int]) -> TaskFields:
    waits = sorted(numbers.get(one, one) for one in wanted.depends_on)
    return replace(wanted, depends_on=tuple(waits))


def _waiting(entry: _Entry, keys: tuple[int, ...]) -> _Entry:
    return replace(entry, wanted=replace(entry.wanted, depends_on=keys))


def _is_number(label: str) -> bool:
    return label.isascii() and label.isdecimal()
