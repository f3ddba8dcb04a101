"""Where viewers look: the dashboard over a filled store, and an empty page beside it."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.timeframe import parse_as_of, write_time
from tests.bench.bench_pages import EMPTY, ROOT, filled
from tests.bench.streamlit_server import Server, serve
from tests.bench.viewers.crowd import crowd, look
from tests.bench.viewers.tally import Tally
from tests.bench.viewers.viewer import Target

#: Re-runs before anything is measured.
WARM_UP = 5
#: How long one that is measured may take, s: no page takes so long, but a busy machine may.
PATIENCE = 120.0
#: Disconnected sessions are kept for so long, s, for browsers that come back; Streamlit's own
#: time is 120.
SESSION_SECONDS = 2


@dataclass(frozen=True)
class Place:
    """A server and what is asked of it.

    Attributes:
        query: of its pages.
    """

    server: Server
    query: str = ""

    def target(self, page: str = "") -> Target:
        """One of its pages."""
        return Target(f"http://localhost:{self.server.port}", page, self.query, PATIENCE)


@dataclass(frozen=True)
class Site:
    """What is measured.

    Attributes:
        empty: a page of Streamlit's with nothing but a title.
        app: the dashboard at the end of the filled history.
        as_of: that end.
        store: its address.
    """

    empty: Place
    app: Place
    as_of: datetime
    store: str


@contextmanager
def site(program: str) -> Iterator[Site]:
    """Both servers, over a store that the command line names or that is filled first.

    Args:
        program: the name that the command line is explained under.
    """
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--store", help="the address of a filled store; without it, one is filled")
    parser.add_argument("--as-of", help="the end of that store's history")
    asked = parser.parse_args()
    sessions = ("--server.disconnectedSessionTTL", str(SESSION_SECONDS))
    with tempfile.TemporaryDirectory(prefix="greenlight-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # as root, the server runs as another user, who must get in
        script = folder / "empty.py"
        script.write_text(EMPTY)
        there: AbstractContextManager[tuple[str, datetime]] = (
            nullcontext((asked.store, parse_as_of(asked.as_of))) if asked.store else filled(folder)
        )
        with (
            there as (store, as_of),
            serve(script, {}, arguments=sessions) as empty,
            serve(ROOT / "app.py", {"DATABASE_URL": store}, arguments=sessions) as app,
        ):
            query = f"service=newsletters&as_of={write_time(as_of)}"
            yield Site(Place(empty), Place(app, query), as_of, store)


async def warm(place: Place, page: str = "") -> tuple[str, ...]:
    """Have a page's caches filled.

    Returns:
        The pages of its navigation, by path.
    """
    tally = Tally()
    async with crowd([place.target(page)], tally) as viewers:
        await look(viewers, times=WARM_UP, interval=0)
        found = viewers[0].pages
    sound(tally)
    return found


def sound(tally: Tally) -> None:
    """Refuse what was measured where anything failed.

    Raises:
        RuntimeError: says what.
    """
    if tally.errors or not tally.opens:
        raise RuntimeError(f"what was to be measured failed: {dict(tally.errors)}")
