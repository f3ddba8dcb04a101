"""The risks' report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from core.risks import sentences
from core.risks.lines import LineView
from core.risks.report import RisksReport
from core.risks.scale import CONSEQUENCES, PROBABILITIES
from core.risks.views import RiskView
from core.timeframe import write_time


def evidence(found: RisksReport) -> dict[str, Any]:
    """Everything the report says; null is unknown or not there. Times are ISO 8601 UTC."""
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "sentence": f"{found.headline}.",
        "exposure": found.total,
        "open": len(found.risks),
        "missing": found.missing,
        "plans_b_open": len(found.plans_b),
        "reviews_overdue": len(found.overdue),
        "risks": [_risk(view) for view in found.risks],
        "closed": [_risk(view) for view in found.closed],
        "exposure_over_time": [
            {
                "at": write_time(one.at),
                "total": one.total,
                "by_band": list(one.by_band),
                "risks": one.risks,
            }
            for one in found.exposure
        ],
        "warnings": list(found.warnings),
    }


def _risk(view: RiskView) -> dict[str, Any]:
    risk = view.risk
    return {
        "risk_id": risk.risk_id,
        "title": risk.title,
        "task": risk.task,
        "milestone": risk.milestone_id or None,
        "task_id": risk.task_id or None,
        "probability": risk.probability,
        "probability_words": PROBABILITIES[risk.probability],
        "consequence": risk.consequence,
        "consequence_words": CONSEQUENCES[risk.consequence],
        "rank": view.rank,
        "band": view.band.name,
        "state": view.state,
        "missing": list(view.missing),
        "owner": risk.owner,
        "prevention": risk.prevention,
        "mitigation": risk.mitigation,
        "plan_b": risk.plan_b,
        "red_line": None if view.line is None else _line(view.line),
        "plan_b_opened": None
        if risk.plan_b_opened_at is None
        else {
            "at": write_time(risk.plan_b_opened_at),
            "value": risk.plan_b_value,
            "why": risk.plan_b_why,
            "ended_at": _time(risk.plan_b_ended_at),
            "result": risk.plan_b_result or None,
        },
        "accepted": risk.accepted,
        "approver": risk.approver or None,
        "accepted_on": _day(risk.accepted_on),
        "review_on": _day(risk.review_on),
        "review_overdue_days": view.overdue_days,
        "closed_at": _time(risk.closed_at),
        "closed_why": risk.closed_why or None,
        "history": [
            {"at": write_time(one.at), "by": one.by, "rank": one.rank, "closed": one.closed}
            for one in view.history
        ],
        "sentence": sentences.risk_sentence(view),
    }


def _line(view: LineView) -> dict[str, Any]:
    line = view.line
    return {
        "due_on": _day(line.due_on),
        "path": line.path or None,
        "operator": line.operator or None,
        "value": line.value,
        "window": line.window or None,
        "state": view.state.value,
        "live": view.value,
        "sentence": view.sentence,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
