"""Rules for deployments, shadow runs and training runs."""

from __future__ import annotations

from core.contract_checks.check import Check, Severity
from core.timeframe import DAY, HOUR

RELEASES: tuple[Check, ...] = (
    Check(
        "deployed_but_silent",
        "deployment",
        ("deployment_id",),
        "Version {model_version} went to {stage} at {deployed_at}, but no row carries it.",
        "Write into deployment the very version that rows carry.",
        back=30 * DAY,
        settings={"grace": HOUR},
    ),
    Check(
        "version_without_deployment",
        "deployment",
        ("model_version",),
        "Letters served since {since}: {letters}. Deployments that name it: none.",
        "Insert a row into deployment with every release: charts mark it, and its cost is told.",
        severity=Severity.HINT,
        back=7 * DAY,
    ),
    Check(
        "shadow_was_visible",
        "shadow_hour",
        ("hour", "candidate_version", "segment"),
        "Letters whose handling the candidate changed: {user_visible}.",
        "Let the candidate decide nothing: a shadow run that changes anything for a user failed.",
        back=30 * DAY,
    ),
    Check(
        "training_ends_before_it_starts",
        "training_run",
        ("run_id",),
        "It started at {started_at} and finished at {finished_at}.",
        "Take both times from one clock, in UTC.",
        back=400 * DAY,
    ),
)
