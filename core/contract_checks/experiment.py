"""Rules for the bucket sums of A/B tests."""

from __future__ import annotations

from scipy.special import chdtri

from core.contract_checks.check import Check, Severity
from core.ports.experiment import BUCKETS
from core.stats.sample_ratio import MATTERS, UNLIKELY
from core.timeframe import DAY, STALE_AFTER_DAYS

#: A test is looked at as a whole, and forgotten a month after its end.
_WHOLE = 60 * DAY
#: With 20 users a bucket on average, a bucket without any is no chance (e^-20).
_ENOUGH_USERS = 20 * BUCKETS
#: A variant's day is expected half a day after its end; until then, another may have been uploaded
#: first.
_DUE = {"due": STALE_AFTER_DAYS}
#: Variants less one of the largest test whose split is checked.
_MOST_DEGREES = 30
#: The least chi-square that is no chance, by degrees of freedom from 1 on.
CRITICAL = tuple(float(chdtri(degrees, UNLIKELY)) for degrees in range(1, _MOST_DEGREES + 1))

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
    Check(
        "experiment_sums",
        "experiment_bucket_day",
        ("experiment", "variant", "dimension", "value", "day", "bucket"),
        "New users {new_users}, active users {active_users}, letters {letters}, complaints "
        "{complaints}, sessions {sessions}, session seconds {session_seconds}, revenue {revenue}.",
        "Write sums of the day: a new user is active on that day, a complaint is about a letter "
        "that was delivered, and nothing but revenue is negative.",
        back=7 * DAY,
    ),
    Check(
        "experiment_buckets",
        "experiment_bucket_day",
        ("experiment", "variant"),
        f"Buckets with rows: {{buckets}} of {BUCKETS}, the highest {{highest}}, though it has "
        "{users} new users.",
        f"Compute the bucket as hash(user, a salt of its own) mod {BUCKETS}: the variance comes "
        f"from {BUCKETS} buckets, and a missing one counts as zero.",
        back=_WHOLE,
        settings={"buckets": BUCKETS, "users": _ENOUGH_USERS},
    ),
    Check(
        "experiment_bucket_share",
        "experiment_bucket_day",
        ("experiment", "variant", "bucket"),
        "New users of this bucket: {users}. Of a bucket on average: {mean}.",
        "Hash the user's own id, with a salt: users without an id must not all fall into one "
        "bucket.",
        back=_WHOLE,
        settings={"times": 5, "users": _ENOUGH_USERS},
    ),
    Check(
        "experiment_missing_days",
        "experiment_bucket_day",
        ("experiment", "variant"),
        "Days missing between {first} and {last}: {missing}, the first {gap}.",
        "Upload every day again that is missing: an upload may be repeated, rows are replaced.",
        back=_WHOLE,
    ),
    Check(
        "experiment_arm_stopped",
        "experiment_bucket_day",
        ("experiment", "variant"),
        "Its last day is {last}, while other variants go on to {newest}.",
        "Upload every day of every variant: only days that all of them have can be compared.",
        back=_WHOLE,
        settings=_DUE,
    ),
    Check(
        "experiment_split_drift",
        "experiment_bucket_day",
        ("experiment", "variant"),
        "Its share of new users: {early} % in the first week, {late} % in the last.",
        "Keep the split as it is while a test runs: who comes later differs from who came first. "
        "To change it, start another experiment.",
        back=_WHOLE,
        settings=_DUE | {"imbalance": MATTERS, "critical": CRITICAL[0]},
    ),
    Check(
        "experiment_split",
        "experiment_bucket_day",
        ("experiment",),
        "Its {users} new users are split into {found}. Planned: {planned}.",
        "Find out where users of a variant are lost or counted twice (redirects, crashes, bots, "
        "rows of only some hosts); until then no lift of this test can be believed.",
        back=_WHOLE,
        settings=_DUE | {"imbalance": MATTERS, "critical": list(CRITICAL)},
    ),
    Check(
        "experiment_variants",
        "experiment_bucket_day",
        ("experiment",),
        "Variants of its rows: {written}. Of its definition: {defined}.",
        "Write the very names that the experiment was defined with, and rows of all of them.",
        back=_WHOLE,
        settings=_DUE,
    ),
    Check(
        "experiment_before",
        "experiment_bucket_before",
        ("experiment",),
        "Variants in experiment_bucket_day: {written}. In experiment_bucket_before: {earlier}.",
        "Write the 28 days before the test once for every variant, of the same users in the same "
        "buckets: they narrow the interval.",
        severity=Severity.HINT,
        back=_WHOLE,
        settings=_DUE,
    ),
)
