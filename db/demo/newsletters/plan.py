"""The plan of the simulated team: two quarters as they went, and what is still ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from sqlalchemy import Engine, text

from core.ports.plan import Iteration, Task
from db.demo.goals import MILESTONES
from db.demo.newsletters.plan_tasks import (
    DMITRI,
    ELENA,
    EMPTY_CELLS,
    FARID,
    FIRST_PLAN,
    Q1,
    Q2,
    SECOND_PLAN,
    SWITCH_OFF,
    TASKS,
    VERA,
    PlannedTask,
)
from db.demo.newsletters.story import SERVICE
from db.team.iterations import add_iteration, record_result
from db.team.milestones import add_milestone, decide, freeze_baseline
from db.team.scope import mark_empty
from db.team.tasks import add_task, change_task

#: When the old model is to be gone, in days after the anchor's.
SWITCH_OFF_DUE = timedelta(days=118)
#: How many people work on each milestone.
HANDS = {Q1: 3, Q2: 3, SWITCH_OFF: 1}


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn of the MVP; days from the anchor's own."""

    title: str
    letters: int
    model: str
    against: str
    measure: str
    wanted: float
    days: tuple[int, int]


TURNS = (
    _Turn("The first slice", 5_000_000, "bert-3", "linear-2", "precision", 0.01, (-119, -92)),
    _Turn("Шестикратный срез", 31_000_000, "bert-4", "bert-3", "recall", 0.01, (-70, -5)),
    _Turn("Twice as many again", 60_000_000, "bert-4-60m", "bert-4", "recall", 0.01, (-19, 8)),
)
#: When the first turn was measured: there are no labels from before this history.
FIRST_RESULT = -104
#: What the team wrote is known by this; somebody else's plan is left alone.
_MARK = "simulated plan"
_LAST = f"{_MARK} decision 2"
_OURS = text("""
    select bool_or(request_id like :mark || '%') as begun, bool_or(request_id = :last) as over
    from (
        select request_id from team.milestone where service = :service
        union all select request_id from team.task where service = :service
        union all select request_id from team.planning_decision where service = :service
    ) as written
    having count(*) > 0""")


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that somebody wrote, in days from the anchor's own."""

    day: int
    write: Callable[[datetime], object]


def seed_plan(app: Engine, anchor: datetime) -> bool:
    """Write the plan in the order in which it came about, unless the service has one already.

    A plan that was cut off is gone on with: what is there is found by its request.

    Args:
        app: the store, as greenlight_app.
        anchor: the moment that days are counted from, UTC.

    Returns:
        Whether it was written.
    """
    with app.connect() as connection:
        asked = {"service": SERVICE, "mark": _MARK, "last": _LAST}
        found = connection.execute(_OURS, asked).one_or_none()
    if found is not None and (found.over or not found.begun):
        return False
    plan = _Plan(app, anchor.astimezone(UTC).date())
    for event in sorted(plan.events(), key=lambda one: one.day):
        event.write(plan.moment(event.day))
    return True


