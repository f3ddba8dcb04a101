"""A risk at a moment: its band, what is missing, its red line, its review, how its rank went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.ports.risks import Ranked, Risk
from core.risks.lines import LineState, LineView, view_of
from core.risks.measures import EvidenceOf
from core.risks.scale import Band, band_of, missing


@dataclass(frozen=True, slots=True)
class RiskView:
    """A risk at a moment.

    Attributes:
        rank: computed from probability and consequence.
        missing: what its band asks for and nobody has written, keys of RESPONSES; counts as open.
        line: its red line; None where none is drawn, or the risk is closed.
        history: its ranks, oldest first, one entry for every time that it changed.
        overdue_days: since when its review is overdue; 0 where it is not.
    """

    risk: Risk
    rank: int
    band: Band
    missing: tuple[str, ...]
    line: LineView | None
    history: tuple[Ranked, ...]
    overdue_days: int

    @property
    def is_open(self) -> bool:
        """Whether it still is a risk."""
        return self.risk.closed_at is None

    @property
    def crossed(self) -> bool:
        """Whether its red line is crossed now, and plan B of this line is not over."""
        return (
            self.line is not None
            and self.line.state is LineState.CROSSED
            and self.risk.plan_b_ended_at is None
        )

    @property
    def state(self) -> str:
        """Where it stands, in one or two words."""
        if not self.is_open:
            return "closed"
        if self.risk.plan_b_is_open:
            return "plan B open"
        if self.crossed:
            return "red line crossed"
        if self.missing:
            return "accepted, incomplete" if self.risk.accepted else "incomplete"
        return "accepted" if self.risk.accepted else "handled"


def risk_views(
    risks: Iterable[Risk], ranks: Iterable[Ranked], today: date, evidence_of: EvidenceOf
) -> tuple[RiskView, ...]:
    """Every risk at a moment: whose plan B is open first, then by rank, then by review.

    Closed ones come last.
    """
    by_risk: dict[int, list[Ranked]] = {}
    for one in ranks:
        by_risk.setdefault(one.risk_id, []).append(one)
    found = [_view(risk, by_risk, today, evidence_of) for risk in risks]
    return tuple(sorted(found, key=_order))


def by_review(views: Iterable[RiskView]) -> tuple[RiskView, ...]:
    """Open risks by the day of their review: overdue ones first, the longest overdue at the top."""
    left = [view for view in views if view.is_open]
    return tuple(
        sorted(left, key=lambda view: (view.risk.review_on, -view.rank, view.risk.risk_id))
    )


def _view(
    risk: Risk, ranks: Mapping[int, Sequence[Ranked]], today: date, evidence_of: EvidenceOf
) -> RiskView:
    is_open = risk.closed_at is None
    line = None if risk.line is None or not is_open else view_of(risk.line, today, evidence_of)
    late = (today - risk.review_on).days if is_open else 0
    return RiskView(
        risk=risk,
        rank=risk.rank,
        band=band_of(risk.rank),
        missing=missing(risk) if is_open else (),
        line=line,
        history=_steps(ranks.get(risk.risk_id, ())),
        overdue_days=max(late, 0),
    )


def _steps(ranks: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """The changes that changed the rank, or closed or reopened the risk."""
    found: list[Ranked] = []
    for one in ranks:
        last = found[-1] if found else None
        said = (one.probability, one.consequence, one.closed)
        if last is None or said != (last.probability, last.consequence, last.closed):
            found.append(one)
    return tuple(found)


def _order(view: RiskView) -> tuple[bool, bool, int, date, int]:
    risk = view.risk
    active = risk.plan_b_is_open or view.crossed
    return (not view.is_open, not active, -view.rank, risk.review_on, risk.risk_id)
