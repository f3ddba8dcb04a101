"""A large store: 200 instances, 50 services, years of hours. What do pages and ticks cost in it?

    python -m tests.bench.bench_scale [--days 90] [--written 1] [--instances 200] [--services 50]

fills an embedded store: the last `--written` days of a big service's minutes row by row, each day
rolled up by the worker's own rollup and dropped by its retention when its time is over. Earlier
days, whose rows retention has taken long ago, are copies of a day that was rolled up, and the hours
of the years before and the other services' histories are written straight into the rollups. A
second database on the same server holds the big service's last 30 days alone, alike to the last
row: what a page or a tick costs in the large store over what it costs there is what the targets
are about.

One JSON object: `ms` and `ratio` by what was asked, `fill` of the days, `rare` work in seconds,
`disk` in MB by table, and every statement of a measured step that always took over 100 ms.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from core.timeframe import DAY, HOUR, MINUTE, Window, floor_to
from db import partitions, rollup, schema
from db.alerting import Alerting
from db.engine import Role, Store
from db.partitions import DAYS_AHEAD, Retention
from db.readers.overview import SqlOverviewReader
from db.readers.watermark import watermark
from db.reports import overview_report, reliability_report
from db.team.alert_rules import ensure_rules
from db.worker import Worker
from tests.bench.bench_rollup import LETTERS_A_MINUTE, Stopwatch, histogram
from tests.bench.databases import database

BIG = "big"
DATACENTERS = 4
#: Of the other services, so many have 12 instances; the rest have 2.
MEDIUM, MEDIUM_INSTANCES, SMALL_INSTANCES = 4, 12, 2
#: Minutes of the other services: what 30-day pages read.
MINUTES_OF_OTHERS = 30 * DAY
WINDOWS = (30, 90, 400)
ROUNDS = 3
SLOW_MS = 100.0
#: Nothing that was just written is looked at twice: with real rows, days lie between two days.
AS_THEY_COME = rollup.Schedule(overlap=timedelta(0))

# A hundred histograms with seeded noise take turns: drawing one a row would be all that is
# measured.
HISTOGRAMS = """
    create table public.bench_histogram as
    select nth, cells as latency, letters, slow
    from (
        select nth, array_agg(drawn order by cell) as cells, sum(drawn) as letters,
            coalesce(sum(drawn) filter (where cell > 81), 0) as slow
        from (
            select nth, cell, round(share * :letters * (0.9 + 0.2 * random()))::integer as drawn
            from generate_series(0, 99) as nth,
                unnest(cast(:shares as double precision[])) with ordinality as cells (share, cell)
        ) as noisy
        group by nth
    ) as summed"""
MINUTES = f"""
    insert into metrics.serving_minute
        (service, minute, datacenter, instance, model_version, letters, errors, slow, latency)
    select :service, minute, 'dc-' || instance % {DATACENTERS}, 'instance-' || instance, 'v7',
        letters + 1, 1, slow, latency
    from generate_series(cast(:first as timestamptz), :last, '1 minute') as minute
        cross join generate_series(1, :instances) as instance
        join public.bench_histogram on nth =
            (instance * 31 + (extract(epoch from minute) / 60)::bigint * 17) % 100"""
#: A correction of one instance's minutes, as its writer would send it.
CORRECTION = """
    update metrics.serving_minute set errors = 2, letters = letters + 1, written_at = now()
    where service = :service and minute >= :first and minute < :next and instance = 'instance-7'"""
#: Rollups without their rows: (service, datacenters, instances a datacenter) come as arrays.
_NAMED = """unnest(cast(:names as text[]), cast(:instances as integer[]))
    as named (service, instances),
    generate_series(0, case when named.instances < 4 then 0 else 3 end) as datacenter"""
_CELLS = "(select array_agg(90 + 7 * cell) from generate_series(1, 75) as cell)"
_SERIES = (
    "datacenter, case when named.instances < 4 then named.instances else named.instances / 4 end"
)
ROLLED = {
    "hours": f"""
        insert into rollup.serving_hour
        select named.service, hour, 'dc-' || datacenter, 'v7', 60, 60 * named.instances,
            1440000, 60, 900, 30, cells.latency
        from generate_series(cast(:first_hour as timestamptz), :last_hour, '1 hour') as hour,
            {_NAMED}, (select {_CELLS}::bigint[] as latency) as cells""",
    "states": """
        insert into rollup.hour_state (service, hour, source_rows, fingerprint, final)
        select service, hour, 60, 0, true
        from generate_series(cast(:first_hour as timestamptz), :last_hour, '1 hour') as hour,
            unnest(cast(:names as text[])) as named (service)""",
    "minutes": f"""
        insert into rollup.serving_minute
        select named.service, minute, 'dc-' || datacenter, 'v7',
            greatest(named.instances / 4, 1), 24000, 1, 15, 30, cells.latency
        from generate_series(cast(:first_minute as timestamptz), :last_hour, '1 minute') as minute,
            {_NAMED}, (select {_CELLS}::integer[] as latency) as cells
        where minute < :last_hour + interval '1 hour'""",
    "instance hours": f"""
        insert into rollup.instance_hour
        select named.service, hour, 'dc-' || datacenter,
            'instance-' || datacenter || '-' || instance, 'v7', 60, hour + interval '59 minutes', 360000, 60, 225, 30, cells.latency
        from generate_series(cast(:first_minute as timestamptz), :last_hour, '1 hour') as hour,
            {_NAMED}, generate_series(1, greatest(named.instances / 4, 1)) as instance,
            (select {_CELLS}::bigint[] as latency) as cells""",
}
#: Earlier days are a day that was rolled up, moved.
COPIES = {
    "serving_minute": """
        insert into rollup.serving_minute
        select service, minute - days * interval '1 day', datacenter, model_version, instances,
            letters, errors, slow, first_cell, latency
        from rollup.serving_minute, generate_series(1, :days) as days
        where service = :service and minute >= :first and minute < :next""",
    "serving_hour": """
        insert into rollup.serving_hour
        select service, hour - days * interval '1 day', datacenter, model_version, minutes,
            instance_minutes, letters, errors, slow, first_cell, latency
        from rollup.serving_hour, generate_series(1, :days) as days
        where service = :service and hour >= :first and hour < :next""",
    "instance_hour": """
        insert into rollup.instance_hour
        select service, hour - days * interval '1 day', datacenter, instance, model_version,
            minutes, last_minute - days * interval '1 day', letters, errors, slow, first_cell,
            latency
        from rollup.instance_hour, generate_series(1, :days) as days
        where service = :service and hour >= :first and hour < :next""",
    "hour_state": """
        insert into rollup.hour_state (service, hour, source_rows, fingerprint, final)
        select service, hour - days * interval '1 day', source_rows, fingerprint, true
        from rollup.hour_state, generate_series(1, :days) as days
        where service = :service and hour >= :first and hour < :next""",
}
HEARTBEATS = f"""
    insert into metrics.heartbeat (service, component, instance, datacenter, started_at, beat_at)
    select :service, 'inference', 'instance-' || instance, 'dc-' || instance % {DATACENTERS},
        :since, :at
    from generate_series(1, :instances) as instance
    on conflict (service, component, instance) do update set beat_at = excluded.beat_at"""
DISK = """
    select schema || '.' || name, sum(bytes)::bigint
    from (
        select nspname as schema, coalesce(parent.inhparent::regclass::oid, pg_class.oid) as owner,
            pg_total_relation_size(pg_class.oid) as bytes
        from pg_class join pg_namespace on pg_namespace.oid = relnamespace
            left join pg_inherits parent on parent.inhrelid = pg_class.oid
        where nspname in ('metrics', 'rollup') and relkind = 'r'
    ) as sized
        join lateral (select relname as name from pg_class where oid = owner) as named on true
    group by 1 having sum(bytes) > 1000000 order by 2 desc"""


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


@dataclass
class Statements:
    """What an engine's statements took: those that a page or a tick waits for."""

    slow: dict[str, float] = field(default_factory=dict)
    step: str = ""

    def watch(self, engine: Engine) -> None:
        """Note every statement of this engine that takes over SLOW_MS, under the current step."""

        @event.listens_for(engine, "before_cursor_execute")
        def begin(connection: Any, *_: Any) -> None:
            connection.info["began"] = time.perf_counter()

        @event.listens_for(engine, "after_cursor_execute")
        def end(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            took = 1000 * (time.perf_counter() - connection.info["began"])
            if self.step and took > SLOW_MS:
                key = f"{self.step}: {' '.join(statement.split())[:90]}"
                self.slow[key] = round(min(took, self.slow.get(key, math.inf)), 1)


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
        )
        written, cpu = time.perf_counter(), watch.read()
        outcome = rollup.catch_up(worker, schedule=AS_THEY_COME)
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
        )
    rollup.catch_up(worker, schedule=AS_THEY_COME)
    vacuum(owner)
    whole = [day for day in days if day[0] == max(each[0] for each in days)]
    return {
        "rows": sum(day[0] for day in days),
        "rows_a_second": round(sum(day[0] for day in days) / sum(day[1] for day in days)),
        "rolled_a_day_s": round(statistics.median(day[2] for day in whole), 2),
        "rolled_a_day_cpu_s": round(statistics.median(day[3] for day in whole), 2),
        "rolled_first_over_last": round(whole[-1][3] / whole[0][3], 2) if whole[0][3] else 1.0,
    }


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


