"""What `core.risks` asks of a store: risks as they were at a moment, and how their ranks went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RedLine:
    """A day, or a measure's value, whose crossing opens plan B.

    Attributes:
        due_on: the last day that is still in time; None for a measure.
        path: of the measure, as `cli.py evidence` prints it after its area, e.g.
            'reliability.percentiles.p99.9'; '' for a day.
        operator: one of `core.risks.OPERATORS`; crossed where `measure operator value` holds.
        value: what the measure is held against; None for a day.
        window: over which the area's report is made, e.g. '6h'; '' for a day.
    """

    due_on: date | None = None
    path: str = ""
    operator: str = ""
    value: float | None = None
    window: str = ""


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that may go wrong (team.risk).

    Attributes:
        task: what is to go well; '' where nobody said.
        statement: what must or must not happen, of which the risk is the negation; '' for a risk
            that was written down by itself.
        milestone_id: the milestone that it endangers; '' for none. So is task_id.
        probability: 1 to 3, see `core.risks.PROBABILITIES`.
        consequence: 1 to 3, see `core.risks.CONSEQUENCES`.
        owner: who answers for it; never empty.
        line: the red line; None where none is drawn.
        plan_b_opened_at: when the red line was found crossed; None while it never was.
        plan_b_value: of the measure then; None for a day.
        plan_b_why: that, as a sentence.
        plan_b_ended_at: when plan B was over; None while it runs, or never began.
        review_on: when it is to be looked at again.
        accepted: somebody lives with it. From rank 4 on there is an approver and a day.
        closed_at: since when it is no risk any more; None while it is one.
        revision: grows with every change, for optimistic locking.
    """

    risk_id: int
    service: str
    title: str
    task: str
    statement: str
    milestone_id: str
    task_id: str
    probability: int
    consequence: int
    owner: str
    prevention: str
    mitigation: str
    plan_b: str
    line: RedLine | None
    plan_b_opened_at: datetime | None
    plan_b_value: float | None
    plan_b_why: str
    plan_b_ended_at: datetime | None
    plan_b_result: str
    review_on: date
    reviewed_at: datetime | None
    reviewed_by: str
    accepted: bool
    approver: str
    accepted_on: date | None
    closed_at: datetime | None
    closed_why: str
    created_by: str
    created_at: datetime
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None

    @property
    def rank(self) -> int:
        """Probability x consequence: 1, 2, 3, 4, 6 or 9; 5, 7 and 8 cannot occur."""
        return self.probability * self.consequence

    @property
    def plan_b_is_open(self) -> bool:
        """Whether the red line was crossed and plan B is not over."""
        return self.plan_b_opened_at is not None and self.plan_b_ended_at is None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A risk's rank from one change of it on (team.audit).

    Attributes:
        at: when the change was stored.
        by: who made it.
        closed: it was no risk any more from then on.
    """

    risk_id: int
    at: datetime
    by: str
    probability: int
    consequence: int
    closed: bool

    @property
    def rank(self) -> int:
        """Probability x consequence."""
        return self.probability * self.consequence


class RiskReader(Protocol):
    """What `core.risks` asks. Everything is as it was known at as_of."""

    def risks(self, service: str, as_of: datetime) -> tuple[Risk, ...]:
        """Every risk of a service, closed ones too, in the order in which they were written."""

    def ranks(self, service: str, as_of: datetime) -> tuple[Ranked, ...]:
        """The ranks of a service's risks after each change, oldest first."""
