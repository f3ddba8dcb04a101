"""Any number of viewers at once, over an empty Streamlit page in the same run.

`python -m tests.bench.bench_viewers` fills a store with a month of the demo and serves it beside an
empty page. The same viewers come to both, turn by turn, so that whatever else the machine does
falls on both. One JSON object:

- rhythm: how often they look. So often that the empty page's re-runs keep `BUSY` of one core busy,
  whatever the number of viewers: a page that costs three times as much still has cores to spare,
  and what is compared is the pages, not the queue before them.
- viewers: for 1, 20, 50 and 100 on the overview, the server's CPU and the percentiles of an open
  and of a re-run, of the page and of the empty one, and the ratios.
- pages: of every page of the navigation for 50 viewers; `worst` is the one with the highest p95.
- live: 50 viewers over all pages beside a worker, none of them at an as-of: fragments run, minutes
  turn, reports are computed anew.
- memory: a session's, and what is left when 100 have gone; `descriptors`, `threads` and
  `connections` while they are there.
- growth: of memory over 2,000 re-runs of one session and of 50, its second half in KB a re-run, and
  over reports of ever new minutes, of which only some are kept.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, create_engine

from core.timeframe import parse_as_of, write_time
from db.engine import Role, normalise_url
from tests.bench.bench_pages import EMPTY, ROOT, TARGET, filled
from tests.bench.streamlit_server import Server, serve
from tests.bench.viewers.crowd import crowd, look
from tests.bench.viewers.server_process import holding, slope, store_connections
from tests.bench.viewers.tally import Tally, milliseconds
from tests.bench.viewers.viewer import Target, Viewer

#: The share of one core that the empty page's re-runs keep busy.
BUSY = 0.15
VIEWERS = (1, 20, 50, 100)
MANY = 50
#: Turns that the two servers take, and re-runs of all viewers in each.
TURNS, RERUNS = 3, 150
#: Re-runs before anything is measured.
WARM_UP = 5
#: How long viewers look at live pages, s: two minutes turn. A fragment runs after 10 s.
LIVE_SECONDS, LIVE_INTERVAL = 150.0, 25.0
GROWN, SAMPLES = 2000, 40
#: More than twice as many as pages keep reports of (48, `pages.parts.data.reports.KEPT`).
MINUTES = 120
#: Disconnected sessions are kept for so long, for browsers that come back; Streamlit's own is 120.
SESSION_SECONDS = 2
_SESSIONS = ("--server.disconnectedSessionTTL", str(SESSION_SECONDS))


@dataclass(frozen=True)
class Place:
    """Where viewers look, and what they met with there.

    Attributes:
        query: of its pages.
    """

    server: Server
    query: str

    def target(self, page: str = "") -> Target:
        """One of its pages."""
        return Target(f"http://localhost:{self.server.port}", page, self.query)


@dataclass(frozen=True)
class Figures:
    """What one number of viewers met with at one place."""

    tally: Tally
    open_cpu: float
    rerun_cpu: float

    def summary(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "open": milliseconds(self.tally.opens) | {"cpu_ms": 1e3 * self.open_cpu},
            "rerun": milliseconds(self.tally.reruns) | {"cpu_ms": 1e3 * self.rerun_cpu},
            "errors": dict(self.tally.errors),
        }

    def over(self, empty: Figures) -> dict[str, float]:
        """Ratios to the empty page."""
        mine, its = milliseconds(self.tally.reruns), milliseconds(empty.tally.reruns)
        opens, empty_opens = milliseconds(self.tally.opens), milliseconds(empty.tally.opens)
        return {
            "rerun_p50": mine["p50_ms"] / its["p50_ms"],
            "rerun_p95": mine["p95_ms"] / its["p95_ms"],
            "rerun_cpu": self.rerun_cpu / empty.rerun_cpu,
            "open_p95": opens["p95_ms"] / empty_opens["p95_ms"],
            "open_cpu": self.open_cpu / empty.open_cpu,
        }


async def side_by_side(
    places: Sequence[Place], page: str, viewers: int, interval: float, *, reruns: int = RERUNS
) -> list[Figures]:
    """The same viewers at the empty page and at others, turn by turn.

    Args:
        places: the empty page's first.
        page: that they look at, except at the empty one.
        viewers: at each place.
        interval: between two re-runs of one of them, s.
        reruns: of all of them together in a turn, about.
    """
    tallies = [Tally() for _ in places]
    open_cpu, rerun_cpu = [], [0.0 for _ in places]
    times = max(1, reruns // viewers)
    async with contextlib.AsyncExitStack() as stack:
        people: list[list[Viewer]] = []
        for number, (place, tally) in enumerate(zip(places, tallies, strict=True)):
            before = place.server.cpu_seconds
            targets = [place.target(page if number else "")] * viewers
            people.append(await stack.enter_async_context(crowd(targets, tally)))
            open_cpu.append((place.server.cpu_seconds - before) / viewers)
        for _ in range(TURNS):
            for number, place in enumerate(places):
                before = place.server.cpu_seconds
                await look(people[number], times=times, interval=interval)
                rerun_cpu[number] += place.server.cpu_seconds - before
    count = TURNS * times * viewers
    return [
        Figures(tally, opened, spent / count)
        for tally, opened, spent in zip(tallies, open_cpu, rerun_cpu, strict=True)
    ]


async def warm(place: Place, page: str) -> tuple[str, ...]:
    """Have a page's caches filled; the pages of its navigation."""
    tally = Tally()
    async with crowd([place.target(page)], tally) as viewers:
        await look(viewers, times=WARM_UP, interval=0)
        found = viewers[0].pages
    _sound(tally)
    return found


