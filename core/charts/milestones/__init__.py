"""The charts of the milestones area."""

from core.charts.milestones.burn_up import Point, burn_up
from core.charts.milestones.gantt import MOST, PICKED, gantt
from core.charts.milestones.outlook import outlook

__all__ = ["MOST", "PICKED", "Point", "burn_up", "gantt", "outlook"]
