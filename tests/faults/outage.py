"""A PostgreSQL that is stopped for minutes while rows are written and pages are looked at."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from db.writer import MetricWriter
from tests.bench.streamlit_server import Server, serve
from tests.conftest import open_store
from tests.faults import stack
from tests.faults.findings import Finding
from tests.faults.server import OwnServer

ROOT = Path(__file__).parents[2]
#: For how long all goes on after the outage, s.
CALM_SECONDS = 15.0
#: How often each viewer asks for the page anew, s.
LOOK_SECONDS = 2.0
_AWAY = "The store does not answer"


class Outage(StrEnum):
    """How PostgreSQL goes away and comes back; the value says it."""

    KILLED = "killed with -9 and started again"
    STOPPED = "stopped (SIGINT, what a restart or an upgrade does) and started again"
    FROZEN = "frozen (SIGSTOP), connections stay open"

    def begin(self, server: OwnServer) -> None:
        """Make it go away."""
        if self is Outage.FROZEN:
            server.freeze()
        elif self is Outage.STOPPED:
            server.stop()
        else:
            server.kill()

    def end(self, server: OwnServer) -> None:
        """Bring it back."""
        (server.thaw if self is Outage.FROZEN else server.start)()


@dataclass
class Viewer:
    """A browser's session that looks at a page again and again.

    Attributes:
        looks: of each look: when it was asked for, how long it took, whether it told of the store.
        broken: how often the page broke with an exception.
    """

    looks: list[tuple[float, float, bool]] = field(default_factory=list)
    broken: int = 0

    def watch(self, server: Server, query: str, stop: threading.Event) -> None:
        """Look until told to stop."""
        with server.session() as connection:
            while not stop.is_set():
                asked = BackMsg()
                asked.rerun_script.query_string = query
                asked.rerun_script.context_info.timezone = "UTC"
                began = time.monotonic()
                connection.send(asked.SerializeToString())
                told = False
                while True:
                    message = ForwardMsg.FromString(connection.recv(timeout=300))  # type: ignore[arg-type]
                    element = message.delta.new_element
                    told |= element.WhichOneof("type") == "alert" and _AWAY in element.alert.body
                    self.broken += element.WhichOneof("type") == "exception"
                    if message.WhichOneof("type") == "script_finished":
                        break
                self.looks.append((began, time.monotonic() - began, told))
                stop.wait(LOOK_SECONDS)


@dataclass
class Writing:
    """A serving stack that writes at a steady rate until told to stop.

    Attributes:
        rate: rows a second that it tries to write; `reached`, those that it did.
        slowest_call: of the writer, s.
        most_waiting: rows in the buffer at once.
    """

    metrics: MetricWriter
    rate: int
    written: int = 0
    reached: float = 0.0
    slowest_call: float = 0.0
    most_waiting: int = 0

    def run(self, stop: threading.Event) -> None:
        began = time.monotonic()
        while not stop.is_set():
            due = int((time.monotonic() - began) * self.rate)
            while self.written < due:
                called = time.monotonic()
                stack.write(self.metrics, range(self.written, self.written + 1))
                self.slowest_call = max(self.slowest_call, time.monotonic() - called)
                self.written += 1
            self.most_waiting = max(self.most_waiting, self.metrics.buffered_rows)
            stop.wait(0.05)
        self.reached = self.written / (time.monotonic() - began)


def stopped_store(
    server: OwnServer,
    buffer: Path,
    *,
    outage: Outage,
    seconds: float,
    rate: int = 1000,
    viewers: int = 3,
    say: Callable[[str], None] = print,
) -> Finding:
    """Stop the store for so long under load, and count every row afterwards.

    Args:
        server: whose store has a service to look at.
        buffer: the writer's folder.
        outage: how it goes away.
        seconds: for how long it is away.
        rate: rows that are written a second.
        viewers: how many sessions look at the overview, every LOOK_SECONDS each.
        say: told how it goes.
    """
    environment = {"DATABASE_URL": server.url.render_as_string(hide_password=False)}
    with (
        MetricWriter(server.url, service=stack.SERVICE, buffer=buffer) as metrics,
        serve(ROOT / "app.py", environment) as web,
    ):
        writing = Writing(metrics, rate)
        watching = [Viewer() for _ in range(viewers)]
        with _running(writing, watching, web):
            while min(len(one.looks) for one in watching) < 2:
                time.sleep(0.1)
            went = time.monotonic()
            outage.begin(server)
            say(f"away; {writing.written:,} rows were written before")
            time.sleep(seconds)
            outage.end(server)
            came = time.monotonic()
            writing.most_waiting = max(writing.most_waiting, metrics.buffered_rows)
            say(f"back; {writing.written:,} rows written, {metrics.buffered_rows:,} wait")
            time.sleep(CALM_SECONDS)
        while not metrics.flush():
            say(f"{metrics.buffered_rows:,} rows wait: {metrics.trouble}")
        caught_up = time.monotonic() - came
        dropped = metrics.dropped_rows
    with open_store(server.url) as store:
        fate = stack.fate(store, writing.written)
    say(f"{fate}, dropped {dropped}")
    return _finding(writing, watching, fate, (went, came, caught_up), outage)


@contextmanager
def _running(writing: Writing, watching: list[Viewer], web: Server) -> Iterator[None]:
    stop = threading.Event()
    query = f"service={stack.SERVICE}"
    threads = [
        threading.Thread(target=writing.run, args=(stop,)),
        *(threading.Thread(target=one.watch, args=(web, query, stop)) for one in watching),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _finding(
    writing: Writing,
    watching: list[Viewer],
    fate: stack.Fate,
    times: tuple[float, float, float],
    outage: Outage,
) -> Finding:
    went, came, caught_up = times
    looks = [look for viewer in watching for look in viewer.looks]
    during = [look for look in looks if look[0] < came and look[0] + look[1] > went]
    told = [began + took - went for began, took, said in during if said]
    # A look that began just before the end may still have met the outage.
    well = min(
        (began + took - came for began, took, said in looks if began > came and not said),
        default=math.inf,  # none within the time that the load went on
    )
    broken = sum(viewer.broken for viewer in watching)
    slowest = max(took for _, took, _ in during)
    return Finding(
        f"PostgreSQL {outage} after {came - went:,.0f} s",
        f"{writing.reached:,.0f} rows a second; {len(watching)} viewers, a look every "
        f"{LOOK_SECONDS:.0f} s each: {len(during)} looks meanwhile",
        f'"{_AWAY}: …" above the last report, first after {min(told, default=math.nan):.1f} s; '
        f"slowest look {slowest:.1f} s, tracebacks: {broken}; slowest call of the writer "
        f"{1000 * writing.slowest_call:,.0f} ms",
        f"pages {well:.1f} s after it was back; {writing.most_waiting:,} rows had waited, all were "
        f"stored {caught_up:.0f} s after, {CALM_SECONDS:.0f} s of which the load went on",
        fate.written,
        fate.stored,
        fate.doubled + fate.strange,
    )
