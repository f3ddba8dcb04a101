"""Forty groups of one report each, and what is claimed, seen and decided of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from core.false_reports.queue import Queue
from core.false_reports.reviews import Seen
from core.false_reports.votes import in_second_share
from core.ports import Claim, Review
from db.readers import report_reviews as reader
from db.team.report_reviews import claim_next, decide
from db.team.report_reviews.locking import Group, groups
from tests.db.team.report_rows import Report, put_reports
from tests.db.team.review_queue import queue_of

SERVICE = "newsletters"
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
#: Enough for some groups of the share that two people look at.
MANY = 40
NUMBERS = np.arange(1, MANY + 1)
SINGLE: list[int] = NUMBERS[~in_second_share(NUMBERS)].tolist()
DOUBLE: list[int] = NUMBERS[in_second_share(NUMBERS)].tolist()
ANOTHER_TEXT = "Another text stands for this group since you opened it: read it before you decide."
ONE, TWO = SINGLE[0], DOUBLE[0]


def group(app: Engine, group_id: int) -> Group:
    with app.connect() as connection:
        return groups(connection, SERVICE, [group_id])[group_id]


def seen(app: Engine, group_id: int) -> Seen:
    found = group(app, group_id)
    return Seen(group_id, found.version, found.exemplar, found.state.stage or "first")


def votes(app: Engine, as_of: datetime = NOW + timedelta(days=9)) -> tuple[Review, ...]:
    with app.connect() as connection:
        return reader.reviews(connection, SERVICE, as_of)


def vote(app: Engine, group_id: int, verdict: str, reviewer: str, **given: Any) -> Review:
    """A vote on the group as it is now."""
    defaults: dict[str, Any] = {
        "at": NOW,
        "request_id": f"{reviewer} {group_id} {len(votes(app))}",
        "reason": "too_little_text" if verdict == "reject" else "",
    }
    return decide(app, SERVICE, seen(app, group_id), verdict, reviewer=reviewer, **defaults | given)


def handed(app: Engine, reviewer: str, order: Queue | None = None, **given: Any) -> Claim:
    found = claim_next(
        app, SERVICE, reviewer, order=order or queue_of(app, SERVICE), **{"at": NOW} | given
    )
    assert found is not None
    return found


def only(*group_ids: int) -> Queue:
    """An order of some groups."""
    size = len(group_ids)
    return Queue(np.array(group_ids), np.linspace(1, 0, size), np.zeros(size, np.int64))


def claims(app: Engine, at: datetime = NOW) -> tuple[Claim, ...]:
    with app.connect() as connection:
        return reader.claims(connection, SERVICE, at)


def join(worker: Engine, group_id: int, reports: int = 1) -> None:
    """Reports that are near-identical arrive."""
    put_reports(
        worker,
        SERVICE,
        [Report(f"late {number}", group_id) for number in range(reports)],
    )


def make_set(connection: Connection, group_id: int) -> None:
    """A retraining set with one letter of a group."""
    for statement in (
        """insert into team.retraining_set (service, set_id, number, created_at, created_by,
            letters, groups, manifest)
        values (:service, 'newsletters-1', 1, now(), 'Вера', 1, array[:group_id], '{}')""",
        """insert into team.retraining_set_letter (service, set_id, position, split, group_id,
            report_id, letter_key, row)
        values (:service, 'newsletters-1', 1, 'train', :group_id, 'r', 'r', '{}')""",
    ):
        connection.execute(text(statement), {"service": SERVICE, "group_id": group_id})
