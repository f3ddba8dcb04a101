"""What rolling up costs; `python -m tests.bench.bench_rollup` prints one JSON object, milliseconds.

An hour of 6 and of 60 instances in 3 datacenters, from nothing: finding that it changed, adding it
up, storing it. Beside it the obvious query for the same sums (unnest of the histograms, adding
nothing else and storing nothing), a tick with nothing to do and one with a new minute in a store of
14 days, and a day of history. The time is the CPU time of the server's processes where they run on
this machine (`clock` says "cpu"), else that of the clock on the wall. DATABASE_URL names a server
where a database may be created; without it, an embedded one is started.
"""

from __future__ import annotations

import io
import json
import math
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, text

from core.stats.histogram import UPPER_EDGES
from db import partitions, rollup
from db.engine import Role
from db.partitions import DAYS_AHEAD
from db.worker import Worker
from tests.bench.bench_copy import fresh_store

DATACENTERS = 3
LETTERS_A_MINUTE = 960_000
#: Median and spread of the lognormal latency: about 75 cells of a minute are not empty.
MEDIAN_MS, SIGMA = 5.0, 0.35
ROUNDS = 3  # the best one counts: other work on the machine only ever slows a round down
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALWAYS_COMPARE = rollup.Schedule(compare_every=timedelta(0), compare_back=400 * DAY)
PROCESSES = text("select pid from pg_stat_activity where datname = current_database()")
UNNEST = text("""
    select minute, datacenter, model_version, cell, sum(letters_in_cell)
    from metrics.serving_minute,
        unnest(latency) with ordinality as cells (letters_in_cell, cell)
    where service = :service group by 1, 2, 3, 4
""")


def histogram() -> NDArray[np.float64]:
    """The share of letters by cell, shape (162,)."""
    below = [0.5 * (1 + math.erf(math.log(e / MEDIAN_MS) / SIGMA / 2**0.5)) for e in UPPER_EDGES]
    return np.diff([0.0, *below, 1.0])


def rows(service: str, first: datetime, minutes: int, instances: int) -> str:
    """Rows as COPY reads them, every instance in every minute."""
    rng = np.random.default_rng(7)
    shares, lines = histogram(), []
    letters = LETTERS_A_MINUTE // instances
    # Drawing a histogram a row would take longer than rolling it up: a hundred of them take turns.
    drawn = rng.multinomial(letters, shares, size=100)
    texts = ["{" + ",".join(map(str, cells)) + "}" for cells in drawn.tolist()]
    slow = drawn[:, 81:].sum(axis=1).tolist()
    for minute in range(minutes):
        for instance in range(instances):
            at = (minute * instances + instance) % 100
            where = f"dc{instance % DATACENTERS}\ti{instance}\tv1"
            when = (first + timedelta(minutes=minute)).isoformat()
            lines.append(f"{service}\t{when}\t{where}\t{letters}\t0\t{slow[at]}\t{texts[at]}\n")
    return "".join(lines)


def copy(owner: Engine, lines: str) -> None:
    """Write rows."""
    connection = owner.raw_connection()
    cursor: Any = connection.cursor()
    cursor.copy_expert(
        "copy metrics.serving_minute (service, minute, datacenter, instance, model_version, "
        "letters, errors, slow, latency) from stdin",
        io.StringIO(lines),
    )
    connection.commit()
    connection.close()


class Stopwatch:
    """Milliseconds of the server's processes that work for one database."""

    def __init__(self, owner: Engine) -> None:
        self.owner = owner
        self.clock = "cpu" if self._cpu() is not None else "wall"

    def best(
        self, work: Callable[[], object], before: Callable[[], object] = lambda: None
    ) -> float:
        """The best of the rounds."""
        found = []
        for _ in range(ROUNDS):
            before()
            start = self.read()
            work()
            found.append(self.read() - start)
        return round(min(found), 1)

    def read(self) -> float:
        """Milliseconds so far."""
        return (self._cpu() or 0.0) if self.clock == "cpu" else 1000 * time.perf_counter()

    def _cpu(self) -> float | None:
        """CPU time that this database's processes have used, ms; None where it is unknown.

        A process that has gone, as a parallel worker's does, is in the server's own account of its
        dead children: without it the time that it took would be taken away again.
        """
        with self.owner.connect() as connection:
            pids = connection.execute(PROCESSES).scalars().all()
        try:
            used = [Path(f"/proc/{pid}/schedstat").read_text().split()[0] for pid in pids]
            names = [Path(f"/proc/{pid}/comm").read_text() for pid in pids]
            dead = _of_dead_children(_parent(pids[0])) if pids else 0.0
        except OSError:
            return None
        if not all("postgres" in name for name in names):
            return None
        return sum(map(int, used)) / 1e6 + dead


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _of_dead_children(pid: int) -> float:
    """CPU time of the processes that this one has started and that have ended, ms."""
    user, system = _stat(pid)[13:15]
    return 1000 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """What follows a process's name in its status: state, parent, ..."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def from_nothing(watch: Stopwatch, worker: Engine, service: str, lines: str) -> float:
    """Rolling these rows up for the first time."""
    owner = watch.owner
    _empty(owner, "metrics.serving_minute")
    copy(owner, lines)
    _analyse(owner)

    def forget() -> None:
        _empty(owner, "rollup.serving_minute, rollup.serving_hour, rollup.instance_hour")
        _empty(owner, "rollup.hour_state")

    found = watch.best(lambda: rollup.catch_up(worker, schedule=ALWAYS_COMPARE), forget)
    with worker.connect() as connection:
        stored = connection.execute(
            text("select sum(letters) from rollup.serving_hour where service = :service"),
            {"service": service},
        ).scalar_one()
        assert stored % LETTERS_A_MINUTE == 0 < stored
    return found


def _empty(owner: Engine, tables: str) -> None:
    with owner.begin() as connection:
        connection.execute(text(f"truncate {tables}"))


def _analyse(owner: Engine) -> None:
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze metrics.serving_minute"))


def main() -> None:
    """Measure and print."""
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0) - 2 * HOUR
    midnight = hour.replace(hour=0)
    with fresh_store() as store:
        worker = store.engine(Role.WORKER)
        partitions.ensure(worker, (now - 14 * DAY).date(), (now + DAYS_AHEAD * DAY).date())
        rollup.catch_up(worker)
        watch = Stopwatch(store.engine(Role.OWNER))
        found: dict[str, float] = {}
        for instances in (6, 60):
            lines = rows("bench", hour, 60, instances)
            found[f"hour_of_{instances}_instances"] = from_nothing(watch, worker, "bench", lines)
        with worker.connect() as connection:
            found["hour_of_60_instances_by_unnest"] = watch.best(
                lambda: connection.execute(UNNEST, {"service": "bench"}).all()
            )
        for name, instances in (("shared", 6), ("single", 3)):
            lines = rows("bench", midnight - 2 * DAY, 1440, instances)
            found[f"day_of_{instances}_{name}_series"] = from_nothing(watch, worker, "bench", lines)
        ticking = Worker(store, now=lambda: now)
        ticking.tick()
        found["idle_tick"] = watch.best(ticking.tick)
        moments = iter(range(ROUNDS))
        found["tick_with_a_new_minute"] = watch.best(
            ticking.tick,
            lambda: copy(watch.owner, rows("live", hour + timedelta(minutes=next(moments)), 1, 6)),
        )
        ticking.close()
    ratio = found["hour_of_60_instances_by_unnest"] / found["hour_of_60_instances"]
    print(json.dumps({"clock": watch.clock} | found | {"unnest_over_rollup": round(ratio, 2)}))


if __name__ == "__main__":
    main()
