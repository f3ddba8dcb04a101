"""Milestones and risks as lines of the review."""

from __future__ import annotations

from core import wording
from core.review.values import RiskLine
from core.risks import LineState, RisksReport, RiskView, sentences


def risk_lines(found: RisksReport) -> tuple[RiskLine, ...]:
    """Every open risk: whose plan B is open first, then the highest rank."""
    return tuple(_risk(view) for view in found.risks)


def _risk(view: RiskView) -> RiskLine:
    lacking = sentences.missing_words(view)
    return RiskLine(
        risk_id=view.risk.risk_id,
        title=view.risk.title,
        rank=view.rank,
        band=view.band.name,
        owner=view.risk.owner,
        missing=f"missing: {lacking}" if lacking else "",
        alarm=_alarm(view),
    )


def _alarm(view: RiskView) -> str:
    """What must not be overlooked about a risk; '' where there is nothing."""
    parts = []
    if view.risk.plan_b_is_open and view.risk.plan_b_opened_at is not None:
        parts.append(f"plan B is open since {wording.day(view.risk.plan_b_opened_at)}")
    elif view.crossed:
        parts.append("its red line is crossed")
    elif view.line is not None and view.line.state is LineState.UNKNOWN:
        parts.append("where its red line stands is unknown")
    if view.overdue_days:
        parts.append("its review is overdue")
    return wording.listing(parts)
