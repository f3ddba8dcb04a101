"""Going on after a stop or a crash: what the store already knows is read back, never counted anew.

Of the counts, only metrics.serving_minute is read. Which letters a minute had follows from how
many it had, so the hours' scores and the labels under way are derived from its rows and agree with
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Engine, text

from db.demo.spambase.counts import HourCounts, MinuteCounts
from db.demo.spambase.labels import LONGEST_LAG, Label, labels_of_minute
from db.demo.spambase.letters import SERVICE, Letters, floor_hour, floor_minute

_NEWEST = text(
    "select max(minute) from metrics.serving_minute "
    "where service = :service and model_version = :version"
)
_MINUTES = text(
    "select minute, instance, letters, errors, latency from metrics.serving_minute "
    "where service = :service and model_version = :version and minute >= :since"
)
_DAYS = text(
    "select (minute at time zone 'UTC')::date as day, sum(letters)::bigint as letters "
    "from metrics.serving_minute "
    "where service = :service and minute >= :since "
    "and (minute < :current or instance <> :instance) group by 1"
)
_DEPLOYED = text("select exists (select from metrics.deployment where service = :service)")


@dataclass(frozen=True)
class Recovered:
    """Where an earlier run of the service left off.

    Attributes:
        first_start: the service never ran on this store.
        started: this instance's minutes that are not over yet, by minute.
        hours: the scores of the finished minutes, for each hour that may still change.
        days: the letters of the finished minutes, for each day that may still change.
        labels: labels that were under way when it stopped; some may have come already.
    """

    first_start: bool
    started: dict[datetime, MinuteCounts]
    hours: dict[datetime, HourCounts]
    days: dict[date, int]
    labels: list[Label]


def recover(engine: Engine, letters: Letters, instance: str, now: datetime) -> Recovered:
    """Read back what was counted before now.

    Raises:
        OperationalError: the store does not answer.
    """
    current = floor_minute(now)
    named = {
        "service": SERVICE,
        "version": letters.model_version,
        "instance": instance,
        "current": current,
    }
    with engine.connect() as connection:
        deployed = connection.execute(_DEPLOYED, named).scalar_one()
        newest = connection.execute(_NEWEST, named).scalar_one() or current
        since = floor_hour(min(newest, current) - LONGEST_LAG)
        minutes = connection.execute(_MINUTES, named | {"since": since}).all()
        days = connection.execute(_DAYS, named | {"since": since.replace(hour=0)}).all()
    found = Recovered(not deployed, {}, {}, {row.day: row.letters for row in days}, [])
    for row in minutes:
        counts = MinuteCounts.from_row(
            letters, row.minute, row.letters, row.errors, np.array(row.latency)
        )
        mine = row.instance == instance
        if mine and row.minute >= current:
            found.started[row.minute] = counts
            continue
        found.hours.setdefault(floor_hour(row.minute), HourCounts()).add(letters, counts)
        if mine:
            found.labels.extend(labels_of_minute(letters, row.minute, instance, *counts.answers()))
    return found
