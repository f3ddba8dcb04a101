"""The incidents' report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.incidents.impact import Impact, as_json
from core.incidents.report import IncidentsReport
from core.incidents.views import DrillView, IncidentView
from core.ports.incidents import Action
from core.reliability.settings import SLIS
from core.timeframe import write_time


def evidence(found: IncidentsReport) -> dict[str, Any]:
    """Everything the report says; null is unknown. Times are ISO 8601 UTC, lengths seconds."""
    return {
        "service": found.service,
        "window": str(found.window),
        "as_of": write_time(found.as_of),
        "sentence": f"{found.headline}.",
        "incidents": [_incident(view) for view in found.incidents],
        "incidents_of_drills": [_incident(view) for view in found.rehearsed],
        "drills": [_drill(view) for view in found.drills],
        "next_drills": [
            {
                "scenario": one.scenario,
                "due_on": one.due_on.isoformat(),
                "planned": one.planned is not None,
                "why": one.why,
            }
            for one in found.coming
        ],
        "actions": [_action(one) for one in found.actions],
        "done": [_action(one) for one in found.done],
        "warnings": list(found.warnings),
    }


def _incident(view: IncidentView) -> dict[str, Any]:
    incident, lessons = view.incident, view.retrospective
    return {
        "incident_id": incident.incident_id,
        "title": incident.title,
        "severity": incident.severity,
        "began_at": write_time(incident.began_at),
        "detected_at": _time(incident.detected_at),
        "recovered_at": _time(incident.recovered_at),
        "closed_at": _time(incident.closed_at),
        "drill_id": incident.drill_id,
        "to_detect": _seconds(view.to_detect),
        "to_recover": _seconds(view.to_recover),
        "sentence": view.sentence,
        "impact": None if view.impact is None else _impact(view.impact),
        "timeline": [
            {
                "at": write_time(entry.at),
                "kind": entry.kind,
                "what": entry.what,
                "text": entry.text,
                "by": entry.by,
                "episode_id": entry.episode_id,
                "drill": entry.drill,
            }
            for entry in view.timeline
        ],
        "retrospective": None
        if lessons is None
        else {
            "title": lessons.title,
            "held_on": lessons.held_on.isoformat(),
            "good": lessons.good,
            "improve": lessons.improve,
            "how": lessons.how,
            "actions": [_action(one) for one in view.actions],
        },
    }


def _impact(impact: Impact) -> dict[str, Any]:
    shares = {kind: impact.share(kind) for kind in SLIS}
    return {
        **as_json(impact),
        "budget_share": {
            kind: None if share is None else float(share) for kind, share in shares.items()
        },
        "frozen": impact.frozen,
    }


def _drill(view: DrillView) -> dict[str, Any]:
    drill = view.drill
    return {
        "drill_id": drill.drill_id,
        "scenario": drill.scenario,
        "title": drill.title,
        "due_on": drill.due_on.isoformat(),
        "owner": drill.owner,
        "started_at": _time(drill.started_at),
        "ended_at": _time(drill.ended_at),
        "to_detect": _seconds(view.to_detect),
        "to_acknowledge": _seconds(view.to_acknowledge),
        "to_recover": _seconds(view.to_recover),
        "overdue": view.overdue,
        "result": drill.result,
        "sentence": view.sentence,
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "action_id": action.action_id,
        "text": action.text,
        "owner": action.owner,
        "due_on": action.due_on.isoformat(),
        "done_at": _time(action.done_at),
        "done_by": action.done_by or None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
