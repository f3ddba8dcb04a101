"""Rules for product metrics."""

from __future__ import annotations

from core.contract_checks.check import Check, Severity
from core.overview import PRODUCT_METRICS
from core.timeframe import DAY

BUSINESS: tuple[Check, ...] = (
    Check(
        "negative_product_metric",
        "product_day",
        ("day", "metric", "segment"),
        "The value is {value}.",
        "Write a total of the day; none of the contract's metrics can be negative.",
        back=60 * DAY,
    ),
    Check(
        "unknown_product_metric",
        "product_day",
        ("metric",),
        "The contract has no metric of this name. Days that carry it: {days}.",
        f"Use the contract's names: {', '.join(PRODUCT_METRICS)}.",
        severity=Severity.HINT,
        back=60 * DAY,
        settings={"known": list(PRODUCT_METRICS)},
    ),
    Check(
        "missing_product_days",
        "product_day",
        ("metric",),
        "Days missing between {first} and {last}: {missing}, the first {gap}.",
        "Write every day, also one of 0: a week with a missing day is not compared.",
        back=60 * DAY,
    ),
)
