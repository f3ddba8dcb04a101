"""What sessions hold: memory, descriptors, threads, connections, and whether any of it grows.

`python -m tests.bench.bench_sessions` fills a store with a month of the demo and serves it. One
JSON object:

- memory: before anybody is there, while 100 look at the overview, and when they have gone; twice.
  What is left after the first hundred is what the allocator keeps; the second must not add to it.
- connections, descriptors, threads while 100 are there.
- growth: over 2,000 re-runs of one session, of 50 sessions, and over the reports of 240 minutes one
  after the other, of which pages keep 48. Of its second half: KB a re-run, and the end over the
  beginning.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, create_engine

from core.timeframe import write_time
from db.engine import Role, normalise_url
from tests.bench.viewers.crowd import crowd, look
from tests.bench.viewers.place import SESSION_SECONDS, Place, Site, site, sound, warm
from tests.bench.viewers.server_process import holding, slope, store_connections
from tests.bench.viewers.tally import Tally, milliseconds

MOST, MANY = 100, 50
GROWN, SAMPLES = 2000, 40
#: Pages keep reports of 48 (`pages.parts.data.reports.KEPT`); until about the 80th the allocator
#: takes more to hold them, and only then does growth mean anything.
MINUTES = 240


def main() -> None:
    """Measure and print."""
    with site("python -m tests.bench.bench_sessions") as there:
        store = create_engine(normalise_url(there.store))
        found = asyncio.run(measured(there, store))
        store.dispose()
    json.dump({"bench": "sessions", **found}, sys.stdout)


async def measured(there: Site, store: Engine) -> dict[str, Any]:
    """Everything, one after the other: what is warm stays warm."""
    await warm(there.app)
    return {
        "memory": await memory(there.app, store),
        "growth": {
            "one": await growth(there.app, 1),
            "many": await growth(there.app, MANY),
            "minutes": await growth_by_minutes(there),
        },
    }


async def memory(app: Place, store: Engine) -> dict[str, Any]:
    """What the most viewers hold, and what is left of it when they have gone; twice."""
    process, most = app.server.process.pid, MOST
    await warm(app)
    before = holding(process)
    waves, there, connections = [], before, 0
    for _ in range(2):
        tally = Tally()
        async with crowd([app.target()] * most, tally) as viewers:
            await look(viewers, times=3, interval=1)
            there = holding(process)
            connections = store_connections(store, Role.APP.value)
        sound(tally)
        await asyncio.sleep(SESSION_SECONDS + 1)
        await warm(app)  # what has expired is dropped, and collected after the script
        gone = holding(process)
        waves.append({"there_mb": there.memory_mb, "gone_mb": gone.memory_mb})
    first = waves[0]["there_mb"] - before.memory_mb
    return {
        "before_mb": before.memory_mb,
        "waves": waves,
        "a_session_mb": first / most,
        "second_wave_over_first": waves[1]["there_mb"] / waves[0]["there_mb"],
        "connections": connections,
        "descriptors": {"before": before.descriptors, "there": there.descriptors},
        "threads": {"before": before.threads, "there": there.threads},
    }


async def growth(app: Place, viewers: int) -> dict[str, Any]:
    """Memory over many re-runs of the overview, one right after the other."""
    tally, found = Tally(), []
    each = GROWN // SAMPLES // viewers
    async with crowd([app.target()] * viewers, tally) as people:
        for _ in range(SAMPLES):
            await look(people, times=each, interval=0)
            found.append(holding(app.server.process.pid).memory_mb)
    sound(tally)
    return _grown(found, each * viewers)


async def growth_by_minutes(there: Site) -> dict[str, Any]:
    """Memory over reports of ever new minutes; only the latest are kept."""
    tally, found = Tally(), []
    async with crowd([there.app.target()], tally) as people:
        for number in range(MINUTES):
            moment = write_time(there.as_of - timedelta(minutes=1 + number))
            people[0].turn_to(f"service=newsletters&as_of={moment}")
            await people[0].rerun(perf_counter())
            found.append(holding(there.app.server.process.pid).memory_mb)
    sound(tally)
    return _grown(found, 1) | {"rerun": milliseconds(tally.reruns)}


def _grown(memory_mb: Sequence[float], reruns: int) -> dict[str, Any]:
    """Growth over samples that lie some re-runs apart."""
    half = memory_mb[len(memory_mb) // 2 :]
    return {
        "first_mb": memory_mb[0],
        "middle_mb": half[0],
        "last_mb": memory_mb[-1],
        "kb_a_rerun": 1024 * slope(half) / reruns,
        "second_half": half[-1] / half[0],
    }


if __name__ == "__main__":
    main()