class Side:
    """One of the two stores, and what can be asked of it."""

    def __init__(self, store: Store, size: Size, end: datetime, statements: Statements) -> None:
        self.owner, self.app = store.engine(Role.OWNER), store.engine(Role.APP)
        self.watch = Stopwatch(self.owner)
        self.size, self.now, self.statements = size, end, statements
        self.worker = Worker(store, now=lambda: self.now)
        statements.watch(self.app)
        statements.watch(self.worker._engine)

    def cpu(self) -> float:
        """CPU time of this process and of the store's server, ms."""
        return 1000 * time.process_time() + self.watch.read()

    def ask(self, step: str, question: Callable[[], object]) -> tuple[float, float]:
        """Milliseconds of a step: on the wall, and of CPU."""
        cpu, began = self.cpu(), time.perf_counter()
        self.statements.step = step
        question()
        self.statements.step = ""
        return 1000 * (time.perf_counter() - began), self.cpu() - cpu

    def view(self, days: int) -> None:
        """What the Latency and SLA page reads."""
        reliability_report(self.app, BIG, Window(days * DAY), self.now)

    def overview(self) -> None:
        """What the Overview reads."""
        overview_report(self.app, BIG, Window(30 * DAY), self.now)

    def services(self) -> None:
        """What every page's menu reads."""
        SqlOverviewReader(self.app).services()

    def mark(self) -> None:
        """What every page's caches ask."""
        watermark(self.app, BIG)

    def write_minute(self) -> None:
        """Every instance's next minute, and its beat."""
        asked = {"service": BIG, "instances": self.size.instances}
        run(self.owner, MINUTES, first=self.now, last=self.now, **asked)
        self.now += MINUTE
        run(self.owner, HEARTBEATS, since=self.now - DAY, at=self.now, **asked)

    def roll(self) -> None:
        """The part of a tick that the pages wait for."""
        assert rollup.catch_up(self.worker._engine).hours

    def tick(self) -> None:
        """What the worker does every ten seconds."""
        found = self.worker.tick()
        assert not found.errors, found.errors


