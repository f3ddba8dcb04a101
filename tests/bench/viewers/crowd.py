"""Any number of viewers at once, who look again and again in a rhythm."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import perf_counter

from tests.bench.viewers.tally import Tally
from tests.bench.viewers.viewer import Target, Viewer

#: How many open a page at the same moment.
AT_ONCE = 4
_SEED = 8


@asynccontextmanager
async def crowd(targets: Sequence[Target], tally: Tally) -> AsyncIterator[list[Viewer]]:
    """Viewers with their pages open, one a target; they leave at the end.

    Args:
        targets: what each looks at.
        tally: where their opens are counted.
    """
    door = asyncio.Semaphore(AT_ONCE)

    async def come(viewer: Viewer) -> None:
        async with door:
            await viewer.open()

    viewers = [Viewer(target, tally) for target in targets]
    try:
        await asyncio.gather(*map(come, viewers))
        yield viewers
    finally:
        await asyncio.gather(*(viewer.close() for viewer in viewers))


async def look(viewers: Sequence[Viewer], *, times: int, interval: float) -> None:
    """Have every viewer re-run the page.

    Each has a fixed rhythm that begins at a moment of its own, drawn with a seed: the same number
    of viewers come in the same order to whatever server they look at. Who is not through when the
    next re-run is due begins it at once, and it counts from when it was due.

    Args:
        viewers: with their pages open.
        times: re-runs of each.
        interval: between two of them, s.
    """
    chance = random.Random(_SEED)
    began = perf_counter()

    async def one(viewer: Viewer, first: float) -> None:
        for number in range(times):
            due = first + number * interval
            await asyncio.sleep(max(0.0, due - perf_counter()))
            await viewer.rerun(due)

    starts = [began + chance.uniform(0, interval) for _ in viewers]
    await asyncio.gather(*map(one, viewers, starts))
