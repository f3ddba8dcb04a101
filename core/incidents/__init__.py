"""Incidents and drills: what happened, what it cost, what was learned, and what is rehearsed."""

from core.incidents.changes import drafted
from core.incidents.drills import REPEAT_AFTER, SCENARIOS, NextDrill, Scenario, Times
from core.incidents.evidence import evidence
from core.incidents.impact import Impact, impact_of
from core.incidents.report import IncidentsReport, report
from core.incidents.timeline import Entry
from core.incidents.views import DrillView, IncidentView

__all__ = [
    "REPEAT_AFTER",
    "SCENARIOS",
    "DrillView",
    "Entry",
    "Impact",
    "IncidentView",
    "IncidentsReport",
    "NextDrill",
    "Scenario",
    "Times",
    "drafted",
    "evidence",
    "impact_of",
    "report",
]
