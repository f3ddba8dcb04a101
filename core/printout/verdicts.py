"""Verdicts as the terminal prints them, and as JSON carries them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core import wording
from core.criteria import GoalReport, target_words
from core.printout.listing import Listing
from core.reliability.evidence import number
from core.status import Evidence, Verdict
from core.timeframe import write_time


def verdicts(found: GoalReport) -> Listing:
    """Every criterion of a service with its verdict; cut, never rounded, as on the page."""
    rows = tuple(
        (
            verdict.name,
            verdict.status.word,
            _targets(verdict.evidence),
            " ".join([verdict.sentence, *_because(verdict)]),
        )
        for verdict in found.verdicts
    )
    milestone = (
        f", for {found.milestone}, due {wording.short_date(found.due_on)}" if found.due_on else ""
    )
    return Listing(
        f"{found.service}: {found.sentence}",
        f"Last {found.window.words} at {wording.clock(found.as_of)}{milestone}.",
        ("criterion", "verdict", "target", "why"),
        rows,
    )


def verdict_values(service: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON carries it: full precision, ISO 8601 UTC, None for unknown.

    Where a number has no finite decimal form, or none that JSON carries, it is the nearest float.
    """
    return {
        "service": service,
        "criterion_id": verdict.criterion_id,
        "name": verdict.name,
        "area": verdict.area,
        "status": verdict.status.name,
        "sentence": verdict.sentence,
        "evidence": [_evidence_values(part) for part in verdict.evidence],
        "window": str(verdict.window),
        "as_of": write_time(verdict.as_of),
        "data_through": _time(verdict.data_through),
        "reasons": list(verdict.reasons),
        "settles": verdict.settles,
    }


def _evidence_values(part: Evidence) -> dict[str, Any]:
    estimate, target = part.estimate, part.target
    return {
        "measure": target.measure,
        "status": part.status.name,
        "value": None if estimate is None else number(estimate.value),
        "low": None if estimate is None else number(estimate.low),
        "high": None if estimate is None else number(estimate.high),
        "n": None if estimate is None else estimate.n,
        "target": _decimal(target.value),
        "operator": target.operator.value,
        "unit": target.unit,
        "milestone": target.milestone,
        "due_on": target.due_on.isoformat(),
    }


def _decimal(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _targets(evidence: Sequence[Evidence]) -> str:
    return ", ".join(f"{part.target.measure} {target_words(part.target)}" for part in evidence)


def _because(verdict: Verdict) -> list[str]:
    because = []
    new = [reason for reason in verdict.reasons if reason not in verdict.sentence]
    if new and verdict.evidence:
        because.append(f"({'; '.join(new)})")
    if verdict.settles:
        because.append(verdict.settles)
    return because