class _Plan:
    """What was written, and when."""

    def __init__(self, app: Engine, today: date) -> None:
        self._app = app
        self._today = today
        self._tasks: dict[str, Task] = {}

    def day(self, days: int) -> date:
        """A day from the anchor's; of a weekend, the Friday before."""
        found = self._today + timedelta(days=days)
        return found - timedelta(days=max(found.weekday() - 4, 0))

    def moment(self, days: int) -> datetime:
        """The evening of a day."""
        return datetime.combine(self._today + timedelta(days=days), time(17), UTC)

    def events(self) -> Iterator[_Event]:
        """Everything; what was written on the same day in the order in which it is told here."""
        for name, due in (*MILESTONES.items(), (SWITCH_OFF, SWITCH_OFF_DUE)):
            yield _Event(FIRST_PLAN, partial(self._milestone, name, self._today + due))
        for number, task in enumerate(TASKS):
            yield _Event(task.written, partial(self._add, number, task))
        for cell in EMPTY_CELLS:
            yield _Event(FIRST_PLAN, partial(self._empty, *cell))
        yield _Event(FIRST_PLAN + 2, partial(self._freeze, "Two quarters", 1))
        yield _Event(SECOND_PLAN + 1, partial(self._freeze, "After the first quarter", 2))
        for task in TASKS:
            if task.first_plan is not None and task.plan is not None:
                yield _Event(task.first_plan[2], partial(self._plan_anew, task, task.plan))
            if task.began is not None:
                yield _Event(task.began, partial(self._begin, task, task.began))
            if task.done is not None:
                yield _Event(task.done, partial(self._finish, task, task.done))
        yield _Event(-3, self._simplify)
        yield _Event(-2, self._extra_hands)  # the last one: it tells that all is written
        yield _Event(FIRST_RESULT, self._first_result)
        for number, turn in enumerate(TURNS, start=1):
            yield _Event(turn.days[0], partial(self._turn, number, turn))

    def _milestone(self, name: str, due_on: date, at: datetime) -> None:
        given = {"name": name, "due_on": due_on, "hands": HANDS[name]}
        request = f"{_MARK} milestone {name}"
        add_milestone(self._app, SERVICE, given, by=DMITRI, at=at, request_id=request)

    def _add(self, number: int, task: PlannedTask, at: datetime) -> None:
        stage, direction = task.cell
        plan = task.plan if task.first_plan is None else task.first_plan[:2]
        given = {
            "title": task.title,
            "stage": stage,
            "direction": direction,
            "milestone": task.milestone,
            "owner": task.owner,
            "ideal_days": task.ideal_days,
            "planned_start": None if plan is None else self.day(plan[0]),
            "planned_end": None if plan is None else self.day(plan[1]),
            "priority": task.priority,
            "depends_on": [self._tasks[key].task_id for key in task.depends_on],
            "note": task.note,
        }
        request, by = f"{_MARK} task {number}", task.owner or DMITRI
        self._tasks[task.key] = add_task(
            self._app, SERVICE, given, by=by, at=at, request_id=request
        )

    def _plan_anew(self, task: PlannedTask, plan: tuple[int, int], at: datetime) -> None:
        days = {"planned_start": self.day(plan[0]), "planned_end": self.day(plan[1])}
        self._change(task, days, at)

    def _begin(self, task: PlannedTask, day: int, at: datetime) -> None:
        self._change(task, {"started_on": self.day(day)}, at)

    def _finish(self, task: PlannedTask, day: int, at: datetime) -> None:
        self._change(task, {"done_on": self.day(day)}, at)

    def _change(self, task: PlannedTask, given: Mapping[str, object], at: datetime) -> None:
        seen = self._tasks[task.key]
        self._tasks[task.key] = change_task(self._app, seen, given, by=task.owner, at=at)

    def _empty(self, stage: str, direction: str, reason: str, at: datetime) -> None:
        given = {"stage": stage, "direction": direction, "reason": reason}
        mark_empty(self._app, SERVICE, given, by=DMITRI, at=at)

    def _freeze(self, name: str, number: int, at: datetime) -> None:
        request = f"{_MARK} baseline {number}"
        freeze_baseline(self._app, SERVICE, {"name": name}, by=DMITRI, at=at, request_id=request)

    def _simplify(self, at: datetime) -> None:
        given = {
            "milestone": Q2,
            "kind": "simplify",
            "task_id": self._tasks["product"].task_id,
            "what": "simulated: ten categories of products instead of forty",
            "who": VERA,
        }
        self._decide(given, 1, at)

    def _extra_hands(self, at: datetime) -> None:
        given = {
            "milestone": Q2,
            "kind": "extra_hands",
            "what": "simulated: команда антиспама даёт человека на две недели для учений",
            "who": FARID,
        }
        self._decide(given, 2, at)

    def _decide(self, given: Mapping[str, object], number: int, at: datetime) -> None:
        request = f"{_MARK} decision {number}"
        decide(self._app, SERVICE, given, by=DMITRI, at=at, request_id=request)

    def _turn(self, number: int, turn: _Turn, at: datetime) -> Iteration:
        given = {
            "title": turn.title,
            "data_slice": f"{turn.letters // 1_000_000}M of 100M letters",
            "letters": turn.letters,
            "letters_of": 100_000_000,
            "model_version": turn.model,
            "against_version": turn.against,
            "measure": turn.measure,
            "wanted_delta": turn.wanted,
            "starts_on": self.day(turn.days[0]),
            "ends_on": self.day(turn.days[1]),
        }
        request = f"{_MARK} iteration {number}"
        return add_iteration(self._app, SERVICE, given, by=ELENA, at=at, request_id=request)

    def _first_result(self, at: datetime) -> None:
        found = {
            "result_delta": 0.01,
            "result_on": self.day(FIRST_RESULT),
            "result_source": "simulated: run-001, a hold-out of 20,000 letters",
        }
        record_result(self._app, self._turn(1, TURNS[0], at), found, by=ELENA, at=at)
