"""The experiment report as plain values: the JSON of the terminal, the export, frozen decisions."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.experiment import sentences
from core.experiment.comparison import Comparison
from core.experiment.effects import Effect, Interval
from core.experiment.report import Detail, ExperimentReport
from core.experiment.split import Split
from core.ports import ExperimentDefinition
from core.timeframe import write_time

Floats = NDArray[np.float64]


def evidence(found: ExperimentReport) -> dict[str, Any]:
    """Everything the report says, in full precision; None is unknown, never zero.

    Lifts are relative changes (-0.05 is 5 % less), times ISO 8601 UTC, days ISO dates. The lift,
    its intervals and all that follows are of the comparison that the verdict is about;
    `comparisons` holds every treatment's. `deciding` is what the rule decides by: the daily band at
    its own error, or the planned last look; once decided, of the day that decided.
    `days_to_decision` is 0 once decided, and None where it is out of sight.
    """
    main, detail = found.main, found.detail
    made = found.decision
    coming = detail.forecast
    return {
        "service": found.service,
        "experiment": found.experiment,
        "as_of": write_time(found.as_of),
        "data_through": _day(found.data_through),
        "stale": found.freshness.stale,
        "definition": _definition(found),
        "verdict": found.outcome.value,
        "status": found.status.name,
        "sentence": sentences.headline(found),
        "settles": sentences.settles(found),
        "reasons": list(found.reasons),
        "treatment": main.treatment,
        "control": main.effect.control,
        "treated": main.effect.treatment,
        "difference": _interval(detail.difference),
        "lift": main.effect.lift,
        "fixed": _interval(main.effect.fixed),
        "always_valid": _interval(main.effect.always_valid),
        "deciding": _interval(main.deciding if made is None else made.bounds),
        "p_margin": _last(main.daily.p_margin),
        "s_plan": main.planned.value,
        "s_plan_source": main.planned.source,
        "s_plan_sentence": main.planned.sentence,
        "decision": _decision(main),
        "looked": main.looked,
        "srm": _split(found.split),
        "days": found.days,
        "day": found.day_number,
        "days_to_decision": 0 if made is not None else None if coming is None else coming.days,
        "days_to_last_look": None if coming is None else coming.to_last_look,
        "users": main.users,
        "guardrails": _guardrails(main),
        "denominators": _denominators(detail),
        "cuped": _cuped(detail),
        "segments": _segments(detail),
        "novelty": _weeks(detail),
        "detectable": None if detail.detectable is None else asdict(detail.detectable),
        "planning": [asdict(one) for one in detail.planning],
        "comparisons": [_comparison(one) for one in found.comparisons],
        "daily": _daily(found),
        "warnings": list(found.warnings),
        "others": list(found.others),
    }


def _definition(found: ExperimentReport) -> dict[str, Any]:
    one: ExperimentDefinition = found.definition
    return {
        "is_default": found.is_default,
        "variants": [asdict(variant) for variant in one.variants],
        "control": one.control,
        "starts_on": _day(one.starts_on),
        "ends_on": _day(found.schedule.ends_on),
        "last_look_on": _day(found.schedule.last_look_on),
        "minimum_days": one.minimum_days,
        "planned_days": one.planned_days,
        "primary": asdict(one.primary),
        "guardrails": [asdict(rule) for rule in one.guardrails],
        "s_plan": one.s_plan,
        "assumption": one.assumption,
        "frozen_by": one.frozen_by,
        "frozen_at": _time(one.frozen_at),
        "stopped_on": _day(one.stopped_on),
        "note": one.note,
        "revision": one.revision,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "metric": effect.metric.name,
        "control": effect.control,
        "treatment": effect.treatment,
        "lift": effect.lift,
        "error": effect.error,
        "fixed": _interval(effect.fixed),
        "p": effect.p,
        "missing": effect.missing,
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "arm": one.treatment,
        "verdict": one.outcome.value,
        "decision": _decision(one),
        "always_valid": _interval(one.effect.always_valid),
        "deciding": _interval(one.deciding),
        "guardrails": _guardrails(one),
        **_effect(one.effect),
    }


def _decision(one: Comparison) -> dict[str, Any] | None:
    made = one.decision
    if made is None:
        return None
    return {
        "day": _day(made.day),
        "number": made.number,
        "look": made.look,
        "met": made.met,
        "lift": made.lift,
        "bounds": _interval(made.bounds),
    }


def _guardrails(one: Comparison) -> list[dict[str, Any]]:
    return [
        {
            **_effect(held.effect),
            "always_valid": _interval(held.effect.always_valid),
            "margin": held.rule.margin,
            "direction": held.rule.direction,
            "state": held.state,
        }
        for held in one.guardrails
    ]


def _denominators(detail: Detail) -> dict[str, Any]:
    three = detail.denominators
    return {
        "per_letter": _effect(three.per_letter),
        "per_user": _effect(three.per_user),
        "letters_per_user": _effect(three.letters_per_user),
        "drives": three.drives,
        "disagree": three.disagree,
    }


def _cuped(detail: Detail) -> dict[str, Any] | None:
    if detail.cuped is None:
        return None
    return _effect(detail.cuped.effect) | {"narrower": detail.cuped.narrower}


def _segments(detail: Detail) -> list[dict[str, Any]]:
    return [
        {
            "dimension": one.dimension,
            "value": one.value,
            "users": one.users,
            **_effect(one.effect),
            "p": one.p,
        }
        for one in detail.segments
    ]


def _weeks(detail: Detail) -> list[dict[str, Any]]:
    return [
        {
            "week": one.week,
            **_effect(one.effect),
            "change": one.change,
            "change_interval": _interval(one.interval),
            "p": one.p,
        }
        for one in detail.weeks
    ]


def _split(split: Split) -> dict[str, Any]:
    return {
        "p": split.p,
        "verdict": split.verdict,
        "imbalance": split.imbalance,
        "users": dict(zip(split.variants, map(int, split.users), strict=True)),
        "planned": dict(zip(split.variants, map(float, split.planned), strict=True)),
    }


def _daily(found: ExperimentReport) -> list[dict[str, Any]]:
    daily, split = found.main.daily, found.split
    return [
        {
            "day": _day(day),
            "complete": bool(found.line.complete[at]),
            "lift": _number(daily.lift[at]),
            "fixed": _pair(daily.fixed_low[at], daily.fixed_high[at]),
            "always_valid": _pair(daily.always_low[at], daily.always_high[at]),
            "deciding": _pair(daily.deciding_low[at], daily.deciding_high[at]),
            "p_margin": _number(daily.p_margin[at]),
            "srm_p": _number(split.daily_p[at]),
        }
        for at, day in enumerate(found.line.days)
    ]


def _interval(one: Interval | None) -> dict[str, float | None]:
    if one is None:
        return {"low": None, "high": None, "confidence": None}
    return {"low": one.low, "high": one.high, "confidence": one.confidence}


def _pair(low: float, high: float) -> dict[str, float | None]:
    return {"low": _number(low), "high": _number(high)}


def _last(values: Floats) -> float | None:
    """The last number of a series; None without one."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else None


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)
