"""What people fill in of a goal, its criteria and their targets: read, every wrong field named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.fields import Fields, FieldsError
from core.goals.measures import AREAS, MEASURES, WINDOWED, of_area
from core.goals.numbers import read_number
from core.ports.criteria import Criterion, Goal, KeptTarget
from core.status import Operator, Target
from core.timeframe import Window

GOAL_FIELDS = (
    "title",
    "problem",
    "for_whom",
    "gain_us",
    "gain_user",
    "starts_on",
    "due_on",
    "key_results",
    "parent_goal_id",
)
CRITERION_FIELDS = ("name", "area", "window")
TARGET_FIELDS = ("measure", "operator", "value", "milestone", "due_on")
MOST_KEY_RESULTS = 10


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal as somebody filled it in."""

    title: str
    problem: str
    for_whom: str
    gain_us: str
    gain_user: str
    starts_on: date
    due_on: date
    key_results: tuple[str, ...]
    parent_goal_id: str | None


@dataclass(frozen=True, slots=True)
class CriterionDraft:
    """A criterion as somebody filled it in; window None is the reader's."""

    name: str
    area: str
    window: Window | None


def parse_goal(
    given: Mapping[str, object], goals: Sequence[Goal], goal_id: str | None = None
) -> GoalDraft:
    """Read the fields of a goal.

    A goal without a why, without anybody it is for or without a date is refused. Its measure is a
    criterion, which is added to it afterwards; until then `core.goals.completeness` says so.

    Args:
        given: GOAL_FIELDS by name; the key results are a list of lines.
        goals: of the same service: one of them may be the goal that it serves.
        goal_id: the goal that is changed; None for a new one.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(GOAL_FIELDS)
    title = form.name("title")
    texts = {field: form.text(field) for field in ("problem", "for_whom", "gain_us", "gain_user")}
    if not texts["problem"]:
        form.refuse("problem", "Is missing: a goal without a why is no goal.")
    if not texts["for_whom"]:
        form.refuse("for_whom", "Is missing: for whom is it?")
    starts_on, due_on = form.day("starts_on"), form.day("due_on")
    if starts_on is not None and due_on is not None and due_on <= starts_on:
        form.refuse("due_on", "Must be after the day on which it starts.")
    key_results = form.names("key_results")
    if len(key_results) > MOST_KEY_RESULTS:
        form.refuse("key_results", f"At most {MOST_KEY_RESULTS}; more of them is a list of tasks.")
    parent = form.name("parent_goal_id") if form.has("parent_goal_id") else None
    if parent is not None:
        known = {goal.goal_id: goal for goal in goals}
        if parent not in known:
            form.refuse("parent_goal_id", "There is no such goal.")
        elif goal_id is not None and goal_id in _line_above(parent, known):
            form.refuse("parent_goal_id", "A goal cannot serve itself.")
    if form.problems or title is None or starts_on is None or due_on is None:
        raise FieldsError(form.problems)
    return GoalDraft(
        title,
        starts_on=starts_on,
        due_on=due_on,
        key_results=key_results,
        parent_goal_id=parent,
        **texts,
    )


def parse_criterion(given: Mapping[str, object], seen: Criterion | None = None) -> CriterionDraft:
    """Read the fields of a criterion.

    Args:
        given: CRITERION_FIELDS by name; the window is a text such as '30d', or '' for the
            reader's.
        seen: the criterion that is changed; None for a new one. One with targets keeps its area,
            since their measures are of it.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(CRITERION_FIELDS)
    name, area = form.name("name"), form.name("area", AREAS)
    window = None
    if form.has("window"):
        try:
            window = Window.parse(str(given["window"]))
        except ValueError:
            form.refuse("window", "Must be a number and m, h or d up to 400d, such as 30d.")
    if window is not None and area is not None and area not in WINDOWED:
        form.refuse("window", f"{AREAS[area]} looks back over no window: leave this empty.")
    if seen is not None and seen.targets and area is not None and area != seen.area:
        form.refuse(
            "area", f"Its targets are of {AREAS.get(seen.area, seen.area)}: remove them first."
        )
    if form.problems or name is None or area is None:
        raise FieldsError(form.problems)
    return CriterionDraft(name, area, window)


def parse_target(
    given: Mapping[str, object],
    criterion: Criterion,
    targets: Sequence[KeptTarget],
    seen: KeptTarget | None = None,
) -> Target:
    """Read the fields of a target; its unit is its measure's.

    Args:
        given: TARGET_FIELDS by name; the value as it was typed, see `read_number`; due_on may be
            left out where other targets name the milestone.
        criterion: whose.
        targets: of the whole service: a milestone is due on one day, and a measure has one target
            at it.
        seen: the target that is changed; None for a new one.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named. A measure that no report
            has is refused with the list of those that there are.
    """
    form = Fields(given)
    form.refuse_unknown(TARGET_FIELDS)
    offered = [measure.name for measure in of_area(criterion.area)]
    name = form.name("measure")
    if name is not None and name not in offered:
        form.refuse(
            "measure",
            f"No report of {AREAS.get(criterion.area, criterion.area)} has {name!r}; it has "
            f"{', '.join(offered) or 'nothing'}.",
        )
    operator = form.name("operator", [one.value for one in Operator])
    measure = MEASURES.get(name or "") if name in offered else None
    if measure is not None and operator is not None and operator != measure.operator.value:
        good, wanted = (
            ("high", "at least (>=)")
            if measure.operator is Operator.AT_LEAST
            else ("low", "at most (<=)")
        )
        form.refuse(
            "operator",
            f"{measure.label.capitalize()} is good where it is {good}: its target is {wanted}.",
        )
    value = None
    typed = form.name("value")
    if typed is not None and measure is not None:
        value, refused = read_number(typed, measure.unit, measure.example, signed=measure.signed)
        if refused:
            form.refuse("value", refused)
    milestone = form.name("milestone")
    there = [
        one
        for one in targets
        if one.target.milestone == milestone and (seen is None or one.target_id != seen.target_id)
    ]
    days = {one.target.due_on for one in there}
    due_on = min(days) if days and not form.has("due_on") else form.day("due_on")
    if due_on is not None and days and due_on not in days:
        form.refuse("due_on", f"Other targets of {milestone} are due on {min(days)}.")
    ours = [one.target for one in there if one.criterion_id == criterion.criterion_id]
    if any(one.measure == name for one in ours):
        form.refuse("measure", f"Has a target at {milestone} already: change that one.")
    if form.problems or measure is None or value is None or milestone is None or due_on is None:
        raise FieldsError(form.problems)
    return Target(measure.name, measure.operator, value, measure.unit, milestone, due_on)


def _line_above(goal_id: str, known: Mapping[str, Goal]) -> set[str]:
    """A goal and all that it serves."""
    found: set[str] = set()
    at: str | None = goal_id
    while at is not None and at in known and at not in found:
        found.add(at)
        at = known[at].parent_goal_id
    return found
