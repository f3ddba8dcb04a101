"""The load tool by hand: `python -m tests.bench.viewers --help`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from tests.bench.viewers.crowd import crowd, look
from tests.bench.viewers.tally import Tally
from tests.bench.viewers.viewer import Target


def main() -> int:
    """Print what the viewers met with; 1 if anything failed or nothing was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.viewers", description=__doc__)
    parser.add_argument("--address", default="http://localhost:8501", help="of the server")
    parser.add_argument("--viewers", type=int, default=50, help="how many (%(default)s)")
    parser.add_argument(
        "--page", action="append", help="its path; several take turns among the viewers"
    )
    parser.add_argument("--query", default="", help="e.g. 'service=newsletters&window=7d'")
    parser.add_argument("--times", type=int, default=10, help="re-runs of each (%(default)s)")
    parser.add_argument(
        "--interval", type=float, default=10.0, help="between two of them, s (%(default)s)"
    )
    asked = parser.parse_args()
    tally = asyncio.run(_measured(asked))
    json.dump(tally.summary(), sys.stdout, indent=2, ensure_ascii=False)
    print()
    wanted = (asked.viewers, asked.viewers * asked.times)
    return 1 if tally.errors or (len(tally.opens), len(tally.reruns)) != wanted else 0


async def _measured(asked: argparse.Namespace) -> Tally:
    tally = Tally()
    pages = asked.page or [""]
    address = asked.address.rstrip("/")
    targets = [
        Target(address, pages[number % len(pages)], asked.query) for number in range(asked.viewers)
    ]
    async with crowd(targets, tally) as viewers:
        await look(viewers, times=asked.times, interval=asked.interval)
    return tally


if __name__ == "__main__":
    sys.exit(main())
