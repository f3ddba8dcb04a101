"""Milestones and risks as lines of the review."""

from __future__ import annotations

from core import wording
from core.milestones import MilestonesReport, MilestoneState, MilestoneView
from core.review.values import MilestoneLine, RiskLine
from core.risks import LineState, RisksReport, RiskView, sentences


def milestone_lines(found: MilestonesReport) -> tuple[MilestoneLine, ...]:
    """Every milestone: those not met first, the overdue ones before all."""
    return tuple(milestone_line(view) for view in found.milestones)


def milestone_line(view: MilestoneView) -> MilestoneLine:
    """A milestone, its verdict in its own word."""
    done = f"{view.done} of {len(view.tasks)} tasks done." if view.tasks else "No tasks yet."
    ahead = view.forecast
    forecast = ""
    if ahead is not None:
        likely, safe = ahead.dates.p50, ahead.dates.p85
        forecast = (
            f"Forecast: as likely as not by {wording.short_date(likely)}, "
            f"85 % sure by {wording.short_date(safe)}."
        )
    return MilestoneLine(
        name=view.name,
        due_on=view.due_on,
        status=view.state.status,
        state=view.state.word,
        sentence=" ".join([done, *view.reasons]),
        forecast=forecast,
        likely_on=None if ahead is None else ahead.dates.p50,
        slip_days=view.slip_days,
        met=view.state is MilestoneState.MET,
    )


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
