"""Partitions for days that retention would take away again: made just before they are filled.

Retention drops an old day once its rows are rolled up, and an empty one at any time. A day that was
dropped under a fill's feet loses nothing: rows go to the catch-all, and making the day again moves
them.
"""

from __future__ import annotations

import time
from datetime import date, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from db import partitions
from db.failures import Failure, classify

#: Making a day waits for the worker's rollup at hand, however many days are made then.
AT_ONCE = 10
#: How often to ask again while others are at work on the table, and the pause between, in seconds.
ATTEMPTS, PAUSE_S = 30, 0.2
#: A worker says so at every tick; a tick with much to roll up takes some seconds.
WORKER_ALIVE = timedelta(minutes=1)


def make_room(worker: Engine, day: date, oldest: date) -> bool:
    """Make sure that a day has a partition; if not, make it and some before it in one transaction.

    Args:
        worker: the store, as greenlight_worker.
        day: the day that is about to be filled, or was.
        oldest: no day before this one is made.

    Returns:
        Whether the day is there. If not, its rows are kept in the catch-all.

    Raises:
        DBAPIError: the store cannot be reached.
    """
    first = max(oldest, day - timedelta(days=AT_ONCE - 1))
    wanted = [first + timedelta(days=number) for number in range((day - first).days + 1)]
    for _ in range(ATTEMPTS):
        if day in partitions.days(worker):
            return True
        try:
            with worker.begin() as connection:
                connection.execute(
                    text("select rollup.create_day(day) from unnest(cast(:days as date[])) day"),
                    {"days": wanted},
                )
        except DBAPIError as error:
            if classify(error) is Failure.UNREACHABLE:
                raise
            time.sleep(PAUSE_S)
    return False


def days_to_roll_up(worker: Engine, before: date) -> int:
    """How many filled days before a day the worker has still to drop; 0 if no worker is alive.

    Raises:
        DBAPIError: the store cannot be reached.
    """
    with worker.connect() as connection:
        return int(
            connection.execute(
                text(
                    "select count(*) from pg_inherits join pg_class on pg_class.oid = inhrelid "
                    "where inhparent = 'metrics.serving_minute'::regclass "
                    "and relname ~ '^serving_minute_[0-9]{8}$' and relname < :name "
                    "and pg_relation_size(pg_class.oid) > 0 "
                    "and (select ticked_at > now() - :alive from rollup.worker)"
                ),
                {"name": f"serving_minute_{before:%Y%m%d}", "alive": WORKER_ALIVE},
            ).scalar_one()
        )
