"""The charts of the quality area."""

from core.charts.quality.confusion import confusion
from core.charts.quality.curve import curve
from core.charts.quality.scores import coverage, histogram
from core.charts.quality.trend import spark, trend

__all__ = ["confusion", "coverage", "curve", "histogram", "spark", "trend"]
