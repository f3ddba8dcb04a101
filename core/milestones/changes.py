"""What people say of a plan beyond its tasks: milestones, baselines, decisions, iterations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from core.fields import Fields, FieldsError
from core.ports.plan import DECISIONS, ITERATION_MEASURES, PlanFrame

MOST_HANDS = 100
#: More rows or columns are no matrix that anybody reads.
MOST_NAMES = 50
MOST_LETTERS = 10**15


@dataclass(frozen=True, slots=True)
class MilestoneFields:
    """What people say of a milestone; see `core.ports.plan.PlannedMilestone`."""

    name: str
    due_on: date
    hands: int
    note: str


@dataclass(frozen=True, slots=True)
class BaselineFields:
    """Under which name a plan is frozen, and why."""

    name: str
    note: str


@dataclass(frozen=True, slots=True)
class DecisionFields:
    """What was decided where a plan did not fit; see `core.ports.plan.PlanningDecision`."""

    milestone: str
    kind: str
    task_id: int | None
    what: str
    who: str
    decided_on: date


@dataclass(frozen=True, slots=True)
class IterationFields:
    """What is planned for a turn of the MVP; see `core.ports.plan.Iteration`."""

    title: str
    data_slice: str
    letters: int | None
    letters_of: int | None
    model_version: str
    against_version: str
    measure: str
    wanted_delta: Decimal
    starts_on: date
    ends_on: date
    note: str


@dataclass(frozen=True, slots=True)
class ResultFields:
    """What a turn of the MVP measured outside of this store, and where that is kept."""

    result_delta: Decimal
    result_on: date
    result_source: str


@dataclass(frozen=True, slots=True)
class FrameFields:
    """The rows and columns of a scope matrix."""

    stages: tuple[str, ...]
    directions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellFields:
    """A cell that is meant to hold nothing, and why."""

    stage: str
    direction: str
    reason: str


def parse_milestone(
    given: Mapping[str, object], promised: Mapping[str, date] | None = None
) -> MilestoneFields:
    """Read the fields of a milestone.

    Args:
        given: those of MilestoneFields by name.
        promised: when the milestones of the goal's targets are due: theirs is not set here.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = _form(given, MilestoneFields)
    name, due_on = form.name("name"), form.day("due_on")
    hands = form.whole("hands", 1, MOST_HANDS) if form.has("hands") else 1
    note = form.text("note")
    due = (promised or {}).get(name or "")
    if due is not None and due_on is not None and due_on != due:
        form.refuse("due_on", f"Its targets are due on {due.isoformat()}: change them there.")
    if form.problems or name is None or due_on is None or hands is None:
        raise FieldsError(form.problems)
    return MilestoneFields(name, due_on, hands, note)


def parse_baseline(given: Mapping[str, object]) -> BaselineFields:
    """Read the fields of a baseline: those of BaselineFields.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = _form(given, BaselineFields)
    name, note = form.name("name"), form.text("note")
    if form.problems or name is None:
        raise FieldsError(form.problems)
    return BaselineFields(name, note)


def parse_decision(
    given: Mapping[str, object], milestones: Collection[str], today: date
) -> DecisionFields:
    """Read the fields of a planning decision: without what and who it is none.

    Args:
        given: those of DecisionFields by name; task_id may be missing, and decided_on is today if
            it is.
        milestones: the names of those that there are.
        today: the day.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = _form(given, DecisionFields)
    milestone, kind = form.name("milestone", milestones), form.name("kind", DECISIONS)
    task_id = form.whole("task_id", 1, 2**53) if form.has("task_id") else None
    what = form.text("what")
    if not what:
        form.refuse("what", "Is missing: what gets simpler, or what will the extra hands do?")
    if not form.has("who"):
        form.refuse("who", "Is missing: who does it?")
    who = form.name("who")
    decided_on = form.day("decided_on") if form.has("decided_on") else today
    if decided_on is not None and decided_on > today:
        form.refuse("decided_on", "Must not lie ahead.")
    if form.problems or milestone is None or kind is None or who is None or decided_on is None:
        raise FieldsError(form.problems)
    return DecisionFields(milestone, kind, task_id, what, who, decided_on)


