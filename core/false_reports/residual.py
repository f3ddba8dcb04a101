"""Personal details that are likely left in the reports that people see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.ports import Intake
from core.text.residual import missed_share


@dataclass(frozen=True, slots=True)
class Residual:
    """What is likely left after this house's own pass.

    Attributes:
        expected: details that are likely left in all taken reports, by kind.
        per_thousand: the same for 1,000 reports, of all kinds.
    """

    expected: Mapping[str, float]
    per_thousand: float


def residual(intake: Intake) -> Residual | None:
    """Estimate what is left; None where nothing was found that could tell.

    Of a kind that is missed with probability q, about found x q / (1 - q) are left; q is that of
    held-out letters (`core.text.residual`). What is counted as found is what the producers had
    left, so that details which both passes miss for the same reason are not in it.
    """
    if not intake.taken or not any(intake.masked.values()):
        return None
    expected = {
        kind: found * missed_share(kind) / (1 - missed_share(kind))
        for kind, found in intake.masked.items()
    }
    return Residual(expected, 1_000 * sum(expected.values()) / intake.taken)
