"""The metric contract as data: what every column of the metric tables may hold.

It says again what db/migrations/sql/0001_metrics.sql says in SQL, so that a row can be judged
before it is sent; a test reads the catalogue of a migrated store and compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from core.stats.histogram import CELLS

#: How far ahead of the clock a time may lie: clocks differ a little, a producer in another year
#: does not.
MAX_AHEAD = timedelta(minutes=5)
#: A time before this century is a clock that was never set, or a missing value written as 0.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
BIGINT_MAX = 2**63 - 1
INTEGER_MAX = 2**31 - 1
BUCKETS = 500
MINUTE = 60
HOUR = 3600


class Kind(StrEnum):
    """The PostgreSQL type of a column, as `format_type` spells it."""

    TEXT = "text"
    TIMESTAMP = "timestamp with time zone"
    DATE = "date"
    BIGINT = "bigint"
    SMALLINT = "smallint"
    BOOLEAN = "boolean"
    DOUBLE = "double precision"
    CELLS = "integer[]"


class _Required:
    """The default of a column that has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()


@dataclass(frozen=True)
class Column:
    """One column and what it may hold.

    Attributes:
        low, high: inclusive bounds of a number; `above` is an exclusive lower one.
        floor: seconds that a timestamp must be a multiple of (UTC); 0 for any timestamp.
        choices: the only texts allowed; empty for any text.
    """

    name: str
    kind: Kind
    default: object = REQUIRED
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    above: float | None = None
    floor: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What must hold between the columns of a row.

    Attributes:
        field: the column that is named when it does not hold.
        must: the rest of the sentence "field must ...".
        holds: takes a row's values (or whole columns, as arrays) and tells whether it holds.
    """

    field: str
    must: str
    holds: Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Table:
    """One metric table: its columns without written_at, its key, the rules between its columns."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    has_written_at: bool = True

    @property
    def qualified(self) -> str:
        """The name with its schema."""
        return f"metrics.{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)


def _text(name: str, default: object = REQUIRED, choices: tuple[str, ...] = ()) -> Column:
    return Column(name, Kind.TEXT, default=default, choices=choices)


def _time(name: str, floor: int = 0, *, nullable: bool = False) -> Column:
    default = None if nullable else REQUIRED
    return Column(name, Kind.TIMESTAMP, default=default, nullable=nullable, floor=floor)


def _count(name: str, default: object = REQUIRED) -> Column:
    return Column(name, Kind.BIGINT, default=default, low=0, high=BIGINT_MAX)


def _double(name: str, low: float | None = None, high: float | None = None) -> Column:
    return Column(name, Kind.DOUBLE, low=low, high=high)


def _bucket() -> Column:
    return Column("bucket", Kind.SMALLINT, low=0, high=BUCKETS - 1)


def _counts(*names: str) -> tuple[Column, ...]:
    return tuple(_count(name) for name in names)