def parse_iteration(given: Mapping[str, object]) -> IterationFields:
    """Read the fields of a turn of the MVP.

    Args:
        given: those of IterationFields by name; wanted_delta is of 1; letters and letters_of may be
            missing.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = _form(given, IterationFields)
    title, data_slice = form.name("title"), form.name("data_slice")
    letters = form.whole("letters", 1, MOST_LETTERS) if form.has("letters") else None
    letters_of = form.whole("letters_of", 1, MOST_LETTERS) if form.has("letters_of") else None
    if letters_of is not None and letters is None:
        form.refuse("letters", "Is missing: how many letters of those?")
    if letters is not None and letters_of is not None and letters > letters_of:
        form.refuse("letters", f"Must be at most those there are, {letters_of}.")
    model, against = form.name("model_version"), form.name("against_version")
    if model is not None and model == against:
        form.refuse("against_version", "Must be another model: a difference is between two.")
    measure, delta = form.name("measure", ITERATION_MEASURES), _delta(form, "wanted_delta")
    starts_on, ends_on = form.day("starts_on"), form.day("ends_on")
    if starts_on is not None and ends_on is not None and ends_on <= starts_on:
        form.refuse("ends_on", "Must lie after the start.")
    note = form.text("note")
    if (
        form.problems
        or title is None
        or data_slice is None
        or model is None
        or against is None
        or measure is None
        or delta is None
        or starts_on is None
        or ends_on is None
    ):
        raise FieldsError(form.problems)
    return IterationFields(
        title,
        data_slice,
        letters,
        letters_of,
        model,
        against,
        measure,
        delta,
        starts_on,
        ends_on,
        note,
    )


def parse_result(given: Mapping[str, object], today: date) -> ResultFields:
    """Read what a turn of the MVP measured: the fields of ResultFields, result_delta of 1.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = _form(given, ResultFields)
    delta, day = _delta(form, "result_delta"), form.day("result_on")
    if day is not None and day > today:
        form.refuse("result_on", "Must not lie ahead.")
    if not form.has("result_source"):
        form.refuse("result_source", "Is missing: on what was it measured, and where is that kept?")
    source = form.name("result_source")
    if form.problems or delta is None or day is None or source is None:
        raise FieldsError(form.problems)
    return ResultFields(delta, day, source)


def parse_frame(given: Mapping[str, object]) -> FrameFields:
    """Read the rows and columns of a scope matrix: lists of names.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = _form(given, FrameFields)
    found = []
    for field in ("stages", "directions"):
        names = form.names(field)
        if not names:
            form.refuse(field, "Is missing.")
        elif len(names) > MOST_NAMES:
            form.refuse(field, f"Must be at most {MOST_NAMES} names, and is {len(names)}.")
        found.append(names)
    if form.problems:
        raise FieldsError(form.problems)
    return FrameFields(*found)


def parse_cell(given: Mapping[str, object], frame: PlanFrame) -> CellFields:
    """Read why a cell is meant to hold nothing: the fields of CellFields.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = _form(given, CellFields)
    stage = form.name("stage", frame.stages)
    direction = form.name("direction", frame.directions)
    reason = form.text("reason")
    if not reason:
        form.refuse("reason", "Is missing: why does this cell hold nothing?")
    if form.problems or stage is None or direction is None:
        raise FieldsError(form.problems)
    return CellFields(stage, direction, reason)


def _form(given: Mapping[str, object], kind: type[Any]) -> Fields:
    form = Fields(given)
    form.refuse_unknown([one.name for one in fields(kind)])
    return form


def _delta(form: Fields, field: str) -> Decimal | None:
    number = form.number(field)
    if number is None:
        return None
    if not -1 <= number <= 1:
        form.refuse(field, f"Must be a difference of shares from -1 to 1, and is {number:g}.")
        return None
    return Decimal(repr(number))
