"""The training report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any

from core.timeframe import write_time
from core.training import sentences
from core.training.forecast import Pace
from core.training.report import Reach, TrainingReport
from core.training.runs import SeenRun


def evidence(found: TrainingReport) -> dict[str, Any]:
    """Everything the report says, in full precision; None is unknown, never zero.

    Shares are of 1, paces in letters a day, times ISO 8601 UTC, days ISO dates.
    """
    newest = found.newest
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "data_through": _time(found.data_through),
        "status": found.status.name,
        "sentence": f"{sentences.headline(found)}.",
        "counted": found.letters,
        "counted_run": None if newest is None else newest.run.run_id,
        "targets": [_reach(found, one) for one in found.reaches],
        "pace": None if found.pace is None else _pace(found.pace),
        "no_pace": found.no_pace,
        "runs": [_run(one) for one in found.runs],
        "warnings": list(found.warnings),
    }


def _reach(found: TrainingReport, one: Reach) -> dict[str, Any]:
    coming = one.arrival
    return {
        "milestone": one.target.milestone,
        "due_on": _day(one.target.due_on),
        "operator": one.target.operator.value,
        "target": float(one.target.value),
        "nearest": one.target == found.settings.nearest,
        "status": one.status.name,
        "missing": one.missing,
        "reached_on": None if coming is None else _day(coming.on),
        "reached_earliest": None if coming is None else _day(coming.earliest),
        "reached_latest": None if coming is None else _day(coming.latest),
        "late_days": one.late_days,
        "settles": sentences.settles(found, one),
        "reasons": list(one.worries),
    }


def _pace(pace: Pace) -> dict[str, Any]:
    return {
        "daily": pace.daily,
        "slowest": pace.slowest,
        "fastest": pace.fastest,
        "stalled": pace.stalled,
        "since": _time(pace.since),
        "increases": [
            {
                "run_id": one.run_id,
                "letters": one.letters,
                "since": _time(one.since),
                "until": _time(one.until),
            }
            for one in pace.increases
        ],
    }


def _run(one: SeenRun) -> dict[str, Any]:
    run = one.run
    return {
        "run_id": run.run_id,
        "model_version": run.model_version,
        "parent_version": run.parent_version,
        "status": one.status,
        "started_at": _time(run.started_at),
        "finished_at": _time(run.finished_at),
        "letters_raw": run.letters_raw,
        "letters_deduplicated": run.letters_deduplicated,
        "letters_anonymised": run.letters_anonymised,
        "letters_trained": run.letters_trained,
        "counts": one.letters if one.status == "succeeded" else None,
        "deduplicated_share": _share(one.deduplicated_share),
        "anonymised_share": _share(one.anonymised_share),
        "trained_share": _share(one.trained_share),
        "retraining_set": run.retraining_set,
        "note": run.note,
    }


def _share(share: Fraction | None) -> float | None:
    return None if share is None else float(share)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)