_ALL = (
    Table(
        "serving_minute",
        ("service", "minute", "datacenter", "instance", "model_version"),
        (
            _text("service"),
            _time("minute", MINUTE),
            *(_text(name) for name in ("datacenter", "instance", "model_version")),
            *_counts("letters", "errors", "slow"),
            Column("latency", Kind.CELLS, low=0, high=INTEGER_MAX),
        ),
        (
            # Written as differences: a sum of two bigints could overflow in an array of int64.
            Rule("errors", "be at most letters", lambda row: row["errors"] <= row["letters"]),
            Rule(
                "slow",
                "be at most letters - errors: slow letters are answered ones",
                lambda row: row["slow"] <= row["letters"] - row["errors"],
            ),
            Rule(
                "latency",
                f"add up to letters - errors over its {CELLS} cells",
                lambda row: row["latency"].sum(axis=-1) == row["letters"] - row["errors"],
            ),
        ),
    ),
    Table(
        "heartbeat",
        ("service", "component", "instance"),
        (
            *(_text(name) for name in ("service", "component", "instance")),
            _text("datacenter", ""),
            _time("started_at"),
            _time("beat_at"),
            _time("stopped_at", nullable=True),
        ),
        has_written_at=False,
    ),
    Table(
        "score_hour",
        ("service", "hour", "model_version", "segment", "decision", "bin"),
        (
            _text("service"),
            _time("hour", HOUR),
            _text("model_version"),
            _text("segment"),
            Column("decision", Kind.BOOLEAN),
            Column("bin", Kind.SMALLINT, low=-100, high=99),
            _count("letters"),
        ),
    ),
    Table(
        "labelled_letter",
        ("service", "model_version", "letter_id"),
        (
            *(_text(name) for name in ("service", "model_version", "letter_id")),
            _time("predicted_at"),
            _time("labelled_at"),
            _text("segment"),
            _double("score", 0, 1),
            Column("decision", Kind.BOOLEAN),
            Column("label", Kind.BOOLEAN),
            Column("inclusion_probability", Kind.DOUBLE, above=0, high=1),
            _text("labeller", ""),
        ),
        (
            Rule(
                "labelled_at",
                "not lie before predicted_at",
                lambda row: row["labelled_at"] >= row["predicted_at"],
            ),
        ),
    ),
    Table(
        "false_report",
        ("service", "report_id"),
        (
            _text("service"),
            _text("report_id"),
            _time("reported_at"),
            _time("predicted_at"),
            _text("kind", choices=("false_positive", "false_negative")),
            _text("source", choices=("user", "assessor", "shadow")),
            _text("letter_key"),
            _text("reporter_key"),
            *(_text(name, "") for name in ("sender_domain", "language", "segment")),
            _text("model_version"),
            _double("score", 0, 1),
            _double("threshold"),
            _text("text"),
            _text("anonymiser"),
        ),
    ),
    Table(
        "experiment_bucket_day",
        ("service", "experiment", "variant", "dimension", "value", "day", "bucket"),
        (
            *(_text(name) for name in ("service", "experiment", "variant")),
            _text("dimension", "all"),
            _text("value", "all"),
            Column("day", Kind.DATE),
            _bucket(),
            *_counts("new_users", "active_users", "letters", "complaints", "sessions"),
            _double("session_seconds", 0),
            _double("revenue"),
        ),
    ),
    Table(
        "experiment_bucket_before",
        ("service", "experiment", "variant", "bucket"),
        (
            *(_text(name) for name in ("service", "experiment", "variant")),
            _bucket(),
            *_counts("users", "active_users", "letters", "complaints", "sessions"),
            _double("session_seconds", 0),
            _double("revenue"),
        ),
    ),
    Table(
        "product_day",
        ("service", "day", "metric", "segment"),
        (
            _text("service"),
            Column("day", Kind.DATE),
            _text("metric"),
            _text("segment", "all"),
            _double("value"),
        ),
    ),
    Table(
        "deployment",
        ("service", "deployment_id"),
        (
            _text("service"),
            _text("deployment_id"),
            _time("deployed_at"),
            _text("model_version"),
            _text("datacenter", ""),
            _text("stage", choices=("shadow", "canary", "production", "rolled_back", "retired")),
            Column("threshold", Kind.DOUBLE, default=None, nullable=True),
            _text("note", ""),
        ),
    ),
    Table(
        "shadow_hour",
        ("service", "hour", "production_version", "candidate_version", "segment"),
        (
            _text("service"),
            _time("hour", HOUR),
            _text("production_version"),
            _text("candidate_version"),
            _text("segment", "all"),
            *_counts("both_positive", "production_only", "candidate_only", "both_negative"),
            *_counts("candidate_errors", "candidate_slow"),
            _count("user_visible", 0),
        ),
    ),
    Table(
        "training_run",
        ("service", "run_id"),
        (
            _text("service"),
            _text("run_id"),
            _time("started_at"),
            _time("finished_at", nullable=True),
            _text("status", choices=("running", "succeeded", "failed")),
            _text("model_version"),
            _text("parent_version", ""),
            *_counts("letters_raw", "letters_deduplicated", "letters_anonymised"),
            _count("letters_trained"),
            _text("retraining_set", ""),
            _text("note", ""),
        ),
        (
            Rule(
                "letters_deduplicated",
                "be at most letters_raw",
                lambda row: row["letters_deduplicated"] <= row["letters_raw"],
            ),
            Rule(
                "letters_anonymised",
                "be at most letters_deduplicated",
                lambda row: row["letters_anonymised"] <= row["letters_deduplicated"],
            ),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
