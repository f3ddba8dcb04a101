"""Training runs: how many deduplicated, anonymised letters the newest model is trained on."""

from core.training.evidence import evidence
from core.training.report import Reach, TrainingReport, held_to, reach, report
from core.training.runs import SeenRun
from core.training.settings import MEASURE, Settings
from core.training.table import HEADERS, table

__all__ = [
    "HEADERS",
    "MEASURE",
    "Reach",
    "SeenRun",
    "Settings",
    "TrainingReport",
    "evidence",
    "held_to",
    "reach",
    "report",
    "table",
]
