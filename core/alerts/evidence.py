"""The report of alerts as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from core.alerts import sentences
from core.alerts.history import Times
from core.alerts.report import AlertsReport, Shown
from core.timeframe import write_time


def evidence(found: AlertsReport) -> dict[str, Any]:
    """Everything the report says; None is unknown or not there.

    Times are ISO 8601 UTC, lengths in seconds.
    """
    health, past = found.health, found.history
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "headline": sentences.headline(found),
        "firing": _alerts(found.firing, found),
        "unknown": _alerts(found.unknown, found),
        "pending": _alerts(found.pending, found),
        "configuration_errors": [
            {"rule": one.rule_id, "error": one.sentence} for one in found.errors
        ],
        "evaluation": {
            "last": None if health.last is None else write_time(health.last.at),
            "age_seconds": _seconds(health.age),
            "late": health.late,
            "slowest_seconds": health.slowest,
            "rules": None if health.last is None else health.last.rules,
            "errors": list(health.errors),
        },
        "history": {
            "from": write_time(found.span.start),
            "fired": past.fired,
            "drills": past.drills,
            "mtta": _times(past.acknowledged),
            "mttr": _times(past.resolved),
            "noise": [
                {
                    "rule": one.rule_id,
                    "episodes": one.episodes,
                    "ignored": one.ignored,
                    "share": float(one.share),
                    "flaps": one.flaps,
                }
                for one in past.noise
            ],
            "retire": [{"rule": one.rule_id, "why": one.sentence} for one in past.proposals],
        },
    }


def _alerts(shown: Sequence[Shown], found: AlertsReport) -> list[dict[str, Any]]:
    return [_alert(one, found) for one in shown]


def _alert(shown: Shown, found: AlertsReport) -> dict[str, Any]:
    episode, rule = shown.episode, shown.rule
    made, silence, by = shown.acknowledgement, shown.silence, shown.inhibited_by
    return {
        "id": episode.episode_id,
        "rule": episode.rule_id,
        "labels": dict(episode.labels),
        "severity": episode.severity,
        "state": episode.state,
        "sentence": sentences.sentence(shown, found),
        "began_at": write_time(episode.began_at),
        "fired_at": _time(episode.fired_at),
        "where": list(episode.where),
        "value": episode.value,
        "evidence": dict(episode.evidence),
        "flaps": episode.flaps,
        "drill": episode.drill,
        "owner": None if rule is None else rule.owner,
        "runbook": None if rule is None else rule.runbook_id,
        "acknowledged_by": None if made is None else made.by,
        "silenced_until": None if silence is None else write_time(silence.ends_at),
        "inhibited_by": None if by is None else by.rule_id,
        "calls": shown.calls,
    }


def _times(times: Times) -> dict[str, Any]:
    return {
        "mean_seconds": _seconds(times.mean),
        "median_seconds": _seconds(times.median),
        "count": times.count,
        "open": times.open,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
