"""The charts of the milestones area."""

from core.charts.milestones.bars import MOST
from core.charts.milestones.burn_up import burn_up
from core.charts.milestones.gantt import PICKED, gantt
from core.charts.milestones.outlook import outlook
from core.charts.milestones.words import against_plan, burn_up_title, gantt_title, outlook_title

__all__ = [
    "MOST",
    "PICKED",
    "against_plan",
    "burn_up",
    "burn_up_title",
    "gantt",
    "gantt_title",
    "outlook",
    "outlook_title",
]
