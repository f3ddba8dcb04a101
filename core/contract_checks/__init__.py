"""The rules that rows of the metric tables are held to, and what to say where one is broken.

The rows are found by `db.readers.contradictions`, which has a query under each check's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from core.contract_checks.business import BUSINESS
from core.contract_checks.check import Check, Severity
from core.contract_checks.experiment import EXPERIMENT
from core.contract_checks.false_reports import FALSE_REPORTS
from core.contract_checks.quality import QUALITY
from core.contract_checks.releases import RELEASES
from core.contract_checks.serving import GRACE, SERVING
from core.timeframe import DAY

__all__ = ["BACK", "CHECKS", "GRACE", "Check", "Severity"]

#: How far back each table's rows are counted; the others are counted in full.
BACK: Mapping[str, timedelta] = {
    "serving_minute": DAY,
    "score_hour": 7 * DAY,
    "labelled_letter": 7 * DAY,
    "false_report": 7 * DAY,
    "experiment_bucket_day": 7 * DAY,
    "product_day": 60 * DAY,
    "shadow_hour": 30 * DAY,
}

CHECKS: tuple[Check, ...] = SERVING + QUALITY + RELEASES + BUSINESS + EXPERIMENT + FALSE_REPORTS
