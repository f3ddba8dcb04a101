"""The large store of bench_scale, day by day, and the small one that it is held against."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from core.timeframe import DAY, HOUR, MINUTE, floor_to
from db import partitions, rollup, schema
from db.engine import Role, Store
from db.partitions import DAYS_AHEAD, Retention
from tests.bench.bench_rollup import LETTERS_A_MINUTE, Stopwatch, histogram
from tests.bench.scale_sql import COPIES, HEARTBEATS, HISTOGRAMS, MINUTES, ROLLED

BIG = "big"
#: Of the other services, so many have 12 instances; the rest have 2.
MEDIUM, MEDIUM_INSTANCES, SMALL_INSTANCES = 4, 12, 2
#: Minutes of the other services: what 30-day pages read.
MINUTES_OF_OTHERS = 30 * DAY
#: Rows of the past were written then: a worker looks again at what was written a moment ago.
AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class Size:
    """How much is stored.

    Attributes:
        days: of the big service's minutes in the rollups.
        written: of these, so many were written row by row and rolled up; at least one.
        instances: of the big service.
        services: of all, the big one included.
        years: of the big service's hours, before those days.
    """

    days: int
    written: int
    instances: int
    services: int
    years: int

    @property
    def others(self) -> dict[str, int]:
        """The instances of the other services."""
        return {
            f"service-{number:02}": MEDIUM_INSTANCES if number <= MEDIUM else SMALL_INSTANCES
            for number in range(1, self.services)
        }


def run(owner: Engine, statement: str, **asked: Any) -> int:
    """Do one statement in a transaction of its own; how many rows it made."""
    used = {name: value for name, value in asked.items() if f":{name}" in statement}
    with owner.begin() as connection:
        return connection.execute(text(statement), used).rowcount


def vacuum(owner: Engine) -> None:
    """As autovacuum would have done between two days."""
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def say(words: str) -> None:
    """Tell whoever waits."""
    print(f"  {datetime.now(UTC):%H:%M:%S} {words}", file=sys.stderr, flush=True)


def fill(store: Store, size: Size, end: datetime) -> dict[str, Any]:
    """Write everything, and say what the days took: each is rolled up before the next comes."""
    owner, worker = store.engine(Role.OWNER), store.engine(Role.WORKER)
    since = floor_to(end, DAY) - size.written * DAY
    with owner.begin() as connection:
        connection.execute(text("select setseed(0.7)"))
        connection.execute(
            text(HISTOGRAMS),
            {
                "letters": LETTERS_A_MINUTE / size.instances,
                "shares": [float(share) for share in histogram()],
            },
        )
    rollup.catch_up(worker)
    _fill_rollups(owner, size, end)
    watch = Stopwatch(owner)
    days: list[tuple[int, float, float, float]] = []
    for day in (since + number * DAY for number in range(size.written + 1)):
        partitions.ensure(worker, day.date(), (day + DAYS_AHEAD * DAY).date())
        began = time.perf_counter()
        last = min(day + DAY, end) - MINUTE
        rows = run(
            owner,
            MINUTES,
            service=BIG,
            first=day,
            last=last,
            instances=size.instances,
            after=AFTER,
        )
        written, cpu = time.perf_counter(), watch.read()
        outcome = rollup.catch_up(worker, schedule=_from(day))
        assert not outcome.pending
        assert not outcome.errors
        rolled = time.perf_counter()
        partitions.retain(worker, min(day + DAY, end), Retention())
        days.append((rows, written - began, rolled - written, (watch.read() - cpu) / 1000))
        say(
            f"{day:%Y-%m-%d}: {rows:,} rows in {written - began:.1f} s, "
            f"rolled up in {rolled - written:.1f} s"
        )
        if day == since:
            _copy_back(owner, size, day)
    for name, instances in {BIG: size.instances, **size.others}.items():
        run(owner, HEARTBEATS, service=name, instances=instances, since=since, at=end)
    for name, instances in size.others.items():
        run(
            owner,
            MINUTES,
            service=name,
            first=floor_to(end, HOUR) - HOUR,
            last=end - MINUTE,
            instances=instances,
            after=AFTER,
        )
    rollup.catch_up(worker, schedule=_from(floor_to(end, HOUR) - HOUR))
    vacuum(owner)
    whole = [day for day in days if day[0] == max(each[0] for each in days)]
    return {
        "rows": sum(day[0] for day in days),
        "rows_a_second": round(sum(day[0] for day in days) / sum(day[1] for day in days)),
        "rolled_a_day_s": round(statistics.median(day[2] for day in whole), 2),
        "rolled_a_day_cpu_s": round(statistics.median(day[3] for day in whole), 2),
        "rolled_first_over_last": round(whole[-1][3] / whole[0][3], 2) if whole[0][3] else 1.0,
    }


def _from(day: datetime) -> rollup.Schedule:
    """Rolls up whatever changed since a day, whenever it was written."""
    back = datetime.now(UTC) - day
    return rollup.Schedule(overlap=timedelta(0), compare_every=timedelta(0), compare_back=back)


def _copy_back(owner: Engine, size: Size, day: datetime) -> None:
    """Put the big service's first day that was rolled up before itself, day by day."""
    days = size.days - size.written
    for table, statement in COPIES.items():
        made = run(owner, statement, service=BIG, first=day, next=day + DAY, days=days)
        say(f"{made:,} rows of {table} of {days} earlier days")


