"""Goals with all that belongs to them, from memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.ports.criteria import BusinessMetric, GoalNode, KeptTarget, WrittenChange
from tests.fakes import FakeGoalReader


@dataclass(frozen=True)
class FakeGoalPageReader(FakeGoalReader):
    """Fulfils `core.ports.criteria.GoalPageReader`."""

    below: Sequence[GoalNode] = ()
    business: Sequence[BusinessMetric] = ()
    logged: Sequence[WrittenChange] = ()

    def targets(self, service: str, as_of: datetime | None = None) -> tuple[KeptTarget, ...]:
        """The targets of the goals' criteria."""
        found: list[KeptTarget] = [
            KeptTarget(0, criterion.criterion_id, service, target)
            for goal in self.goals(service, as_of)
            for criterion in goal.criteria
            for target in criterion.targets
        ]
        return tuple(found)

    def nodes(self, service: str, as_of: datetime | None = None) -> tuple[GoalNode, ...]:
        """The nodes below all goals."""
        return tuple(one for one in self.below if one.service == service)

    def business_metrics(
        self, service: str, as_of: datetime | None = None
    ) -> tuple[BusinessMetric, ...]:
        """Business metrics."""
        return tuple(one for one in self.business if one.service == service)

    def changes(self, service: str, as_of: datetime, most: int) -> tuple[WrittenChange, ...]:
        """The newest changes."""
        found = [one for one in self.logged if one.at <= as_of]
        return tuple(found[:most])
