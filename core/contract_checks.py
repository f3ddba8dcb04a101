"""The rules that rows of the metric tables are held to, and what to say where one is broken.

The rows are found by `db.readers.contradictions`, which has a query under each check's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from core.overview import PRODUCT_METRICS
from core.timeframe import DAY, HOUR

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

#: The newest rows may still be on their way.
GRACE = timedelta(minutes=3)
#: Scores and answered letters of an hour are counted by different code, and letters on the edge of
#: the hour may fall on either side of it.
_SCORES_TOLERANCE = {"share": 0.01, "letters": 10}


class Severity(Enum):
    """What a finding does to the reports."""

    ERROR = "error"  # numbers are wrong, or rows are not counted
    HINT = "hint"  # it may be meant so


@dataclass(frozen=True, slots=True)
class Check:
    """One rule.

    Attributes:
        name: what its query is called.
        table: whose rows break it.
        key: the columns that say where.
        wrong: what is wrong there; names in braces are columns of the query.
        change: what to change in the serving stack.
        back: how far back it looks.
        settings: further values that the query takes.
    """

    name: str
    table: str
    key: tuple[str, ...]
    wrong: str
    change: str
    severity: Severity = Severity.ERROR
    back: timedelta = DAY
    settings: Mapping[str, object] = field(default_factory=dict)


_ROW = ("minute", "datacenter", "instance", "model_version")
_INSTANCE = ("datacenter", "instance")

_SERVING = (
    Check(
        "latency_cells",
        "serving_minute",
        _ROW,
        "The latency cells add up to {cells}, but letters - errors is {answered}.",
        "Count every answered letter in exactly one cell, and letters without an answer in none.",
        back=6 * HOUR,
    ),
    Check(
        "slow_cells",
        "serving_minute",
        _ROW,
        "slow is {slow}, but the cells above 20 ms (82 to 162) add up to {above}.",
        "Count as slow exactly what is above 20 ms. If this service has another latency target, "
        "this is as it should be.",
        severity=Severity.HINT,
        back=6 * HOUR,
    ),
    Check(
        "instance_without_heartbeat",
        "heartbeat",
        _INSTANCE,
        "Rows in the last day: {rows}, the newest for {newest}. Heartbeats: none.",
        "Upsert a row of component 'inference' into heartbeat every few seconds: without it, a "
        "row that is missing cannot be told from a row that nobody expects.",
    ),
    Check(
        "heartbeat_elsewhere",
        "heartbeat",
        ("instance",),
        "Its heartbeat says datacenter '{beats_in}', its rows say '{writes_in}'.",
        "Write the same datacenter into both: rows are expected by datacenter.",
    ),
    Check(
        "heartbeat_without_rows",
        "heartbeat",
        _INSTANCE,
        "Its heart beat at {beat_at}, but it has written no row since {since}.",
        "Write a row every minute, with 0 letters where there were none; set stopped_at where "
        "the instance is not meant to write.",
        settings={"silence": timedelta(minutes=5)},
    ),
    Check(
        "missing_rows",
        "serving_minute",
        ("instance",),
        "Minutes written: {present} of {expected}. The first that is missing: {missing}.",
        "Write a row for every minute, with 0 letters where there were none, and send again what "
        "could not be written.",
        settings={"grace": GRACE},
    ),
    Check(
        "not_rolled_up",
        "serving_minute",
        ("hour",),
        "Rows written more than 5 minutes ago and not counted yet: {waiting}.",
        "Start the worker, which rolls rows up: python cli.py worker",
        back=7 * DAY,
        settings={"patience": timedelta(minutes=5)},
    ),
    Check(
        "refused_hour",
        "serving_minute",
        ("hour",),
        "{error}",
        "Correct these rows: none of the hour's changes are counted until then.",
        back=14 * DAY,
    ),
    Check(
        "unseen_correction",
        "serving_minute",
        ("hour",),
        "Letters, errors and slow in its rows: {letters}, {errors} and {slow}. Counted: "
        "{counted_letters}, {counted_errors} and {counted_slow}.",
        "Set written_at = now() in the upsert's do update: changed rows are found by it alone.",
    ),
    Check(
        "too_late",
        "serving_minute",
        ("hour",),
        "Rows that came after the hour was final, and are not counted: {rows}.",
        "Send rows within 14 days, better within 7.",
        back=400 * DAY,
    ),
    Check(
        "similar_names",
        "serving_minute",
        ("field",),
        "These differ only in case or white space: {names}.",
        "Write one name for one thing: each spelling is counted apart.",
        back=7 * DAY,
    ),
    Check(
        "written_ahead",
        "every table",
        ("table", "time"),
        "written_at is {written_at}, ahead of the store's clock.",
        "Leave written_at to its default, and set it to now() in the upsert: it is the store's "
        "clock, not the writer's.",
    ),
)

_QUALITY = (
    Check(
        "label_without_population",
        "labelled_letter",
        ("hour", "model_version", "decision", "bin"),
        "Labels: {labels}, one of them of letter '{letter_id}'. Letters in score_hour: none.",
        "Count every scored letter in score_hour, with the model version and the decision that its "
        "label carries: labels stand for letters that are counted.",
        back=7 * DAY,
    ),
    Check(
        "more_labels_than_letters",
        "labelled_letter",
        ("hour", "model_version", "decision", "bin"),
        "Labels: {labels}. Letters in score_hour: {letters}.",
        "Count every scored letter in score_hour, and compute its bin as "
        "clamp(floor(10 * ln(score / (1 - score))), -100, 99).",
        back=7 * DAY,
    ),
    Check(
        "label_in_unknown_segment",
        "labelled_letter",
        ("segment",),
        "Labels: {labels}. Letters of this segment in score_hour: none.",
        "Write the same segment into both tables.",
        severity=Severity.HINT,
        back=7 * DAY,
    ),
    Check(
        "scores_and_letters",
        "score_hour",
        ("hour", "model_version"),
        "Letters in score_hour: {scored}. In serving_minute: {letters}, answered {answered}.",
        "Count every answered letter once in score_hour (more than 1 % apart is reported), and "
        "write the same model version into both tables.",
        settings=_SCORES_TOLERANCE,
    ),
)

_RELEASES = (
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

_BUSINESS = (
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

CHECKS: tuple[Check, ...] = _SERVING + _QUALITY + _RELEASES + _BUSINESS
