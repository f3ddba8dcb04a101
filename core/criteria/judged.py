"""What an area says of a criterion's targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.status import Evidence, Target


@dataclass(frozen=True, slots=True)
class Judged:
    """Targets held against an area's report.

    Attributes:
        evidence: one entry a target.
        sentence: the finding.
        reasons: why it is at risk, or why there is no data.
        settles: what would settle it where it is undecided, or when a number that grows gets there;
            '' otherwise.
    """

    evidence: tuple[Evidence, ...]
    sentence: str
    reasons: tuple[str, ...]
    settles: str
    data_through: datetime | None


Judge = Callable[[Sequence[Target]], Judged]
