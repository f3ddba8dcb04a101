"""A row of every metric table, minutes of serving, and what the store holds of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from core.stats.histogram import CELLS
from core.text.anonymise import ANONYMISER
from db.engine import Role, Store
from db.writer import MetricWriter

MINUTE = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)

NASTY = "Письмо\tс \\табом\nи 'кавычками', \"{}\", \\N, $1, %s — и 😀"

ROWS: dict[str, dict[str, Any]] = {
    "serving_minute": {
        "minute": MINUTE,
        "datacenter": "dc1",
        "instance": "dc1-07",
        "model_version": "v12",
        "letters": 10,
        "errors": 2,
        "slow": 3,
        "latency": [0] * 80 + [5, 3] + [0] * 80,
    },
    "heartbeat": {
        "component": "inference",
        "instance": "dc1-07",
        "datacenter": "dc1",
        "started_at": MINUTE,
        "beat_at": MINUTE + timedelta(minutes=7),
        "stopped_at": None,
    },
    "score_hour": {
        "hour": MINUTE,
        "model_version": "v12",
        "segment": "русский",
        "decision": True,
        "bin": -100,
        "letters": 2**63 - 1,
    },
    "labelled_letter": {
        "model_version": "v12",
        "letter_id": NASTY,
        "predicted_at": MINUTE,
        "labelled_at": MINUTE,
        "segment": "",
        "score": 0.1 + 0.2,
        "decision": False,
        "label": True,
        "inclusion_probability": 1e-9,
        "labeller": "assessor 3",
    },
    "false_report": {
        "report_id": "r-1",
        "reported_at": MINUTE + timedelta(microseconds=1),
        "predicted_at": MINUTE,
        "kind": "false_positive",
        "source": "user",
        "letter_key": "ab" * 32,
        "reporter_key": "",
        "sender_domain": "example.net",
        "language": "ru",
        "segment": "ru",
        "model_version": "v12",
        "score": 1.0,
        "threshold": 0.93,
        "text": NASTY,
        "anonymiser": ANONYMISER,
    },
    "experiment_bucket_day": {
        "experiment": "folder",
        "variant": "treatment",
        "dimension": "platform",
        "value": "ios",
        "day": date(2025, 6, 1),
        "bucket": 499,
        "new_users": 0,
        "active_users": 1,
        "letters": 2,
        "complaints": 3,
        "sessions": 4,
        "session_seconds": 5.5,
        "revenue": -0.25,
    },
    "experiment_bucket_before": {
        "experiment": "folder",
        "variant": "control",
        "bucket": 0,
        "users": 1,
        "active_users": 2,
        "letters": 3,
        "complaints": 4,
        "sessions": 5,
        "session_seconds": 6.5,
        "revenue": 1e300,
    },
    "product_day": {
        "day": date(2025, 6, 1),
        "metric": "revenue_ads",
        "segment": "all",
        "value": 1234.5,
    },
    "deployment": {
        "deployment_id": "d-1",
        "deployed_at": MINUTE,
        "model_version": "v12",
        "datacenter": "",
        "stage": "rolled_back",
        "threshold": None,
        "note": NASTY,
    },
    "shadow_hour": {
        "hour": MINUTE,
        "production_version": "v12",
        "candidate_version": "v13",
        "segment": "all",
        "both_positive": 1,
        "production_only": 2,
        "candidate_only": 3,
        "both_negative": 4,
        "candidate_errors": 5,
        "candidate_slow": 6,
        "user_visible": 0,
    },
    "training_run": {
        "run_id": "t-1",
        "started_at": MINUTE,
        "finished_at": None,
        "status": "running",
        "model_version": "v13",
        "parent_version": "v12",
        "letters_raw": 30,
        "letters_deduplicated": 20,
        "letters_anonymised": 20,
        "letters_trained": 10,
        "retraining_set": "",
        "note": "",
    },
}
ALL_TABLES = pytest.mark.parametrize("table", ROWS)


def stored(store: Store, table: str, order_by: str = "1, 2, 3") -> list[dict[str, Any]]:
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(text(f"select * from metrics.{table} order by {order_by}"))
        return [dict(row._mapping) for row in found]


def without_written_at(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "written_at"}


def write_minute(metrics: MetricWriter, at: int, letters: int = 10, **changes: Any) -> None:
    row = {
        "minute": MINUTE + timedelta(minutes=at),
        "datacenter": "dc1",
        "instance": "dc1-07",
        "model_version": "v12",
        "letters": letters,
        "errors": 0,
        "slow": 0,
        "latency": [letters] + [0] * (CELLS - 1),
    }
    metrics.serving_minute(**(row | changes))


def minute_columns(n: int) -> dict[str, Any]:
    latency = np.zeros((n, CELLS), dtype=np.int32)
    latency[:, 40] = np.arange(n)
    return {
        "minute": np.datetime64("2025-06-01T12:00", "us") + np.arange(n) * np.timedelta64(60, "s"),
        "datacenter": "dc1",
        "instance": [f"instance-{at % 6}" for at in range(n)],
        "model_version": "v12",
        "letters": np.arange(n),
        "errors": 0,
        "slow": np.zeros(n, dtype=np.int16),
        "latency": latency,
    }
