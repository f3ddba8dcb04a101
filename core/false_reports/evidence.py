"""The false-reports report as plain values: the JSON of the terminal and of the export."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from core.false_reports import sentences
from core.false_reports.after_release import AfterRelease, Compared
from core.false_reports.report import FalseReportsReport
from core.ports import RetrainingSet
from core.stats.agreement import Agreement
from core.status import Estimate
from core.timeframe import write_time


def evidence(found: FalseReportsReport) -> dict[str, Any]:
    """Everything the report says, in full precision; None is unknown, never zero.

    Times are ISO 8601 UTC. `states` counts groups, `state_reports` the reports in them. Rates of
    `after_release` are reports per million letters, its ratios the rate after over the rate before,
    and intervals are adjusted for how many groups are judged together. `more_letters` is None where
    nothing is open, and where no number of letters would settle it. `masked` counts what this
    house's own pass masked, and `left_per_thousand` what is likely left in 1,000 reports.
    """
    intake, waiting = found.intake, found.waiting
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "window": str(found.window),
        "data_through": _time(found.freshness.data_through),
        "stale": found.freshness.stale,
        "sentence": sentences.headline(found),
        "stage": found.stage.value,
        "reports": intake.reports,
        "taken": intake.taken,
        "untaken": found.pulse.waiting,
        "letters": intake.letters,
        "groups": intake.groups,
        "waiting": waiting.groups,
        "oldest_waiting": _time(waiting.oldest),
        "worst_waiting": None if waiting.worst is None else waiting.worst.group_id,
        "states": {state.value: count for state, count in found.standings.counts.items()},
        "state_reports": {state.value: count for state, count in found.standings.reports.items()},
        "topics": [
            {
                "topic": topic.topic_id,
                "words": list(topic.words),
                "groups": topic.groups,
                "reports": topic.reports,
                "waiting": topic.waiting,
                "confirmed": topic.confirmed,
                "rejected": topic.rejected,
                "last_reported": write_time(topic.last_reported),
            }
            for topic in found.topics
        ],
        "agreement": _agreement(found.agreement.every),
        "agreement_sampled": _agreement(found.agreement.sampled),
        "report_precision": _estimate(found.precision.by_group),
        "report_precision_by_report": _estimate(found.precision.by_report),
        "masked": dict(intake.masked),
        "left_per_thousand": None if found.residual is None else found.residual.per_thousand,
        "anonymisers": dict(intake.anonymisers),
        "sets": [_set(one) for one in found.sets],
        "after_release": [_after(one) for one in found.after],
        "arrivals": [
            {"day": day.isoformat(), "false_positive": int(wrong), "false_negative": int(missed)}
            for day, wrong, missed in zip(
                found.arrivals.days,
                found.arrivals.false_positives,
                found.arrivals.false_negatives,
                strict=True,
            )
        ],
        "warnings": list(found.notices),
    }


def _after(one: AfterRelease) -> dict[str, Any]:
    return {
        "model_version": one.version,
        "released_at": write_time(one.released_at),
        "replaced": list(one.replaced),
        "training_run": one.run_id,
        "retraining_set": one.set_id,
        "since": _time(one.since),
        "through": write_time(one.through),
        "sentence": sentences.after_sentence(one),
        "missing": one.missing,
        "set": _summary(one.known, one.whole),
        "others": _summary(one.others, one.whole_others),
        "since_set": _since_set(one),
        "new_groups": one.new,
        "dispersion": one.dispersion,
        "groups": _entries(one.known, "group"),
        "topics": _entries(one.topics, "topic"),
    }


def _summary(compared: Compared, whole: Compared) -> dict[str, Any]:
    """Some groups as one, and how many fared how."""
    (entry,) = _entries(whole, "")
    fates: dict[str, int] = {}
    for at in range(compared.ids.size):
        word = compared.fates.of(at).word
        fates[word] = fates.get(word, 0) + 1
    return {"groups": compared.ids.size, "fates": fates, **entry}


def _entries(compared: Compared, name: str) -> list[dict[str, Any]]:
    sides, fates = compared.sides, compared.fates
    found = []
    for at in range(sides.before.size):
        named = {name: int(compared.ids[at])} if name else {}
        found.append(
            named
            | {
                "fate": fates.of(at).word,
                "before": {
                    "reports": int(sides.before[at]),
                    "letters": int(sides.before_letters[at]),
                    "rate": _number(compared.before.value[at]),
                    "low": _number(compared.before.low[at]),
                    "high": _number(compared.before.high[at]),
                },
                "after": {
                    "reports": int(sides.after[at]),
                    "letters": int(sides.after_letters[at]),
                    "rate": _number(compared.after.value[at]),
                    "low": _number(compared.after.low[at]),
                    "high": _number(compared.after.high[at]),
                },
                "ratio": _number(fates.ratio.value[at]),
                "low": _number(fates.ratio.low[at]),
                "high": _number(fates.ratio.high[at]),
                "confidence": fates.confidence,
                "more_letters": _number(fates.more_letters[at]),
            }
        )
    return found


def _since_set(one: AfterRelease) -> dict[str, int] | None:
    if one.since_set is None:
        return None
    reports, letters = one.since_set
    return {"reports": reports, "letters": letters}


def _set(one: RetrainingSet) -> dict[str, Any]:
    return {
        "set": one.set_id,
        "created_at": write_time(one.created_at),
        "created_by": one.created_by,
        "parent": one.parent,
        "letters": one.letters,
        "groups": len(one.groups),
        "withdrawn": one.withdrawn,
    }


def _agreement(found: Agreement) -> dict[str, Any]:
    return {
        "raw": found.raw,
        "alpha": found.alpha,
        "low": found.low,
        "high": found.high,
        "n": found.n,
    }


def _estimate(found: Estimate | None) -> dict[str, Any]:
    if found is None:
        return {"value": None, "low": None, "high": None, "n": 0}
    ends = (found.value, found.low, found.high)
    value, low, high = (None if end is None else float(end) for end in ends)
    return {"value": value, "low": low, "high": high, "n": found.n}


def _number(value: float) -> float | None:
    """A finite number; an unbounded end is None, as JSON has no infinity."""
    return float(value) if math.isfinite(value) else None


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)
