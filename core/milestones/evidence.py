"""The milestones' report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.milestones import sentences
from core.milestones.burn_up import Step
from core.milestones.forecast import Forecast, NoForecast
from core.milestones.iterations import IterationView
from core.milestones.report import MilestonesReport
from core.milestones.rule import PlanningRule
from core.milestones.states import TaskView
from core.milestones.views import MilestoneView
from core.timeframe import write_time


def evidence(found: MilestonesReport) -> dict[str, Any]:
    """Everything the report says; null is unknown. Work is in ideal days or ideal weeks."""
    baseline = found.baseline
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "status": found.status.name,
        "sentence": f"{sentences.headline(found)}.",
        "milestones": [_milestone(one) for one in found.milestones],
        "tasks": [_task(one) for one in found.tasks],
        "baseline": None
        if baseline is None
        else {
            "name": baseline.name,
            "frozen_by": baseline.frozen_by,
            "frozen_at": write_time(baseline.frozen_at),
        },
        "forecast": _forecast(found.forecast),
        "iterations": [_iteration(one) for one in found.iterations],
        "warnings": list(found.warnings),
    }


def _milestone(view: MilestoneView) -> dict[str, Any]:
    ahead, critical = view.forecast, view.critical
    return {
        "name": view.name,
        "due_on": _day(view.due_on),
        "state": view.state.name,
        "reasons": list(view.reasons),
        "criteria": [
            {"criterion_id": one.criterion_id, "name": one.name, "status": one.status.name}
            for one in view.verdicts
        ],
        "tasks": len(view.tasks),
        "done": view.done,
        "slip_days": view.slip_days,
        "rule": None if view.rule is None else _rule(view.rule),
        "critical_path": None
        if critical is None
        else {"tasks": list(critical.tasks), "days": critical.days, "room": critical.room},
        "forecast": None
        if ahead is None
        else {
            "p50": _day(ahead.dates.p50),
            "p85": _day(ahead.dates.p85),
            "in_time": ahead.in_time,
        },
        "burn_up": {
            "scope": _steps(view.burn_up.scope),
            "done": _steps(view.burn_up.done),
            "planned": _steps(view.burn_up.planned),
        },
        "decisions": [
            {
                "kind": one.kind,
                "task_id": one.task_id,
                "what": one.what,
                "who": one.who,
                "decided_on": _day(one.decided_on),
            }
            for one in view.decisions
        ],
    }


def _rule(rule: PlanningRule) -> dict[str, Any]:
    return {
        "days_left": rule.days_left,
        "hands": rule.hands,
        "least_ideal_weeks": float(rule.least),
        "most_ideal_weeks": float(rule.most),
        "planned_ideal_weeks": float(rule.planned),
        "over_committed": rule.over_committed,
        "fits": list(rule.fits),
        "too_much": list(rule.too_much),
    }


def _task(view: TaskView) -> dict[str, Any]:
    task = view.task
    return {
        "task_id": task.task_id,
        "title": task.title,
        "stage": task.stage,
        "direction": task.direction,
        "milestone": task.milestone or None,
        "owner": task.owner or None,
        "state": view.state.name,
        "ideal_days": float(task.ideal_days),
        "planned_start": _day(task.planned_start),
        "planned_end": _day(task.planned_end),
        "started_on": _day(task.started_on),
        "done_on": _day(task.done_on),
        "priority": task.priority,
        "depends_on": list(task.depends_on),
        "waits_for": list(view.waits_for),
        "critical": view.critical,
        "slip_days": view.slip_days,
        "forecast_slip_days": view.forecast_slip_days,
        "p50": _day(view.p50),
        "p85": _day(view.p85),
    }


def _forecast(found: Forecast | NoForecast) -> dict[str, Any]:
    if isinstance(found, NoForecast):
        return {"reason": found.reason, "missing_tasks": found.missing}
    return {
        "reason": None,
        "done_tasks": found.done,
        "running_tasks": found.running,
        "ratio_p50": found.ratio,
        "ratio_p85": found.ratio_safe,
    }


def _iteration(view: IterationView) -> dict[str, Any]:
    one, result = view.iteration, view.result
    return {
        "title": one.title,
        "data_slice": one.data_slice,
        "letters_planned": one.letters,
        "letters_trained": view.letters,
        "model_version": one.model_version,
        "against_version": one.against_version,
        "run_id": None if view.run is None else view.run.run.run_id,
        "starts_on": _day(one.starts_on),
        "midpoint": _day(view.midpoint),
        "ends_on": _day(one.ends_on),
        "state": view.turn.name,
        "measure": one.measure,
        "wanted_delta": float(one.wanted_delta),
        "delta": None
        if result is None
        else {
            "value": _number(result.delta.value),
            "low": _number(result.delta.low),
            "high": _number(result.delta.high),
            "source": result.source,
            "recorded": result.recorded,
        },
        "sentence": sentences.iteration(view),
    }


def _steps(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [{"day": _day(one.day), "ideal_days": float(one.ideal_days)} for one in steps]


def _number(value: Decimal | Fraction | float | None) -> float | None:
    return None if value is None else float(value)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
