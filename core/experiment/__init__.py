"""Experiments: the lift of an A/B test, its verdict at any look, and when it will be settled."""

from core.experiment.decision import Outcome
from core.experiment.evidence import evidence
from core.experiment.metrics import METRICS, Metric
from core.experiment.overview import Summary, overview
from core.experiment.report import ExperimentReport, estimate, report
from core.experiment.settings import Settings

__all__ = [
    "METRICS",
    "ExperimentReport",
    "Metric",
    "Outcome",
    "Settings",
    "Summary",
    "estimate",
    "evidence",
    "overview",
    "report",
]
