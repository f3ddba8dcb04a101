"""How many serving_minute rows a second MetricWriter writes; `python -m tests.bench.bench_copy`.

One JSON object: rows a second by `load` (end to end: validation, COPY, commit) into new rows and
over existing ones, by `psycopg2.extras.execute_values` for comparison, and through the live path,
one call a row. Rows are spread over 6 instances in 3 datacenters; the partitions of their days are
there. DATABASE_URL names a server where a database may be created; without it, an embedded one is
started.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from psycopg2.extras import execute_values
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from core.stats.histogram import CELLS
from db import schema
from db.engine import Role, Store
from db.writer import MetricWriter

INSTANCES = 6
COPIED = 40_000
UPSERTED = 3_000
LIVE = 4_000
FIRST_MINUTE = datetime(2026, 5, 1, tzinfo=UTC)
ROUNDS = 2  # the better one counts: other work on the machine only ever slows a round down


def histories(rows: int) -> dict[str, Any]:
    """Columns of `rows` rows of a service with about 1M letters a minute over 6 instances."""
    rng = np.random.default_rng(20260501)
    number = np.arange(rows)
    latency = np.zeros((rows, CELLS), dtype=np.int32)
    latency[:, 30:100] = rng.poisson(2300, (rows, 70))
    answered = latency.sum(axis=1)
    errors = rng.poisson(5, rows)
    start = np.datetime64(FIRST_MINUTE.replace(tzinfo=None), "us")
    instance = number % INSTANCES
    return {
        "minute": start + (number // INSTANCES) * np.timedelta64(60, "s"),
        "datacenter": [f"dc{at // 2 + 1}" for at in instance.tolist()],
        "instance": [f"newsletters-{at:02d}" for at in instance.tolist()],
        "model_version": "v12",
        "letters": answered + errors,
        "errors": errors,
        "slow": latency[:, 81:].sum(axis=1),
        "latency": latency,
    }


@contextmanager
def fresh_store() -> Iterator[Store]:
    """A migrated store of the benchmark's own, with the days that its rows fall on."""
    address = os.environ.get("DATABASE_URL")
    folder = Path(tempfile.mkdtemp(prefix="greenlight-bench-"))
    folder.chmod(0o755)  # as root the server is another user's, and must find its way in
    name = f"greenlight_bench_{uuid.uuid4().hex[:12]}"
    try:
        with Store(address, folder) as server:
            url = server.url()
            maintenance = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
            with maintenance.connect() as connection:
                connection.execute(text(f'create database "{name}"'))
            own = url.set(database=name).render_as_string(hide_password=False)
            with Store(own, folder) as store:
                schema.migrate(store.engine(Role.OWNER))
                create_days(store, COPIED)
                yield store
            with maintenance.connect() as connection:
                connection.execute(text(f'drop database "{name}" with (force)'))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def create_days(store: Store, rows: int) -> None:
    """Create the partitions as the worker does."""
    last = FIRST_MINUTE + timedelta(minutes=rows // INSTANCES)
    days = [FIRST_MINUTE.date()]
    while days[-1] < last.date():
        days.append(days[-1] + timedelta(days=1))
    with store.engine(Role.OWNER).begin() as connection:
        for day in days:
            _create_day(connection, day)


def _create_day(connection: Any, day: date) -> None:
    connection.execute(text("select rollup.create_day(:day)"), {"day": day})


def rate(rows: int, work: Callable[[], object], before: Callable[[], object]) -> float:
    """Rows a second in the better of the rounds."""
    seconds = []
    for _ in range(ROUNDS):
        before()
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return round(rows / min(seconds))


def by_execute_values(store: Store, columns: dict[str, Any], rows: int) -> None:
    """The same rows the usual way, with the contract's upsert and cells as array literals.

    (Given lists of integers, psycopg2 quotes each cell by itself, which is several times slower.)
    """
    names = list(columns)
    changed = ", ".join(f"{name} = excluded.{name}" for name in names[4:])
    minutes = columns["minute"].astype("datetime64[s]").astype(str)
    values = [
        (
            "newsletters",
            minutes[at] + "Z",
            columns["datacenter"][at],
            columns["instance"][at],
            "v12",
            *(int(columns[name][at]) for name in ("letters", "errors", "slow")),
            "{" + ",".join(map(str, columns["latency"][at].tolist())) + "}",
        )
        for at in range(rows)
    ]
    connection = store.engine(Role.SERVING).raw_connection()
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        execute_values(
            cursor,
            f"insert into metrics.serving_minute (service, {', '.join(names)}) values %s "
            "on conflict (service, minute, datacenter, instance, model_version) do update set "
            f"{changed}, written_at = now()",
            values,
            page_size=1000,
        )
    connection.commit()
    connection.close()


def live(metrics: MetricWriter, columns: dict[str, Any], rows: int) -> None:
    """One call a row, until all of them are stored."""
    for at in range(rows):
        metrics.serving_minute(
            minute=FIRST_MINUTE + timedelta(minutes=at // INSTANCES),
            datacenter=columns["datacenter"][at],
            instance=columns["instance"][at],
            model_version="v12",
            letters=columns["letters"][at],
            errors=columns["errors"][at],
            slow=columns["slow"][at],
            latency=columns["latency"][at],
        )
    metrics.flush()


def main() -> None:
    """Measure and print."""
    columns = histories(COPIED)
    with fresh_store() as store, tempfile.TemporaryDirectory() as spool:
        owner = store.engine(Role.OWNER)

        def empty() -> None:
            with owner.begin() as connection:
                connection.execute(text("truncate metrics.serving_minute"))

        with MetricWriter(store, service="newsletters", buffer=Path(spool)) as metrics:
            found = {
                "rows": COPIED,
                "load_rows_per_second": rate(
                    COPIED, lambda: metrics.load("serving_minute", columns), empty
                ),
                "reload_rows_per_second": rate(
                    COPIED, lambda: metrics.load("serving_minute", columns), lambda: None
                ),
                "execute_values_rows_per_second": rate(
                    UPSERTED, lambda: by_execute_values(store, columns, UPSERTED), empty
                ),
                "live_rows_per_second": rate(LIVE, lambda: live(metrics, columns, LIVE), empty),
            }
        copied, upserted = found["load_rows_per_second"], found["execute_values_rows_per_second"]
        print(json.dumps(found | {"load_over_execute_values": round(copied / upserted, 2)}))


if __name__ == "__main__":
    main()
