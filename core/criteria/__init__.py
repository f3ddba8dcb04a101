"""Goals, criteria and interim targets: each criterion against the nearest milestone's target."""

from core.criteria.report import GoalReport, Reports, report, verdict
from core.criteria.words import target_words
from core.targets import nearest_due

__all__ = ["GoalReport", "Reports", "nearest_due", "report", "target_words", "verdict"]
