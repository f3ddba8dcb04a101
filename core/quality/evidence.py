"""The quality report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from core.quality.early_warning import EarlyWarning
from core.quality.plan import LabelPlan
from core.quality.report import QualityReport
from core.quality.slices import SliceQuality
from core.quality.thresholds import CurvePoint
from core.status import Estimate
from core.timeframe import Span, write_time


def evidence(found: QualityReport) -> dict[str, Any]:
    """Everything the report says, in full precision; None is unknown, never zero.

    Shares are of 1, lags in seconds, times ISO 8601 UTC.
    """
    thresholds, labels = found.thresholds, found.labels
    certified = thresholds.certified
    return {
        "service": found.service,
        "window": str(found.window),
        "as_of": write_time(found.freshness.as_of),
        "span": _span(found.span),
        "data_through": _time(found.freshness.data_through),
        "stale": found.freshness.stale,
        "state": found.state,
        "status": found.status.name,
        "version": found.version,
        "version_filter": found.focus.version,
        "segment_filter": found.focus.segment,
        "targets": {
            name: float(target.value) for name, target in sorted(found.settings.targets.items())
        },
        "confidence": found.settings.confidence,
        **{name: estimate(part) for name, part in found.whole.measures.items()},
        "statuses": {name: status.name for name, status in found.whole.statuses.items()},
        "confusion": asdict(found.whole.confusion),
        "threshold": {
            "operating": thresholds.operating,
            "source": thresholds.source,
            "changed": thresholds.changed,
            "certified": None if certified is None else certified.threshold,
            "certified_precision": None if certified is None else estimate(certified.precision),
            "certified_recall": None if certified is None else estimate(certified.recall),
        },
        "labels": labels.count,
        "labels_above": labels.above,
        "labels_positive": labels.positives,
        "labels_left_out": labels.strays,
        "arrived_share": labels.arrived_share,
        "mature_share": labels.mature_share,
        "label_lag": {"median": _seconds(labels.lag.median), "p95": _seconds(labels.lag.slowest)},
        "newest_label": _time(labels.newest),
        "population": found.whole.letters,
        "decided_positive": found.whole.decided,
        "unlabelled_share": found.whole.unlabelled,
        "versions": [_slice(part) for part in found.by_version],
        "segments": [_slice(part) for part in found.by_segment],
        "days": [
            _slice(day.quality)
            | {"days": day.length.days, "arrived": day.arrived, "mature": day.mature}
            for day in found.days
        ],
        "curve": [] if found.curve is None else [_point(point) for point in found.curve.points],
        "labels_to_settle": found.settles,
        "plan": None if found.plan is None else _plan(found.plan),
        "early_warning": None if found.early is None else _early(found.early),
        "warnings": list(found.warnings),
    }


def estimate(found: Estimate) -> dict[str, Any]:
    """A value with its interval."""
    return {
        "value": _number(found.value),
        "low": _number(found.low),
        "high": _number(found.high),
        "n": found.n,
    }


def _slice(part: SliceQuality) -> dict[str, Any]:
    return {
        "key": part.key,
        "letters": part.letters,
        "decided_positive": part.decided,
        "labels": part.labels,
        "precision": estimate(part.measures["precision"]),
        "recall": estimate(part.measures["recall"]),
        "statuses": {name: status.name for name, status in part.statuses.items()},
        "unlabelled_share": part.unlabelled,
        "confidence": part.confidence,
    }


def _point(point: CurvePoint) -> dict[str, Any]:
    return {
        "threshold": point.threshold,
        "precision": estimate(point.precision),
        "recall": estimate(point.recall),
    }


def _plan(plan: LabelPlan) -> dict[str, Any]:
    return {
        "version": plan.version,
        "settles": plan.settles,
        "suggested": plan.suggested,
        "rows": [asdict(row) for row in plan.rows],
        "gains": [asdict(gain) for gain in plan.gains],
    }


def _early(early: EarlyWarning) -> dict[str, Any]:
    return {
        "version": early.version,
        "recent": _span(early.recent),
        "reference": _span(early.reference),
        "labels": early.labels,
        "precision": early.precision,
        "recall": early.recall,
        "reference_precision": early.reference_precision,
        "reference_recall": early.reference_recall,
        "drift": [asdict(part) for part in early.drift],
        "reasons": list(early.reasons),
        "unknown": early.unknown,
    }


def _span(span: Span) -> dict[str, str]:
    return {"start": write_time(span.start), "end": write_time(span.end)}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)
