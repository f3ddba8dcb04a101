"""The charts of the reliability area."""

from core.charts.reliability.events import gaps, marks
from core.charts.reliability.over_window import burn_down, distribution, load, percentiles
from core.charts.reliability.series import MOMENT
from core.charts.reliability.sparks import load_spark, sli_spark

__all__ = [
    "MOMENT",
    "burn_down",
    "distribution",
    "gaps",
    "load",
    "load_spark",
    "marks",
    "percentiles",
    "sli_spark",
]
