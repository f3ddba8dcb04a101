"""The life cycle: stages and gates, shadow runs, and what has to be saved before a switch-off."""

from core.life_cycle.changes import Passing, Place, parse_passing, parse_place, parse_why
from core.life_cycle.evidence import evidence
from core.life_cycle.gates import GateView, Met
from core.life_cycle.report import LifeCycleReport, Standing, report, standing
from core.life_cycle.settings import Settings
from core.life_cycle.shadow import ShadowRun
from core.life_cycle.stages import GATES, ITEMS, STAGES, Phase

__all__ = [
    "GATES",
    "ITEMS",
    "STAGES",
    "GateView",
    "LifeCycleReport",
    "Met",
    "Passing",
    "Phase",
    "Place",
    "Settings",
    "ShadowRun",
    "Standing",
    "evidence",
    "parse_passing",
    "parse_place",
    "parse_why",
    "report",
    "standing",
]
