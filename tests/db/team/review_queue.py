"""The order of a store's groups, for tests: the smallest number first, each with its stage."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Engine, text

from core.false_reports.queue import Queue
from core.false_reports.votes import STAGES
from db.team.report_reviews.locking import groups

_NUMBERS = text("select group_id from team.report_group where service = :service order by 1")


def queue_of(engine: Engine, service: str) -> Queue:
    """Every group that waits for a vote."""
    with engine.connect() as connection:
        ids = connection.execute(_NUMBERS, {"service": service}).scalars().all()
        found = [group for group in groups(connection, service, ids).values() if group.state.stage]
    return Queue(
        group_ids=np.array([group.group_id for group in found], np.int64),
        priorities=np.linspace(1, 0, len(found)),
        stages=np.array([STAGES.index(str(group.state.stage)) for group in found], np.int64),
    )
