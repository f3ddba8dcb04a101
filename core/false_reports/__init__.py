"""False reports: what users say was decided wrongly, its review, and what came of it."""

from core.false_reports.after_release import AfterRelease
from core.false_reports.evidence import evidence
from core.false_reports.fate import FATES, Fate
from core.false_reports.overview import Summary, overview
from core.false_reports.report import FalseReportsReport, Stage, report
from core.false_reports.settings import Settings

__all__ = [
    "FATES",
    "AfterRelease",
    "FalseReportsReport",
    "Fate",
    "Settings",
    "Stage",
    "Summary",
    "evidence",
    "overview",
    "report",
]
