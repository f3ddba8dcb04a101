"""Tasks as people write them down, change them and do them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from core.fields import FieldsError
from core.milestones.graph import cycle_in
from core.milestones.task_fields import (
    Allowed,
    TaskFields,
    circle_sentence,
    parse_task,
    said_of,
)
from core.ports.plan import Task
from db.readers.milestones import SqlPlanReader
from db.team.audit import NotNowError, acting
from db.team.plan_rows import NOW, TASKS, known_milestones, one_at_a_time


def add_task(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Task:
    """Write down a task.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.milestones.task_fields.parse_task`.
        by: who writes it down.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
    """
    with acting(engine, by, at, request_id) as connection:
        done = TASKS.of_request(connection, service, request_id)
        if done:
            return done[0]
        one_at_a_time(connection, service)
        wanted = parse_task(given, allowed(connection, service, at))
        tasks = stored_tasks(connection, service)
        refuse_wrong_order(tasks, None, wanted)
        return add_parsed(connection, service, wanted, by=by, at=at, request_id=request_id)


def change_task(
    engine: Engine, seen: Task, given: Mapping[str, object], *, by: str, at: datetime
) -> Task:
    """Change a task: any of its fields; those left out stay as they were seen.

    Args:
        engine: the store, as greenlight_app.
        seen: as it was seen.
        given: the fields of a form.
        by: who changes it.
        at: now.

    Raises:
        FieldsError: a field is wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        one_at_a_time(connection, seen.service)
        whole = {**as_given(seen), **given}
        wanted = parse_task(whole, allowed(connection, seen.service, at, seen))
        refuse_wrong_order(stored_tasks(connection, seen.service), seen.task_id, wanted)
        return TASKS.change(connection, seen, asdict(wanted), by=by, at=at)


def complete_task(engine: Engine, seen: Task, done_on: date, *, by: str, at: datetime) -> Task:
    """Say on which day a task was done. Said twice, the first counts.

    Raises:
        FieldsError: the day lies ahead, or before that on which it was started.
        ConflictError: somebody else has changed it since it was seen.
    """
    if seen.done_on is not None:
        return seen
    return change_task(engine, seen, {"done_on": done_on}, by=by, at=at)


def reopen_task(engine: Engine, seen: Task, *, by: str, at: datetime) -> Task:
    """Say that a task is not done after all.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    return change_task(engine, seen, {"done_on": None}, by=by, at=at)


def remove_task(engine: Engine, seen: Task, *, by: str, at: datetime) -> None:
    """Take a task out of the plan; its row and its history stay.

    Raises:
        NotNowError: open tasks depend on it.
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        one_at_a_time(connection, seen.service)
        waiting = [
            task.title
            for task in stored_tasks(connection, seen.service).values()
            if seen.task_id in task.depends_on
        ]
        if waiting:
            raise NotNowError(f"Other tasks depend on it: {', '.join(waiting)}.")
        TASKS.remove(connection, seen, by=by, at=at)


def allowed(
    connection: Connection, service: str, at: datetime, seen: Task | None = None
) -> Allowed:
    """What the fields of a service's tasks may name; a task may keep the cell that it is in."""
    names = tuple(one.name for one in known_milestones(connection, service))
    found = Allowed(SqlPlanReader(connection).frame(service, NOW), names, at.date())
    return found if seen is None else found.with_cell(seen.stage, seen.direction)


def stored_tasks(connection: Connection, service: str) -> dict[int, Task]:
    """The tasks of a service as they stand now, by id."""
    return {task.task_id: task for task in SqlPlanReader(connection).tasks(service, NOW)}


def as_given(task: Task) -> dict[str, object]:
    """A task as a form would give it."""
    said = asdict(said_of(task))
    return said | {"ideal_days": float(task.ideal_days)}


def refuse_wrong_order(tasks: Mapping[int, Task], task_id: int | None, wanted: TaskFields) -> None:
    """Refuse prerequisites that are not there, and circles.

    Args:
        tasks: the service's, by id.
        task_id: of the task that is changed; None for a new one, on which nothing depends yet.
        wanted: what it is to say.

    Raises:
        FieldsError: of field depends_on.
    """
    unknown = [str(one) for one in wanted.depends_on if one not in tasks]
    if unknown:
        raise FieldsError({"depends_on": f"There is no task {', '.join(unknown)}."})
    if task_id is None:
        return
    edges = {one: task.depends_on for one, task in tasks.items()}
    circle = cycle_in(edges | {task_id: wanted.depends_on})
    if circle:
        titles = {one: task.title for one, task in tasks.items()} | {task_id: wanted.title}
        raise FieldsError({"depends_on": circle_sentence(circle, titles)})


def add_parsed(
    connection: Connection,
    service: str,
    wanted: TaskFields,
    *,
    by: str,
    at: datetime,
    request_id: str,
    position: int = 0,
) -> Task:
    """Store a task whose fields are right."""
    values = {
        **asdict(wanted),
        "created_by": by.strip(),
        "created_at": at,
        "position": position,
    }
    return TASKS.add(connection, service, values, by=by, at=at, request_id=request_id)
