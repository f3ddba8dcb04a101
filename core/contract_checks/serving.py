"""Rules for serving minutes and heartbeats."""

from __future__ import annotations

from datetime import timedelta

from core.contract_checks.check import Check, Severity
from core.timeframe import DAY, HOUR

#: The newest rows may still be on their way.
GRACE = timedelta(minutes=3)

_ROW = ("minute", "datacenter", "instance", "model_version")
_INSTANCE = ("datacenter", "instance")

SERVING: tuple[Check, ...] = (
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
