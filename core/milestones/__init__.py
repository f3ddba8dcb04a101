"""Milestones: what is promised by when, the work that it takes, and when that will be done."""

from core.milestones.evidence import evidence
from core.milestones.forecast import Forecast, NoForecast
from core.milestones.iterations import IterationView, Turn
from core.milestones.report import MilestonesReport, report
from core.milestones.states import TaskState, TaskView
from core.milestones.views import MilestoneState, MilestoneView

__all__ = [
    "Forecast",
    "IterationView",
    "MilestoneState",
    "MilestoneView",
    "MilestonesReport",
    "NoForecast",
    "TaskState",
    "TaskView",
    "Turn",
    "evidence",
    "report",
]
