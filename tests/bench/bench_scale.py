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
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from core.timeframe import DAY, MINUTE, Window, floor_to
from db import partitions, rollup
from db.alerting import Alerting
from db.engine import Role, Store
from db.partitions import Retention
from db.readers.overview import SqlOverviewReader
from db.readers.watermark import watermark
from db.reports import overview_report, reliability_report
from db.team.alert_rules import ensure_rules
from db.worker import Worker
from tests.bench.bench_rollup import Stopwatch
from tests.bench.databases import database
from tests.bench.scale_sql import CORRECTION, HEARTBEATS, MINUTES
from tests.bench.scale_store import BIG, Size, fill, one_month, run, say

WINDOWS = (30, 90, 400)
ROUNDS = 3
SLOW_MS = 100.0
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
        run(self.owner, MINUTES, first=self.now, last=self.now, after=None, **asked)
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