async def rhythm(empty: Place) -> float:
    """CPU of the empty page's re-run for a single viewer, s."""
    tally = Tally()
    async with crowd([empty.target()], tally) as viewers:
        await look(viewers, times=WARM_UP, interval=0)
        before = empty.server.cpu_seconds
        await look(viewers, times=RERUNS, interval=0)
        spent = empty.server.cpu_seconds - before
    _sound(tally)
    return spent / RERUNS


async def ladder(empty: Place, app: Place, rate: float) -> dict[str, Any]:
    """The overview for ever more viewers."""
    found = {}
    for viewers in VIEWERS:
        its, mine = await side_by_side([empty, app], "", viewers, viewers / rate)
        found[str(viewers)] = {
            "interval_s": viewers / rate,
            "empty": its.summary(),
            "page": mine.summary(),
            "ratio": mine.over(its),
        }
    return found


async def every_page(empty: Place, app: Place, rate: float) -> dict[str, Any]:
    """Each page of the navigation for many viewers."""
    found = {}
    for page in await warm(app, ""):
        await warm(app, page)
        its, mine = await side_by_side([empty, app], page, MANY, MANY / rate, reruns=MANY)
        name = page or "overview"
        found[name] = mine.summary() | {
            "ratio": mine.over(its),
            "empty_p95_ms": milliseconds(its.tally.reruns)["p95_ms"],
        }
        _tell(name, found[name])
    return found


async def live(app: Place, pages: Sequence[str]) -> dict[str, Any]:
    """Many viewers over all pages as they are now."""
    tally, now = Tally(), Place(app.server, "service=newsletters")
    targets = [now.target(pages[number % len(pages)]) for number in range(MANY)]
    before = app.server.cpu_seconds
    began = perf_counter()
    async with crowd(targets, tally) as viewers:
        opened = app.server.cpu_seconds - before
        times = round(LIVE_SECONDS / LIVE_INTERVAL)
        settled = perf_counter()
        await look(viewers, times=times, interval=LIVE_INTERVAL)
        seconds = perf_counter() - settled
    busy = (app.server.cpu_seconds - before - opened) / seconds
    return tally.summary() | {
        "opening_s": settled - began,
        "busy_share_of_a_core": busy,
        "failed_share": tally.errors.total() / (MANY * (times + 1)),
    }


