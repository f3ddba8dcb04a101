"""What may change in a definition, and when.

A definition is fixed before its experiment starts. After that, what the verdict rests on stays as
it is, and the rest changes with a reason that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.experiment.definition import FIELDS, DefinitionError, as_fields
from core.ports import ExperimentDefinition

#: What stays as it is once an experiment has started: its verdict rests on it.
FIXED = (
    "variants",
    "control",
    "starts_on",
    "minimum_days",
    "primary",
    "s_plan",
    "assumption",
)
#: What may change after the start, as an amendment with a reason.
AMENDABLE = ("planned_days", "guardrails", "stopped_on", "note")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that two definitions differ in, with its plain values."""

    field: str
    before: Any
    after: Any

    @property
    def sentence(self) -> str:
        """What it was and what it became.

        >>> Change("planned_days", 28, 35).sentence
        'planned_days was 28 and is now 35.'
        """
        return f"{self.field} was {_said(self.before)} and is now {_said(self.after)}."


def is_started(definition: ExperimentDefinition, today: date) -> bool:
    """Whether the first day of an experiment has begun, UTC."""
    return definition.starts_on <= today


def changes(before: ExperimentDefinition, after: ExperimentDefinition) -> tuple[Change, ...]:
    """The fields that two definitions differ in."""
    old, new = as_fields(before), as_fields(after)
    return tuple(
        Change(field, old[field], new[field]) for field in FIELDS if old[field] != new[field]
    )


def check_change(
    before: ExperimentDefinition, after: ExperimentDefinition, today: date
) -> tuple[Change, ...]:
    """What a change of a definition changes, if it is one that may be made.

    Raises:
        DefinitionError: it changes what is fixed, by the name or by the start of the experiment.
    """
    found = changes(before, after)
    problems = {
        change.field: f"Is what the experiment is known by, and stays {_said(change.before)}."
        for change in found
        if change.field in {"service", "experiment"}
    }
    if is_started(before, today):
        problems |= {
            change.field: f"Has been fixed since the start on {before.starts_on}, and stays "
            f"{_said(change.before)}. Define another experiment to measure something else."
            for change in found
            if change.field in FIXED
        }
        changed = {change.field for change in found}
        so_far = (today - before.starts_on).days
        if "planned_days" in changed and after.planned_days < min(so_far, before.planned_days):
            problems["planned_days"] = (
                f"Must be at least {min(so_far, before.planned_days)}, the days that are over: "
                "whoever has seen the results does not choose which of them count."
            )
    if after.stopped_on is not None and after.stopped_on > today:
        problems["stopped_on"] = f"Must not be after today, {today}."
    if problems:
        raise DefinitionError(problems)
    return found


def _said(value: Any) -> str:
    """A plain value of a field as a sentence carries it."""
    match value:
        case None | "" | []:
            return "empty"
        case list():
            return "; ".join(_said(entry) for entry in value)
        case dict():
            return " ".join(str(part) for part in value.values())
        case _:
            return str(value)
