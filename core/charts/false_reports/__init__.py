"""The charts of the false reports area."""

from core.charts.false_reports.after_release import MOST as MOST_GROUPS
from core.charts.false_reports.after_release import after_release
from core.charts.false_reports.arrivals import arrivals
from core.charts.false_reports.review import reviewers, topics

__all__ = ["MOST_GROUPS", "after_release", "arrivals", "reviewers", "topics"]
