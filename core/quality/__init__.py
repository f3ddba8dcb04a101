"""Quality: precision and recall of a classifier, from labels of some letters and scores of all."""

from core.quality.evidence import evidence
from core.quality.report import Focus, QualityReport, held_to, report
from core.quality.settings import Settings

__all__ = ["Focus", "QualityReport", "Settings", "evidence", "held_to", "report"]
