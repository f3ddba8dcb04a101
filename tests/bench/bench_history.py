"""Does a page get dearer with history? A 30-day report over 1 month and over 3 years of rows.

    python -m tests.bench.bench_history

fills two databases, on the server at DATABASE_URL or on an embedded one, asks both for the same
report by turns, and prints one JSON object. The last 30 days are alike to the last row, so that the
older rows alone make the difference. It may cost at most 1.3 times as much.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, text

from core import reliability
from core.timeframe import Window
from db import embedded, schema
from db.engine import Role, Store, normalise_url
from db.readers.reliability import SqlReliabilityReader
from db.readers.snapshot import snapshot

SERVICE = "newsletters"
#: The last minute that is stored; a report ends in the middle of an hour, as most do.
LAST = datetime(2026, 6, 1, 12, 34, tzinfo=UTC)
AS_OF = LAST + timedelta(minutes=1, seconds=20)
MINUTES_KEPT = timedelta(days=90)
HISTORIES = {"one_month": timedelta(days=30), "three_years": timedelta(days=3 * 365)}
ROUNDS = 15
ALLOWED = 1.3

#: Three datacenters of four instances; a histogram of about 90 cells, as a minute of 83,000 letters
#: has.
_CELLS = "(select array_agg(900 + 7 * cell) from generate_series(1, 90) as cell)"
_SERIES = "unnest(array['dc-a', 'dc-b', 'dc-c']) as datacenter"
_VERSION = "case when {time} < timestamptz '2026-05-20 09:00Z' then 'v1' else 'v2' end"
FILL = {
    "minutes": f"""
        insert into rollup.serving_minute
        select :service, minute, datacenter, {_VERSION.format(time="minute")},
            4, 333000, 20, 15, 30, cells.latency
        from generate_series(cast(:kept as timestamptz), :last, '1 minute') as minute, {_SERIES},
            (select {_CELLS}::integer[] as latency) as cells""",
    "hours": f"""
        insert into rollup.serving_hour
        select :service, hour, datacenter, {_VERSION.format(time="hour")},
            60, 240, 60 * 333000, 1200, 900, 30, cells.latency
        from generate_series(cast(:first as timestamptz), :last, '1 hour') as hour, {_SERIES},
            (select {_CELLS}::bigint[] as latency) as cells""",
    "instance hours": f"""
        insert into rollup.instance_hour
        select :service, hour, datacenter, datacenter || instance, {_VERSION.format(time="hour")},
            60, least(hour + interval '59 minutes', :last), 60 * 83250, 300, 225, 30, cells.latency
        from generate_series(cast(:kept as timestamptz), :last, '1 hour') as hour, {_SERIES},
            generate_series(1, 4) as instance, (select {_CELLS}::bigint[] as latency) as cells""",
    "states": """
        insert into rollup.hour_state (service, hour, source_rows, fingerprint)
        select :service, hour, 720, 0
        from generate_series(cast(:first as timestamptz), :last, '1 hour') as hour""",
    "instance minutes": f"""
        insert into metrics.serving_minute
        select :service, minute, datacenter, datacenter || instance, 'v2', 83250, 5, 4,
            cells.latency
        from generate_series(cast(:last as timestamptz) - interval '34 minutes', :last, '1 minute')
            as minute, {_SERIES}, generate_series(1, 4) as instance,
            (select array_agg(900 + 7 * cell) as latency from generate_series(1, 162) as cell)
            as cells""",
    "lives": f"""
        insert into rollup.lifetime
        select :service, 'inference', datacenter, datacenter || instance, greatest(:first, :kept),
            :last
        from {_SERIES}, generate_series(1, 4) as instance""",
    "deployments": """
        insert into metrics.deployment
            (service, deployment_id, deployed_at, model_version, stage, written_at)
        select :service, 'd' || deployed_at, deployed_at, 'v2', 'production', deployed_at
        from generate_series(cast(:first as timestamptz), :last, '12 days') as deployed_at""",
}


@contextmanager
def server() -> Iterator[URL]:
    """The server at DATABASE_URL, or an embedded one for as long as the bench runs."""
    if os.environ.get("DATABASE_URL"):
        yield normalise_url(os.environ["DATABASE_URL"])
        return
    folder = Path(tempfile.mkdtemp(prefix="greenlight-bench-"))
    joined = embedded.join(folder)
    try:
        yield joined.url()
    finally:
        joined.leave()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def filled(url: URL, stored: timedelta) -> Iterator[Store]:
    """A database of its own with so much history."""
    name = f"greenlight_bench_{uuid.uuid4().hex[:12]}"
    _administer(url, f'create database "{name}"')
    try:
        address = url.set(database=name).render_as_string(hide_password=False)
        with Store(address, Path("unused")) as store:
            fill(store.engine(Role.OWNER), stored)
            yield store
    finally:
        _administer(url, f'drop database "{name}" with (force)')


def fill(owner: Engine, stored: timedelta) -> None:
    """Migrate and write the history straight into the rollup tables."""
    schema.migrate(owner)
    first = (LAST - stored).replace(minute=0)
    kept = max(first, (LAST - MINUTES_KEPT).replace(minute=0))
    spans = {"service": SERVICE, "first": first, "kept": kept, "last": LAST}
    with owner.begin() as connection:
        for statement in FILL.values():
            used = {name: value for name, value in spans.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _administer(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@dataclass
class Watched:
    """A reader that notes how long each of its answers took."""

    reader: SqlReliabilityReader
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        question = getattr(self.reader, name)

        def ask(*arguments: Any) -> Any:
            began = time.perf_counter()
            answer = question(*arguments)
            self.seconds[name] += time.perf_counter() - began
            return answer

        return ask


def ask(engine: Engine) -> dict[str, float]:
    """Seconds of one 30-day report: in all, and of each question to the store."""
    began = time.perf_counter()
    with snapshot(engine) as connection:
        reader = Watched(SqlReliabilityReader(connection))
        reliability.report(reader, SERVICE, Window(timedelta(days=30)), AS_OF)  # type: ignore[arg-type]
    return {"report": time.perf_counter() - began, "store": sum(reader.seconds.values())} | dict(
        reader.seconds
    )


def main() -> None:
    """Fill, ask by turns, print."""
    began = time.perf_counter()
    with (
        server() as url,
        filled(url, HISTORIES["one_month"]) as short,
        filled(url, HISTORIES["three_years"]) as long,
    ):
        engines = {"one_month": short.engine(Role.APP), "three_years": long.engine(Role.APP)}
        filled_in = time.perf_counter() - began
        taken: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in engines}
        for turn in range(ROUNDS + 2):  # the first two warm the caches
            for name, engine in engines.items():
                for part, seconds in ask(engine).items():
                    if turn >= 2:
                        taken[name][part].append(seconds)
    medians = {
        name: {part: statistics.median(times) for part, times in parts.items()}
        for name, parts in taken.items()
    }
    ratios = {
        part: medians["three_years"][part] / seconds
        for part, seconds in medians["one_month"].items()
    }
    result = {
        "bench": "history",
        "rounds": ROUNDS,
        "filled_in_s": round(filled_in, 1),
        "ms": {
            name: {part: round(1000 * seconds, 2) for part, seconds in parts.items()}
            for name, parts in medians.items()
        },
        "ratio": {part: round(value, 3) for part, value in ratios.items()},
        "allowed": ALLOWED,
        "ok": ratios["report"] <= ALLOWED,
    }
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
