"""The on-call report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from typing import Any

from core.oncall.report import Duty, OnCallReport
from core.oncall.rota import Shift
from core.timeframe import MINUTE, write_time


def evidence(found: OnCallReport) -> dict[str, Any]:
    """Everything the report says; null is nobody. Times are ISO 8601 UTC."""
    return {
        "as_of": write_time(found.as_of),
        "sentence": f"{found.headline.removesuffix('.')}.",
        "services": [_duty(duty) for duty in found.duties],
        "double_duty": [
            {
                "member": one.member,
                "services": list(one.services),
                "start": write_time(one.start),
                "end": write_time(one.end),
            }
            for one in found.double
        ],
        "warnings": list(found.warnings),
        "notes": list(found.notes),
    }


def _duty(duty: Duty) -> dict[str, Any]:
    rota = duty.rota
    return {
        "service": duty.service,
        "sentence": duty.sentence,
        "now": None if duty.now is None else _shift(duty.now),
        "upcoming": [_shift(shift) for shift in duty.upcoming],
        "gaps": [
            {"start": write_time(gap.start), "end": write_time(gap.end), "why": gap.why}
            for gap in duty.gaps
        ],
        "rota": None
        if rota is None
        else {
            "zone": rota.zone,
            "handover_weekday": rota.handover_weekday,
            "handover_time": f"{rota.handover_time:%H:%M}",
            "starts_on": rota.starts_on.isoformat(),
            "members": list(rota.members),
            "departed": list(rota.departed),
            "escalate_after_minutes": rota.escalate_after // MINUTE,
            "escalate_to": rota.escalate_to or None,
        },
    }


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "member": shift.member or None,
        "start": write_time(shift.start),
        "end": write_time(shift.end),
        "scheduled": shift.scheduled or None,
        "override": shift.override is not None,
        "why_nobody": shift.why_nobody or None,
    }
