"""The lecture's scope matrix, and a plan in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core.ports.plan import EmptyCell, PlanFrame, Task

SERVICE = "mail"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = AT.date()
STAGES = ("Launch: shadow run", "Operation: accidents", "Decommissioning: saving data")
DIRECTIONS = ("Hardware", "Back-end", "Infrastructure", "ML / Logics", "Product features")
#: The lecture's matrix: row by row, '' where it holds nothing.
MATRIX = (
    (
        "buy the machines",
        "new architecture in the inference service",
        "deliver heavy models to production",
        "choose intrinsic metrics",
        "train one product classifier, one for antispam",
    ),
    (
        "behaviour when a datacenter fails",
        "behaviour when the inference service is off",
        "behaviour when a bad model is rolled out",
        "preventive and reactive measures for losing the samples",
        "",
    ),
    ("", "", "save raw data", "save the classifiers' distributions from production", ""),
)


def task(number: int, **changed: Any) -> Task:
    """An open task that is planned for TODAY."""
    return Task(
        **{
            "task_id": number,
            "service": SERVICE,
            "title": f"Task {number}",
            "stage": STAGES[0],
            "direction": DIRECTIONS[0],
            "milestone": "Q1",
            "owner": "Анна",
            "ideal_days": Decimal(1),
            "planned_start": TODAY,
            "planned_end": TODAY,
            "started_on": None,
            "done_on": None,
            "priority": 3,
            "depends_on": (),
            "note": "",
            "created_by": "Анна",
            "created_at": AT,
            "changed_by": "Анна",
            "changed_at": AT,
            **changed,
        }
    )


def lecture() -> tuple[Task, ...]:
    """A task in every cell of the lecture's matrix that is filled."""
    filled = [
        (stage, direction, title)
        for stage, row in zip(STAGES, MATRIX, strict=True)
        for direction, title in zip(DIRECTIONS, row, strict=True)
        if title
    ]
    return tuple(
        task(number, stage=stage, direction=direction, title=title)
        for number, (stage, direction, title) in enumerate(filled, start=1)
    )


def nothing(stage: str, direction: str, reason: str = "No screen shows it") -> EmptyCell:
    """A cell that is meant to be empty."""
    return EmptyCell(1, SERVICE, stage, direction, reason, changed_by="Вера", changed_at=AT)


@dataclass
class MemoryScope:
    """Answers what `core.scope` asks of `core.ports.plan.PlanReader`."""

    held: tuple[Task, ...] = ()
    empty: tuple[EmptyCell, ...] = ()
    drawn: PlanFrame | None = None

    def frame(self, service: str, as_of: datetime) -> PlanFrame:
        """The frame it was given; the lecture's three stages otherwise."""
        return self.drawn or PlanFrame(service, STAGES, DIRECTIONS, revision=1)

    def tasks(self, service: str, as_of: datetime) -> tuple[Task, ...]:
        """All of them."""
        return self.held

    def empty_cells(self, service: str, as_of: datetime) -> tuple[EmptyCell, ...]:
        """All of them."""
        return self.empty


def day(number: int) -> date:
    """A day of June 2026."""
    return date(2026, 6, number)
