"""The lecture on managing ML projects: its first example, a goal and its criteria by quarter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.fields import FieldsError
from core.goals.measures import MEASURES
from core.goals.numbers import read_number
from core.ports import Criterion
from core.status import Target
from tests.fakes import goal as goal_of

Q1, Q2 = date(2026, 3, 31), date(2026, 6, 30)
GOAL: dict[str, Any] = {
    "title": "Fewer “this is spam” complaints by moving newsletters out of the Inbox",
    "problem": "Unimportant letters litter the Inbox",
    "for_whom": "Users, and us",
    "gain_us": "Transformer technology and an embedding of letters",
    "gain_user": "A newsletters folder",
    "starts_on": date(2026, 1, 1),
    "due_on": Q2,
    "key_results": ["Complaints down by 5 % in the A/B test"],
    "parent_goal_id": None,
}


def problems_of(reading: Any, *given: Any) -> dict[str, str]:
    with pytest.raises(FieldsError) as refusal:
        reading(*given)
    return refusal.value.problems


def target(measure: str, value: str, milestone: str = "Q2", due_on: date = Q2) -> Target:
    about = MEASURES[measure]
    read = read_number(value, about.unit, about.example, signed=about.signed)
    assert read.value is not None, read.refused
    return Target(measure, about.operator, read.value, about.unit, milestone, due_on)


def first(measure: str, value: str) -> Target:
    return target(measure, value, "Q1", Q1)


CRITERIA = (
    Criterion("1", "Complaints", "experiment", (target("complaint_lift", "-5 %"),)),
    Criterion(
        "2",
        "99 / 70",
        "quality",
        (
            first("precision", "97 %"),
            first("recall", "50 %"),
            target("precision", "99 %"),
            target("recall", "70 %"),
        ),
    ),
    Criterion("3", "At most 20 ms a letter", "reliability", (target("latency_sli", "99.99 %"),)),
    Criterion(
        "4",
        "1M a minute, 2M at peak",
        "reliability",
        (
            target("mean_rpm", "1M"),
            target("peak_rpm_within_slo", "2M"),
            target("availability", "99.99 %"),
        ),
    ),
    Criterion(
        "5",
        "Trained on 100M letters",
        "training",
        (first("letters_anonymised", "10M"), target("letters_anonymised", "100M")),
    ),
)
LECTURE = replace(goal_of(*CRITERIA, due_on=Q2), key_results=tuple(GOAL["key_results"]))
