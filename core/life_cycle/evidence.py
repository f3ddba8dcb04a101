"""The life-cycle report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.life_cycle import sentences
from core.life_cycle.gates import WORDS, GateView
from core.life_cycle.report import LifeCycleReport, Served
from core.life_cycle.right import Bounds, Judged
from core.life_cycle.shadow import Part, ShadowRun
from core.ports.life_cycle import KeptItem, PassedGate
from core.stats.kappa import Pooled
from core.stats.proportion import Share
from core.timeframe import write_time


def evidence(found: LifeCycleReport) -> dict[str, Any]:
    """Everything the report says, in full precision; null is unknown, never zero.

    Shares are of 1, times ISO 8601 UTC.
    """
    now = found.standing
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "data_through": _time(found.data_through),
        "sentence": f"{found.headline}.",
        "phase": now.phase.value,
        "stages": [
            {"stage": one.stage.key, "state": one.state, "said": one.said} for one in found.stages
        ],
        "gates": [_gate(view) for view in now.gates.values()],
        "items": [_item(one) for one in now.items],
        "passed": [_passed(one) for one in now.passed],
        "shadow_status": found.shadow_status.name,
        "shadow_run": None if now.run is None else _run(now.run),
        "served": _served(found.served),
        "right": _right(found.judged, found.bounds),
        "right_sentences": list(sentences.right(found.judged, found.bounds)) if now.run else [],
        "earlier_runs": [_run(one) for one in now.runs[1:]],
        "last_served": _time(found.last_served),
        "warnings": list(found.warnings),
    }


def _gate(view: GateView) -> dict[str, Any]:
    return {
        "gate": view.gate.key,
        "rule": view.gate.rule,
        "model_version": view.version,
        "ready": view.ready,
        "refusal": view.refusal,
        "requires": [
            {
                "key": one.requirement.key,
                "name": one.requirement.name,
                "measured": one.requirement.measured,
                "state": WORDS[one.status],
                "said": one.said,
            }
            for one in view.met
        ],
        "passed": None if view.passed is None else _passed(view.passed),
    }


def _item(one: KeptItem) -> dict[str, Any]:
    return {
        "item": one.item,
        "place": one.place,
        "note": one.note,
        "by": one.changed_by,
        "at": write_time(one.changed_at),
    }


def _passed(one: PassedGate) -> dict[str, Any]:
    return {
        "gate": one.gate,
        "model_version": one.model_version,
        "by": one.passed_by,
        "at": write_time(one.passed_at),
        "reason": one.reason,
        "waiver": one.waiver,
        "waived": list(one.waived),
        "evidence": [dict(each) for each in one.evidence],
        "withdrawn_at": _time(one.withdrawn_at),
        "withdrawn_by": one.withdrawn_by,
        "withdrawn_why": one.withdrawn_why,
    }


def _run(run: ShadowRun) -> dict[str, Any]:
    return {
        "production": run.production,
        "candidate": run.candidate,
        "start": write_time(run.span.start),
        "end": write_time(run.span.end),
        "running": run.running,
        "ended_by": run.ended_by,
        "hours": len(run.hours),
        "expected_hours": run.expected_hours,
        "missing": [[write_time(gap.start), write_time(gap.end)] for gap in run.missing],
        "letters": run.letters,
        "errors": run.errors,
        "slow": run.slow,
        "user_visible": run.user_visible,
        "visible_hours": [write_time(hour) for hour in run.visible_hours],
        "intervals_over": run.blocks,
        "dispersion": run.dispersion,
        "whole": _part(run.whole),
        "segments": [_part(part) for part in run.segments],
    }


def _part(part: Part) -> dict[str, Any]:
    matrix = part.matrix
    return {
        "segment": part.segment,
        "hours": part.hours,
        "both_positive": matrix.both_positive,
        "production_only": matrix.production_only,
        "candidate_only": matrix.candidate_only,
        "both_negative": matrix.both_negative,
        "agreement": _pooled(part.alike),
        "kappa": _pooled(part.kappa),
        "moved": _pooled(part.moved),
        "candidate_alone": _pooled(part.second_alone),
    }


def _pooled(found: Pooled) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high, "blocks": found.blocks}


def _served(found: Served | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "hours": found.hours,
        "production": {"letters": found.letters, "errors": found.errors, "slow": found.slow},
        "candidate": {
            "letters": found.candidate_letters,
            "errors": found.candidate_errors,
            "slow": found.candidate_slow,
        },
    }


def _right(judged: Judged | None, bounds: Bounds | None) -> dict[str, Any]:
    return {
        "judged": None
        if judged is None
        else {
            "letters": judged.letters,
            "differing": judged.differing,
            "candidate_right": _share(judged.right),
            "of_production_only": _share(judged.production_only),
            "of_candidate_only": _share(judged.candidate_only),
            "better": judged.better,
        },
        "bounds": None
        if bounds is None
        else {
            "labels": bounds.labels,
            "production_only": bounds.production_only,
            "candidate_right_at_most_on_production_only": bounds.right_on_them,
            "candidate_only": bounds.candidate_only,
            "candidate_right_at_most_on_candidate_only": bounds.right_on_those,
        },
    }


def _share(found: Share | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)