def measure(sides: dict[str, Side]) -> dict[str, dict[str, float]]:
    """Every question by turns; medians in milliseconds, of the wall and of CPU."""
    steps: dict[str, Callable[[Side], object]] = {
        **{f"view_{days}d": (lambda side, days=days: side.view(days)) for days in WINDOWS},
        "overview": Side.overview,
        "services": Side.services,
        "watermark": Side.mark,
        "rollup_of_a_new_minute": Side.roll,
        "tick_with_a_new_minute": Side.tick,
    }
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for step, question in steps.items():
        taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for turn in range(ROUNDS + 1):  # the first one warms the caches
            for name, side in sides.items():
                if step.endswith("new_minute"):
                    side.write_minute()
                took = side.ask(step, partial(question, side))
                if turn:
                    taken[name].append(took)
        for name, each in taken.items():
            found[name][step] = round(statistics.median(wall for wall, _ in each), 1)
            found[name][f"{step}_cpu"] = round(min(cpu for _, cpu in each), 1)
        say(f"{step}: {found['large'][step]:.0f} ms, {found['one_month'][step]:.0f} ms")
    return found


def once(side: Side, store: Store, size: Size) -> dict[str, float]:
    """What is dear and rare: late rows, the hourly comparison, all services' pages and alerts."""
    late: date = (side.now - min(5, size.written) * DAY).date()
    first = datetime(late.year, late.month, late.day, tzinfo=UTC)
    corrected = run(side.owner, CORRECTION, service=BIG, first=first, next=first + DAY)
    found: dict[str, float] = {"late_rows": corrected}

    def note(step: str, question: Callable[[], object]) -> None:
        found[f"{step}_s"] = round(side.ask(step, question)[0] / 1000, 2)
        say(f"{step}: {found[f'{step}_s']:.2f} s")

    engine = side.worker._engine
    note("late_day", lambda: rollup.catch_up(engine))
    run(side.owner, "update rollup.worker set deep_checked_at = null")
    note("comparison_of_7_days", lambda: rollup.catch_up(engine))
    note("retention", lambda: partitions.retain(engine, side.now, Retention()))
    names = [BIG, *size.others]

    def overviews() -> None:
        for name in names:
            overview_report(side.app, name, Window(30 * DAY), side.now)

    note("overview_of_all_services", overviews)
    ensure_rules(engine, names, side.now)
    with side.owner.begin() as connection:
        connection.execute(text("truncate team.alert_evaluation, team.alert_episode cascade"))
    alerting = Alerting(engine)
    note("alerts_first_minute", lambda: alerting.evaluate(side.now))
    for _ in range(2):
        side.now += MINUTE
        note("alerts_next_minute", lambda: alerting.evaluate(side.now))
    return found


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for name, default in (
        ("days", 90),
        ("written", 1),
        ("instances", 200),
        ("services", 50),
        ("years", 5),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path, help="where the store is made; a temporary one")
    given = parser.parse_args()
    size = Size(given.days, given.written, given.instances, given.services, given.years)
    # Minutes are still to come while it is measured, and no row may be ahead of the clock.
    end = floor_to(datetime.now(UTC), MINUTE) - 15 * MINUTE
    began, statements = time.perf_counter(), Statements()
    with tempfile.TemporaryDirectory(prefix="greenlight-bench-", dir=given.folder) as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # as root, the server runs as another user, who must get in
        with database(folder) as store:
            filled = fill(store, size, end)
            filled_in = time.perf_counter() - began
            with one_month(store, size, end, folder) as small:
                sides = {
                    "large": Side(store, size, end, statements),
                    "one_month": Side(small, size, end, statements),
                }
                for side in sides.values():
                    side.tick()
                ms = measure(sides)
                rare = once(sides["large"], store, size)
                for side in sides.values():
                    side.worker.close()
            with store.engine(Role.OWNER).connect() as connection:
                disk = {name: round(size / 1e6) for name, size in connection.execute(text(DISK))}
    ratio = {
        step: round(took / ms["one_month"][step], 2)
        for step, took in ms["large"].items()
        if step.endswith("_cpu")
    }
    print(
        json.dumps(
            {
                "bench": "scale",
                "size": vars(given) | {"folder": None},
                "filled_in_s": round(filled_in),
                "fill": filled,
                "ms": ms,
                "ratio": ratio,
                "rare": rare,
                "disk_mb": disk,
                "slow_statements_ms": dict(
                    sorted(statements.slow.items(), key=lambda one: -one[1])
                ),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