async def memory(app: Place, store: Engine) -> dict[str, Any]:
    """What the most viewers hold, and what is left of it when they have gone; twice."""
    process, most = app.server.process.pid, max(VIEWERS)
    await warm(app, "")
    before = holding(process)
    waves, there, connections = [], before, 0
    for _ in range(2):
        tally = Tally()
        async with crowd([app.target()] * most, tally) as viewers:
            await look(viewers, times=3, interval=1)
            there = holding(process)
            connections = store_connections(store, Role.APP.value)
        _sound(tally)
        await asyncio.sleep(SESSION_SECONDS + 1)
        await warm(app, "")  # what has expired is dropped, and collected after the script
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
    _sound(tally)
    return _grown(found, each * viewers)


async def growth_by_minutes(app: Place, as_of: datetime) -> dict[str, Any]:
    """Memory over reports of ever new minutes; only the latest are kept."""
    tally, found = Tally(), []
    async with crowd([app.target()], tally) as people:
        for number in range(MINUTES):
            moment = write_time(as_of - timedelta(minutes=1 + number))
            people[0].turn_to(f"service=newsletters&as_of={moment}")
            await people[0].rerun(perf_counter())
            found.append(holding(app.server.process.pid).memory_mb)
    _sound(tally)
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


def _tell(what: str, found: dict[str, Any]) -> dict[str, Any]:
    """Say on the way what was found: the whole takes a quarter of an hour."""
    print(what, json.dumps(found), file=sys.stderr, flush=True)
    return found


def _sound(tally: Tally) -> None:
    if tally.errors:
        raise RuntimeError(f"what was to be measured failed: {dict(tally.errors)}")


@contextmanager
def _worker(address: str) -> Iterator[None]:
    """A worker beside the dashboard."""
    process = subprocess.Popen(
        [sys.executable, "cli.py", "worker"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


async def measured(empty: Place, app: Place, as_of: datetime, store: Engine) -> dict[str, Any]:
    """Everything but what needs a worker."""
    pages = await warm(app, "")
    rerun = await rhythm(empty)
    rate = BUSY / rerun
    by_page = await every_page(empty, app, rate)
    worst = max(by_page, key=lambda page: by_page[page]["ratio"]["rerun_p95"])
    return {
        "rhythm": {"empty_rerun_cpu_ms": 1e3 * rerun, "reruns_a_second": rate},
        "viewers": _tell("Viewers", await ladder(empty, app, rate)),
        "pages": by_page,
        "worst": {"page": worst, **by_page[worst]["ratio"]},
        "errors": sum(sum(found["errors"].values()) for found in by_page.values()),
        "memory": _tell("Memory", await memory(app, store)),
        "growth": {
            "one": _tell("One", await growth(app, 1)),
            "many": _tell("Many", await growth(app, MANY)),
            "minutes": _tell("Minutes", await growth_by_minutes(app, as_of)),
        },
        "navigation": pages,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_viewers")
    parser.add_argument("--store", help="address of a filled store; without, one is filled")
    parser.add_argument("--as-of", help="the end of its history")
    asked = parser.parse_args()
    began = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="greenlight-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # as root, the server runs as another user, who must get in
        script = folder / "empty.py"
        script.write_text(EMPTY)
        there = nullcontext((asked.store, parse_as_of(asked.as_of))) if asked.store else None
        with (
            there or filled(folder) as (address, as_of),
            serve(script, {}, arguments=_SESSIONS) as empty,
            serve(ROOT / "app.py", {"DATABASE_URL": address}, arguments=_SESSIONS) as server,
        ):
            store = create_engine(normalise_url(address))
            app = Place(server, f"service=newsletters&as_of={write_time(as_of)}")
            found = asyncio.run(measured(Place(empty, ""), app, as_of, store))
            with _worker(address):
                found["live"] = asyncio.run(live(app, found.pop("navigation")))
            store.dispose()
    found |= {"load": {"before": began, "after": os.getloadavg()}, "target_ratio": TARGET}
    json.dump({"bench": "viewers", **found}, sys.stdout)


if __name__ == "__main__":
    main()
