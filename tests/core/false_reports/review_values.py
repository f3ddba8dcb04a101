"""Groups and votes as plain values, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from core.false_reports.votes import in_second_share
from core.ports import Groups, Review

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Numbers of groups that one vote is enough for, and of groups that two people look at anyway.
_NUMBERS = np.arange(1, 2_000)
SINGLE: list[int] = _NUMBERS[~in_second_share(_NUMBERS)].tolist()
DOUBLE: list[int] = _NUMBERS[in_second_share(_NUMBERS)].tolist()


def vote(number: int, group_id: int, reviewer: str, verdict: str, **given: Any) -> Review:
    """A vote; its number says when it came."""
    return Review(
        **{
            "review_id": number,
            "group_id": group_id,
            "reviewer": reviewer,
            "verdict": verdict,
            "reason": "decision_was_right" if verdict == "reject" else "",
            "stage": "first",
            "blind": True,
            "drawn": "order",
            "decided_at": NOW + timedelta(seconds=number),
            "undone_at": None,
            "group_version": 1,
            "exemplar": f"r{group_id}",
            "reports": 1,
        }
        | given
    )


def groups(ids: Sequence[int], **given: Any) -> Groups:
    """Groups of one report each, an hour old; a column may be given as one value or as a list."""
    defaults: dict[str, Any] = {
        "kinds": "false_positive",
        "topics": 0,
        "reports": 1,
        "reporters": 1,
        "scores": 0.9,
        "thresholds": 0.5,
        "first_reported": NOW - HOUR,
        "last_reported": NOW - HOUR,
        "versions": 1,
        "segments": "shops",
        "model_versions": "bert-3",
        "withdrawn": 0,
    }
    columns = {name: _column(given.get(name, one), len(ids)) for name, one in defaults.items()}
    exemplars = given.get("exemplars", [f"r{number}" for number in ids])
    return Groups(group_ids=np.array(ids, np.int64), exemplars=tuple(exemplars), **columns)


def _column(given: Any, size: int) -> Any:
    values = given if isinstance(given, list) else [given] * size
    if values and isinstance(values[0], str):
        return tuple(values)
    if values and isinstance(values[0], datetime):
        return np.array([moment.replace(tzinfo=None) for moment in values], "datetime64[us]")
    return np.array(values)
