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
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from tests.bench.bench_pages import ROOT, TARGET
from tests.bench.viewers.crowd import crowd, look
from tests.bench.viewers.place import WARM_UP, Place, Site, site, sound, warm
from tests.bench.viewers.tally import Tally, milliseconds
from tests.bench.viewers.viewer import Viewer

#: The share of one core that the empty page's re-runs keep busy.
BUSY = 0.15
VIEWERS = (1, 20, 50, 100)
MANY = 50
#: Turns that the two servers take, and re-runs of all viewers together in each.
TURNS, RERUNS = 3, 150
#: How long viewers look at live pages, s: two minutes turn. A fragment runs after 10 s.
LIVE_SECONDS, LIVE_INTERVAL = 150.0, 25.0


@dataclass(frozen=True)
class Figures:
    """What one number of viewers met with at one place.

    Attributes:
        open_cpu, rerun_cpu: of the server, s for each open and each re-run; what ran by itself at
            the same time, fragments above all, is in it.
    """

    tally: Tally
    open_cpu: float
    rerun_cpu: float

    def summary(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "open": milliseconds(self.tally.opens) | {"cpu_ms": 1e3 * self.open_cpu},
            "rerun": milliseconds(self.tally.reruns) | {"cpu_ms": 1e3 * self.rerun_cpu},
            "errors": dict(self.tally.errors),
            "failed": self.tally.errors.total(),
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
    for tally in tallies:
        if not tally.opens or not tally.reruns:
            raise RuntimeError(f"nothing was drawn: {dict(tally.errors)}")
    count = TURNS * times * viewers
    return [
        Figures(tally, opened, spent / count)
        for tally, opened, spent in zip(tallies, open_cpu, rerun_cpu, strict=True)
    ]


async def rhythm(empty: Place) -> float:
    """CPU of the empty page's re-run for a single viewer, s."""
    tally = Tally()
    async with crowd([empty.target()], tally) as viewers:
        await look(viewers, times=WARM_UP, interval=0)
        before = empty.server.cpu_seconds
        await look(viewers, times=RERUNS, interval=0)
        spent = empty.server.cpu_seconds - before
    sound(tally)
    return spent / RERUNS


async def ladder(empty: Place, app: Place, rate: float) -> dict[str, Any]:
    """The overview for ever more viewers."""
    found = {}
    for viewers in VIEWERS:
        interval = viewers / rate
        its, mine = await side_by_side([empty, app], "", viewers, interval)
        found[str(viewers)] = {"interval_s": interval, **_compared(its, mine)}
        _tell(f"{viewers} viewers", found[str(viewers)])
    return found


async def every_page(empty: Place, app: Place, pages: Sequence[str], rate: float) -> dict[str, Any]:
    """Each page of the navigation for many viewers."""
    found = {}
    for page in pages:
        await warm(app, page)
        its, mine = await side_by_side([empty, app], page, MANY, MANY / rate, reruns=MANY)
        name = page or "overview"
        found[name] = _compared(its, mine)
        _tell(name, found[name])
    return found


def _compared(its: Figures, mine: Figures) -> dict[str, Any]:
    return {"empty": its.summary(), "page": mine.summary(), "ratio": mine.over(its)}


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


async def measured(there: Site) -> dict[str, Any]:
    """Everything but what needs a worker."""
    empty, app = there.empty, there.app
    pages = await warm(app)
    rerun = await rhythm(empty)
    rate = BUSY / rerun
    by_page = await every_page(empty, app, pages, rate)
    worst = max(by_page, key=lambda page: by_page[page]["ratio"]["rerun_p95"])
    by_viewers = await ladder(empty, app, rate)
    return {
        "rhythm": {"empty_rerun_cpu_ms": 1e3 * rerun, "reruns_a_second": rate},
        "viewers": by_viewers,
        "pages": by_page,
        "worst": {"page": worst, **by_page[worst]["ratio"]},
        "errors": sum(
            found[place]["failed"]
            for found in (*by_page.values(), *by_viewers.values())
            for place in ("empty", "page")
        ),
        "navigation": pages,
    }


def main() -> None:
    """Measure and print."""
    began = os.getloadavg()
    with site("python -m tests.bench.bench_viewers") as there:
        found = asyncio.run(measured(there))
        with _worker(there.store):
            found["live"] = asyncio.run(live(there.app, found.pop("navigation")))
    found |= {"load": {"before": began, "after": os.getloadavg()}, "target_ratio": TARGET}
    json.dump({"bench": "viewers", **found}, sys.stdout)


def _tell(what: str, found: dict[str, Any]) -> None:
    """Say on the way what was found: the whole takes a quarter of an hour."""
    print(what, json.dumps(found), file=sys.stderr, flush=True)


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


if __name__ == "__main__":
    main()
