"""Rules for the bucket sums of A/B tests."""

from __future__ import annotations

from core.contract_checks.check import Check
from core.timeframe import DAY

EXPERIMENT: tuple[Check, ...] = (
    Check(
        "experiment_totals",
        "experiment_bucket_day",
        ("experiment", "variant", "dimension", "day"),
        "Letters, complaints and new users of its values: {letters}, {complaints} and {new_users}. "
        "Of 'all': {all_letters}, {all_complaints} and {all_new_users}.",
        "Count every user under exactly one value of each dimension, and under 'all'.",
        back=7 * DAY,
    ),
)
