"""The fields of a task, as a form or a line of a file has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

from core.fields import Fields, FieldsError
from core.ports.plan import PlanFrame, Task

FIRST, LAST = 1, 5
#: The priority of a task of which nobody said anything.
ORDINARY = 3
#: More is a milestone of its own, not a task.
MOST_DAYS = 1000


@dataclass(frozen=True, slots=True)
class TaskFields:
    """What people say of a task; see `core.ports.plan.Task`."""

    title: str
    stage: str
    direction: str
    milestone: str
    owner: str
    ideal_days: Decimal
    planned_start: date | None
    planned_end: date | None
    started_on: date | None
    done_on: date | None
    priority: int
    depends_on: tuple[int, ...]
    note: str


TASK_FIELDS = tuple(field.name for field in fields(TaskFields))


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the fields of a service's tasks may name.

    Attributes:
        milestones: the names of the milestones that there are.
        today: what is done was done by then.
    """

    frame: PlanFrame
    milestones: tuple[str, ...]
    today: date

    def with_cell(self, stage: str, direction: str) -> Allowed:
        """The same, with a cell that the frame may have lost since a task was put there."""
        stages = tuple(dict.fromkeys([*self.frame.stages, stage]))
        directions = tuple(dict.fromkeys([*self.frame.directions, direction]))
        return replace(self, frame=replace(self.frame, stages=stages, directions=directions))


def said_of(task: Task) -> TaskFields:
    """What people said of a stored task."""
    return TaskFields(**{name: getattr(task, name) for name in TASK_FIELDS})


def parse_task(given: Mapping[str, object], allowed: Allowed) -> TaskFields:
    """Read the fields of a task.

    Args:
        given: TASK_FIELDS by name; ideal_days a number, depends_on a list of ids. Milestone, owner,
            days, priority, depends_on and note may be missing.
        allowed: what they may name.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(TASK_FIELDS)
    title = form.name("title")
    stage = form.name("stage", allowed.frame.stages)
    direction = form.name("direction", allowed.frame.directions)
    milestone = _milestone(form, allowed.milestones)
    owner = form.name("owner") if form.has("owner") else ""
    ideal_days = _ideal_days(form)
    start, end = _optional_day(form, "planned_start"), _optional_day(form, "planned_end")
    started, done = _optional_day(form, "started_on"), _optional_day(form, "done_on")
    priority = form.whole("priority", FIRST, LAST) if form.has("priority") else ORDINARY
    depends_on = _ids(form, given.get("depends_on"))
    note = form.text("note")
    _refuse_days(form, allowed.today, planned=bool(milestone))
    if (
        form.problems
        or title is None
        or stage is None
        or direction is None
        or milestone is None
        or owner is None
        or ideal_days is None
        or priority is None
    ):
        raise FieldsError(form.problems)
    return TaskFields(
        title,
        stage,
        direction,
        milestone,
        owner,
        ideal_days,
        start,
        end,
        started,
        done,
        priority,
        depends_on,
        note,
    )


def circle_sentence(circle: Iterable[int], titles: Mapping[int, str]) -> str:
    """What is said of tasks that would wait for each other in a circle."""
    names = " → ".join(titles.get(one, str(one)) for one in circle)
    return f"These tasks would wait for each other in a circle: {names}."


def _milestone(form: Fields, known: Collection[str]) -> str | None:
    if not form.has("milestone"):
        return ""
    found = form.name("milestone")
    if found is not None and found not in known:
        there = f"there are {', '.join(known)}" if known else "there are none yet"
        form.refuse("milestone", f"There is no such milestone; {there}.")
        return None
    return found


def _ideal_days(form: Fields) -> Decimal | None:
    number = form.number("ideal_days")
    if number is None:
        return None
    found = Decimal(repr(number))
    if not 0 < found <= MOST_DAYS or found != round(found, 2):
        form.refuse(
            "ideal_days",
            f"Must be above 0 and at most {MOST_DAYS} days, with two decimals at most, "
            f"and is {number:g}.",
        )
        return None
    return found


def _optional_day(form: Fields, field: str) -> date | None:
    return form.day(field) if form.has(field) else None


def _ids(form: Fields, given: object) -> tuple[int, ...]:
    if given is None:
        return ()
    if not isinstance(given, list | tuple) or not all(
        isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in given
    ):
        form.refuse("depends_on", "Must be a list of numbers of tasks.")
        return ()
    return tuple(sorted(set(given)))


def _refuse_days(form: Fields, today: date, *, planned: bool) -> None:
    def day(field: str) -> date | None:
        return form.day(field) if form.has(field) and field not in form.problems else None

    start, end = day("planned_start"), day("planned_end")
    for one, other in (("planned_start", "planned_end"), ("planned_end", "planned_start")):
        if form.has(other) and not form.has(one):
            form.refuse(one, f"Is missing: there is a {other.replace('_', ' ')}.")
        if planned and not form.has(one):
            form.refuse(one, "Is missing: a task of a milestone has planned days.")
    if start is not None and end is not None and end < start:
        form.refuse("planned_end", "Must not lie before the planned start.")
    started, done = day("started_on"), day("done_on")
    for field, when in (("started_on", started), ("done_on", done)):
        if when is not None and when > today:
            form.refuse(field, "Must not lie ahead.")
    if started is not None and done is not None and done < started:
        form.refuse("done_on", "Must not lie before the day on which it was started.")
