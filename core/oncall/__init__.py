"""On-call: who watches a service now and next, where nobody will, and who is called instead."""

from core.oncall.changes import Cover, parse_cover, parse_rota, swap_of
from core.oncall.escalation import DRILL_LABEL, Escalation, due, steps
from core.oncall.evidence import evidence
from core.oncall.gaps import DoubleDuty, Gap
from core.oncall.report import Duty, OnCallReport, on_duty, report
from core.oncall.rota import Shift, shifts, who

__all__ = [
    "DRILL_LABEL",
    "Cover",
    "DoubleDuty",
    "Duty",
    "Escalation",
    "Gap",
    "OnCallReport",
    "Shift",
    "due",
    "evidence",
    "on_duty",
    "parse_cover",
    "parse_rota",
    "report",
    "shifts",
    "steps",
    "swap_of",
    "who",
]
