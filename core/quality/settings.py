"""What a classifier is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.ports import Goal
from core.status import Operator, Target
from core.targets import nearest_targets

#: The measures of the area that a criterion may name.
MEASURES = ("precision", "recall", "f1", "false_positive_rate")


def _target(measure: str, value: str) -> Target:
    return Target(measure, Operator.AT_LEAST, Decimal(value), "share", "", date.max)


def _ninety_nine_seventy() -> dict[str, Target]:
    return {"precision": _target("precision", "0.99"), "recall": _target("recall", "0.70")}


@dataclass(frozen=True, slots=True)
class Settings:
    """The targets, and how certain a verdict has to be.

    Attributes:
        targets: by measure; 99 % precision at 70 % recall where nobody set any.
        confidence: of every interval.
        promised: somebody set the targets; without, they are a convention and no criterion.
    """

    targets: dict[str, Target] = field(default_factory=_ninety_nine_seventy)
    confidence: float = 0.95
    promised: bool = False

    @classmethod
    def of_goals(cls, goals: Sequence[Goal], today: date) -> Settings:
        """The nearest milestone's targets of a service's goals."""
        found = nearest_targets(goals, "quality", today)
        return cls(_ninety_nine_seventy() | found, promised=bool(found))

    @property
    def precision(self) -> float:
        """The target of precision, a share."""
        return float(self.targets["precision"].value)

    @property
    def recall(self) -> float:
        """The target of recall, a share."""
        return float(self.targets["recall"].value)

    @property
    def name(self) -> str:
        """Both targets as everybody quotes them.

        >>> Settings().name
        '99/70'
        """
        shares = (self.targets[measure].value for measure in ("precision", "recall"))
        return "/".join(f"{(share * 100).normalize():f}" for share in shares)
