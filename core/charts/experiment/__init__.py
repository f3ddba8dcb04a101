"""The charts of the experiment area."""

from core.charts.experiment.effects import denominators, guardrails, segments, weeks
from core.charts.experiment.lift import lift, spark
from core.charts.experiment.split import split

__all__ = [
    "denominators",
    "guardrails",
    "lift",
    "segments",
    "spark",
    "split",
    "weeks",
]