def _fill_rollups(owner: Engine, size: Size, end: datetime) -> None:
    """Years of the big service's hours, and the other services' rollups up to the last hour."""
    since = floor_to(end, DAY) - size.days * DAY
    last = floor_to(end, HOUR) - 2 * HOUR
    for what in ("hours", "states"):
        run(
            owner,
            ROLLED[what],
            names=[BIG],
            instances=[size.instances],
            first_hour=since - size.years * 365 * DAY,
            last_hour=since - HOUR,
        )
    names, instances = list(size.others), list(size.others.values())
    for what, statement in ROLLED.items():
        made = run(
            owner,
            statement,
            names=names,
            instances=instances,
            first_hour=floor_to(end, DAY) - max(size.days, 30) * DAY,
            first_minute=floor_to(end, DAY) - min(size.days * DAY, MINUTES_OF_OTHERS),
            last_hour=last,
        )
        say(f"{made:,} {what} of the other services")


@contextmanager
def one_month(large: Store, size: Size, end: datetime, folder: Path) -> Iterator[Store]:
    """The big service's last 30 days alone, in a second database of the same server."""
    name = "one_month"
    maintenance = create_engine(large.url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with maintenance.connect() as connection:
        connection.execute(text(f"create database {name}"))
    maintenance.dispose()
    address = large.url().set(database=name).render_as_string(hide_password=False)
    with Store(address, folder) as store:
        owner = store.engine(Role.OWNER)
        schema.migrate(owner)
        partitions.ensure(owner, (end - DAY).date(), (end + DAYS_AHEAD * DAY).date())
        since = floor_to(end - 30 * DAY, DAY)
        for table, column, first in (
            ("rollup.serving_minute", "minute", since),
            ("rollup.serving_hour", "hour", since),
            ("rollup.instance_hour", "hour", since),
            ("rollup.hour_state", "hour", since),
            ("rollup.lifetime", None, since),
            ("metrics.heartbeat", None, since),
            ("metrics.serving_minute", "minute", floor_to(end, HOUR) - HOUR),
        ):
            only = f"and {column} >= '{first.isoformat()}'" if column else ""
            _copy(large.engine(Role.OWNER, poolclass=NullPool), owner, table, only, folder / "rows")
        run(owner, "update rollup.worker set watermark = now(), deep_checked_at = now()")
        run(
            owner,
            "create table public.bench_histogram (nth integer, latency integer[], "
            "letters bigint, slow bigint)",
        )
        _copy(
            large.engine(Role.OWNER, poolclass=NullPool),
            owner,
            "public.bench_histogram",
            None,
            folder / "rows",
        )
        vacuum(owner)
        yield store


def _copy(source: Engine, target: Engine, table: str, only: str | None, passed: Path) -> None:
    where = "" if only is None else f"where service = '{BIG}' {only}"
    connection = source.raw_connection()
    with passed.open("wb") as file:
        cursor: Any = connection.cursor()
        cursor.copy_expert(f"copy (select * from {table} {where}) to stdout (format binary)", file)
    connection.close()
    connection = target.raw_connection()
    with passed.open("rb") as file:
        cursor = connection.cursor()
        cursor.copy_expert(f"copy {table} from stdin (format binary)", file)
    connection.commit()
    connection.close()
