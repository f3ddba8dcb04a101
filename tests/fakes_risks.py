"""A reader of risks from values in memory, and ways to write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.ports.risks import Ranked, RedLine, Risk
from core.risks import AreaEvidence, EvidenceOf
from tests.fakes import SERVICE

TODAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
P999 = "reliability.percentiles.p99.9"
#: The red line of the examples: crossed above 20 ms.
LINE = RedLine(None, P999, ">", 20.0, "30d")


def form(**changed: Any) -> dict[str, Any]:
    """The fields of a risk as somebody fills them in: frequent and destructive, with everything."""
    return {
        "title": "The servers come late",
        "probability": 3,
        "consequence": 3,
        "owner": "Борис",
        "prevention": "Order now",
        "mitigation": "Train on half of the letters",
        "plan_b": "Rent machines",
        "line_due_on": "2026-07-01",
        "review_on": "2026-06-15",
        **changed,
    }


def risk(number: int = 1, probability: int = 3, consequence: int = 3, **changed: Any) -> Risk:
    """A risk about which nothing but its rank and owner is written."""
    return Risk(
        **{
            "risk_id": number,
            "service": SERVICE,
            "title": f"Risk {number}",
            "task": "",
            "statement": "",
            "milestone_id": "",
            "task_id": "",
            "probability": probability,
            "consequence": consequence,
            "owner": "Борис",
            "prevention": "",
            "mitigation": "",
            "plan_b": "",
            "line": None,
            "plan_b_opened_at": None,
            "plan_b_value": None,
            "plan_b_why": "",
            "plan_b_ended_at": None,
            "plan_b_result": "",
            "review_on": TODAY + 14 * DAY,
            "reviewed_at": None,
            "reviewed_by": "",
            "accepted": False,
            "approver": "",
            "accepted_on": None,
            "closed_at": None,
            "closed_why": "",
            "created_by": "Анна",
            "created_at": NOON - 30 * DAY,
            **changed,
        }
    )


def ranked(number: int, days: int, probability: int, consequence: int, **changed: Any) -> Ranked:
    """A rank since so many days before or after NOON."""
    values = {"by": "Анна", "closed": False, **changed}
    return Ranked(
        number, NOON + days * DAY, values["by"], probability, consequence, values["closed"]
    )


def evidence_of(values: Mapping[str, Any] | None = None, **changed: Any) -> EvidenceOf:
    """Evidence of reliability; every other area is not known."""
    known = {"percentiles": {"p99": 9.0, "p99.9": 18.5}, "letters": 600_000, "silent": ["dc1/a"]}

    def found(area: str, window: str) -> AreaEvidence:
        if area != "reliability":
            return AreaEvidence({}, why=f"{area} cannot be read")
        return AreaEvidence(known if values is None else values, **changed)

    return found


@dataclass
class MemoryRisks:
    """Fulfils `core.ports.risks.RiskReader` from what it is given."""

    known: tuple[Risk, ...] = ()
    went: tuple[Ranked, ...] = ()

    def risks(self, service: str, as_of: datetime) -> tuple[Risk, ...]:
        """All of them."""
        return self.known

    def ranks(self, service: str, as_of: datetime) -> tuple[Ranked, ...]:
        """All of them."""
        return self.went
