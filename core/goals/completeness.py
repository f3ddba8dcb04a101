"""What a goal lacks: for whom, why, by when, what each side gains, and a measure (SMART, OKR).

A goal without a why, a date or a measure is incomplete. What is missing is said in sentences, each
with the field that would mend it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core import wording
from core.ports.criteria import Goal
from core.status import Operator, Target

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a goal lacks.

    Attributes:
        field: of the goal's form; 'criteria' where it is a criterion or a target.
        what: in a word or two, for a headline.
        sentence: what is missing, and why it matters.
    """

    field: str
    what: str
    sentence: str


def missing(goal: Goal, serves: Goal | None = None) -> tuple[Missing, ...]:
    """What a goal lacks, the gravest first; nothing where it is complete.

    Args:
        goal: which.
        serves: the goal that it is an interim one of, whose interim targets measure it, too.
    """
    found = [
        Missing(field, what, sentence)
        for field, what, sentence in _TEXTS
        if not getattr(goal, field).strip()
    ]
    if not goal.criteria and not _measured_by(goal, serves):
        said = "No criterion measures it: nobody could say whether it was reached."
        found.append(Missing("criteria", "no measure", said))
    for criterion in goal.criteria:
        if not criterion.targets:
            said = f"“{criterion.name}” has no target: nobody could say whether it was reached."
            found.append(Missing("criteria", "a criterion without a target", said))
        late = [target for target in criterion.targets if target.due_on > goal.due_on]
        if late:
            said = (
                f"“{criterion.name}” has a target that is due on "
                f"{wording.long_date(late[0].due_on)}, after the goal itself "
                f"({wording.long_date(goal.due_on)})."
            )
            found.append(Missing("criteria", "a target after the deadline", said))
    if not goal.key_results:
        said = "No key result says what will be true when it is reached."
        found.append(Missing("key_results", "no key results", said))
    found.extend(
        Missing(
            "key_results",
            "a key result without a number",
            f"Key result {number} names no number: {said}",
        )
        for number, said in enumerate(goal.key_results, start=1)
        if not _DIGIT.search(said)
    )
    return tuple(found)


def _measured_by(goal: Goal, serves: Goal | None) -> bool:
    """Whether another goal has targets that are due by this one's end."""
    return serves is not None and any(
        target.due_on <= goal.due_on
        for criterion in serves.criteria
        for target in criterion.targets
    )


#: Texts that a goal needs, the gravest first.
_TEXTS = (
    ("problem", "no why", "No why: which problem does it solve?"),
    ("for_whom", "nobody it is for", "Nobody is named for whom it is."),
    ("gain_user", "no gain for users", "It does not say what users gain."),
    ("gain_us", "no gain for us", "It does not say what we gain."),
)


def harder_before(targets: Sequence[Target]) -> dict[tuple[str, str], str]:
    """Interim targets that ask for more than a later one of the same measure.

    Args:
        targets: of one criterion.

    Returns:
        A sentence for each such target, by its milestone and measure.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> q1 = Target(
    ...     "recall", Operator.AT_LEAST, Decimal("0.8"), "share", "Q1", date(2026, 3, 31)
    ... )
    >>> q2 = Target(
    ...     "recall", Operator.AT_LEAST, Decimal("0.7"), "share", "Q2", date(2026, 6, 30)
    ... )
    >>> harder_before([q1, q2])
    {('Q1', 'recall'): 'Harder than the target of Q2, which comes later.'}
    """
    found: dict[tuple[str, str], str] = {}
    for one in targets:
        for later in targets:
            if later.measure == one.measure and later.due_on > one.due_on and _harder(one, later):
                said = f"Harder than the target of {later.milestone}, which comes later."
                found.setdefault((one.milestone, one.measure), said)
    return found


def _harder(one: Target, other: Target) -> bool:
    if one.operator is not other.operator:
        return False
    if one.operator is Operator.AT_LEAST:
        return one.value > other.value
    return one.value < other.value
