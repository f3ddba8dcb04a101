"""What is asked of the training data, and the limits of what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from core.ports import Goal
from core.status import Target
from core.targets import chosen_goal, nearest_targets

#: The measure that a criterion names: letters trained on that are deduplicated and anonymised.
MEASURE = "letters_anonymised"


@dataclass(frozen=True, slots=True)
class Settings:
    """Targets, and the limits of forecast and findings.

    Attributes:
        targets: of every milestone, the first due first; empty where nobody set any.
        nearest: the one that counts now, as the criterion is judged; None where nobody set any.
        increases: how many of the last increases the present pace is taken from.
        horizon: a date further ahead than this is not told.
        unusual: a share that is further than this from what is usual is a finding.
    """

    targets: tuple[Target, ...] = ()
    nearest: Target | None = None
    increases: int = 3
    horizon: timedelta = timedelta(days=3650)
    unusual: Fraction = Fraction(5, 100)

    @classmethod
    def of_goals(cls, goals: Sequence[Goal], today: date) -> Settings:
        """The targets of a service's goal; the nearest milestone's is the one that counts."""
        goal = chosen_goal(goals)
        if goal is None:
            return cls()
        found = [
            target
            for criterion in goal.criteria
            if criterion.area == "training"
            for target in criterion.targets
            if target.measure == MEASURE
        ]
        return cls(
            tuple(sorted(found, key=lambda target: (target.due_on, target.value))),
            nearest_targets(goals, "training", today).get(MEASURE),
        )
