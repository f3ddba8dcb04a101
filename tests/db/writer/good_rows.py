"""A row of every metric table that keeps the contract."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

NOW = datetime(2025, 6, 1, 12, 30, 20, tzinfo=UTC)
MINUTE = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
DAY = date(2025, 6, 1)
CELLS_OF_TEN = [0] * 80 + [7, 3] + [0] * 80

COUNTS = {"new_users": 1, "active_users": 1, "letters": 1, "complaints": 0, "sessions": 1}
GOOD: dict[str, dict[str, Any]] = {
    "serving_minute": {
        "minute": MINUTE, "datacenter": "dc1", "instance": "a", "model_version": "v1",
        "letters": 12, "errors": 2, "slow": 3, "latency": CELLS_OF_TEN,
    },
    "heartbeat": {
        "component": "inference", "instance": "a", "datacenter": "", "started_at": MINUTE,
        "beat_at": MINUTE, "stopped_at": None,
    },
    "score_hour": {
        "hour": MINUTE, "model_version": "v1", "segment": "ru", "decision": True, "bin": 0,
        "letters": 1,
    },
    "labelled_letter": {
        "model_version": "v1", "letter_id": "l", "predicted_at": MINUTE, "labelled_at": NOW,
        "segment": "ru", "score": 0.5, "decision": True, "label": False,
        "inclusion_probability": 0.5, "labeller": "",
    },
    "false_report": {
        "report_id": "r", "reported_at": NOW, "predicted_at": MINUTE, "kind": "false_positive",
        "source": "user", "letter_key": "k", "reporter_key": "", "sender_domain": "",
        "language": "", "segment": "", "model_version": "v1", "score": 0.5, "threshold": 0.5,
        "text": "text", "anonymiser": "greenlight 1",
    },
    "experiment_bucket_day": {
        "experiment": "e", "variant": "v", "dimension": "all", "value": "all", "day": DAY,
        "bucket": 0, **COUNTS, "session_seconds": 1.0, "revenue": -1.0,
    },
    "experiment_bucket_before": {
        "experiment": "e", "variant": "v", "bucket": 0, "users": 1, "active_users": 1,
        "letters": 1, "complaints": 0, "sessions": 1, "session_seconds": 1.0, "revenue": 1.0,
    },
    "product_day": {"day": DAY, "metric": "letters", "segment": "all", "value": 1.0},
    "deployment": {
        "deployment_id": "d", "deployed_at": MINUTE, "model_version": "v1", "datacenter": "",
        "stage": "canary", "threshold": None, "note": "",
    },
    "shadow_hour": {
        "hour": MINUTE, "production_version": "v1", "candidate_version": "v2", "segment": "all",
        "both_positive": 1, "production_only": 1, "candidate_only": 1, "both_negative": 1,
        "candidate_errors": 0, "candidate_slow": 0, "user_visible": 0,
    },
    "training_run": {
        "run_id": "t", "started_at": MINUTE, "finished_at": NOW, "status": "failed",
        "model_version": "v1", "parent_version": "", "letters_raw": 3, "letters_deduplicated": 2,
        "letters_anonymised": 1, "letters_trained": 1, "retraining_set": "", "note": "",
    },
}  # fmt: skip


def row_of(table: str, **changes: Any) -> dict[str, Any]:
    return {"service": "s"} | GOOD[table] | changes
