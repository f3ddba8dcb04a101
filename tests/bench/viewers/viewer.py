"""One viewer: a websocket that speaks Streamlit's protocol as its frontend does.

What the frontend does and this does, too: it asks for the page, the health and the host's
configuration before the websocket; it sends the hashes of the large messages that it still holds;
it takes over what the server says of the address and of the page; it re-runs the fragments that
ask to be re-run, until a run of the whole page takes them away. What it does not do is draw, fetch
the frontend's own files (a web server in front serves them), or send the values of widgets: nobody
touches any.
"""

from __future__ import annotations

import asyncio
import contextlib
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.bench.viewers.tally import Tally

#: What the frontend asks for by HTTP before it opens its websocket.
STATIC = ("_stcore/health", "_stcore/host-config")
#: For how many runs the frontend keeps a message that was not sent again
#: (Streamlit's global.maxCachedMessageAge).
KEPT_RUNS = 2
#: The part of a page beside its sidebar, as the first step of a delta's path.
MAIN = 0


@dataclass(frozen=True)
class Target:
    """What viewers look at.

    Attributes:
        address: of the server, e.g. 'http://localhost:8501'.
        page: its path, '' for the first one.
        query: its query string.
        patience: how long an open or a re-run may take before it counts as failed, s.
    """

    address: str
    page: str = ""
    query: str = ""
    patience: float = 60.0


class Viewer:
    """One person who looks at a page.

    Attributes:
        pages: the paths of the navigation, as the server named them; empty without one.
    """

    def __init__(self, target: Target, tally: Tally) -> None:
        self._target = target
        self._tally = tally
        self.pages: tuple[str, ...] = ()
        self._query = target.query
        self._page_hash = ""
        self._hashes: dict[str, int] = {}
        self._run = 0
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, float] = {}
        self._waiting: asyncio.Future[None] | None = None
        self._begun = False
        self._fragments: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the page is there and its websocket stands."""
        return self._reading is not None and not self._reading.done()

    async def open(self) -> None:
        """Open the page and wait until it is drawn; the tally has the time or the error."""
        began = perf_counter()
        target = self._target
        try:
            async with asyncio.timeout(target.patience):
                for path in (target.page, *STATIC):
                    await asyncio.to_thread(_get, f"{target.address}/{path}", target.patience)
                self._socket = await connect(
                    f"{target.address.replace('http', 'ws', 1)}/_stcore/stream",
                    subprotocols=["streamlit"],  # type: ignore[list-item]  # a NewType of str
                    max_size=None,
                    ping_interval=None,  # no browser asks; the server does
                    open_timeout=target.patience,
                )
                self._reading = asyncio.create_task(self._read(self._socket))
                await self._ask()
        except (OSError, TimeoutError, WebSocketException, _PageError) as error:
            self._tally.failed(f"open: {_said(error)}")
            return
        self._tally.opens.append(perf_counter() - began)

    def turn_to(self, query: str) -> None:
        """Look at something else on the same page from the next re-run on."""
        self._query = query

    async def rerun(self, due: float) -> None:
        """Run the page's script once more; the tally has the time or the error.

        Args:
            due: when that should have begun, by `perf_counter`.
        """
        if not self.is_open:
            self._tally.failed("re-run: the page is not open")
            return
        try:
            async with asyncio.timeout(self._target.patience):
                await self._ask()
        except (OSError, TimeoutError, WebSocketException, _PageError) as error:
            self._tally.failed(f"re-run: {_said(error)}")
            return
        self._tally.reruns.append(perf_counter() - due)

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        self._stop_timers()
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading
        if self._socket is not None:
            await self._socket.close()

    async def _ask(self) -> None:
        """Ask for a run of the whole page and wait for its end."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._begun = False
        try:
            await self._send("")
            await self._waiting
        finally:
            self._waiting = None

    async def _send(self, fragment: str) -> None:
        assert self._socket is not None
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string = self._query
        state.page_script_hash = self._page_hash
        if not self._page_hash:
            state.page_name = self._target.page
        state.fragment_id = fragment
        state.is_auto_rerun = bool(fragment)
        state.cached_message_hashes.extend(self._hashes)
        state.context_info.timezone = "UTC"
        state.context_info.locale = "en-GB"
        state.context_info.url = f"{self._target.address}/{self._target.page}"
        state.context_info.color_scheme = "light"
        await self._socket.send(asked.SerializeToString())

    async def _read(self, socket: ClientConnection) -> None:
        reason = "the server closed the connection"
        try:
            async for data in socket:
                self._tally.received += len(data)
                self._take(ForwardMsg.FromString(data))
        except (OSError, WebSocketException) as error:
            reason = _said(error)
        # Only the server gets here: a viewer who leaves cancels this task.
        self._stop_timers()
        self._settle(_PageError(f"disconnected: {reason}"))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._hashes[message.hash] = self._run
        if kind == "ref_hash":
            if message.ref_hash not in self._hashes:
                self._tally.failed("a message that this viewer never had is referred to")
            self._hashes[message.ref_hash] = self._run
        elif kind == "new_session":
            self._begin(tuple(message.metadata.run.fragment_ids))
        elif kind == "delta":
            self._look(message)
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
            self.pages = tuple(page.url_pathname for page in message.navigation.app_pages)
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._set_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_timers(message.stop_auto_rerun.fragment_ids)
        elif kind == "page_not_found":
            self._settle(_PageError(f"there is no page {message.page_not_found.page_name!r}"))
        elif kind == "script_finished":
            self._finish(message.script_finished)

    def _begin(self, fragments: tuple[str, ...]) -> None:
        """A run has begun: of fragments, or of the whole page, which knows no fragment yet."""
        self._fragments = fragments
        if not fragments:
            self._begun = True
            self._run += 1
            self._stop_timers()

    def _look(self, message: ForwardMsg) -> None:
        """Tell a page that was drawn from one that says that it could not be."""
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self._tally.failed(f"exception: {element.exception.type}")
        is_main = message.metadata.delta_path[:1] == [MAIN]
        if kind == "alert" and element.alert.format == Alert.ERROR and is_main:
            self._tally.failed(f"the page says: {element.alert.body}")

    def _finish(self, status: int) -> None:
        if status == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            for fragment in self._fragments:
                if (asked := self._asked.pop(fragment, None)) is not None:
                    self._tally.fragments.append(perf_counter() - asked)
        elif status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self._settle(_PageError("the script does not compile"))
        elif status == ForwardMsg.FINISHED_SUCCESSFULLY and self._begun:
            oldest = self._run - KEPT_RUNS
            self._hashes = {name: run for name, run in self._hashes.items() if run > oldest}
            self._settle(None)

    def _settle(self, error: Exception | None) -> None:
        """End the wait for a run of the whole page."""
        waiting = self._waiting
        if waiting is None or waiting.done():
            if error is not None:  # a run that nobody asked for, e.g. a fragment's `st.rerun`
                self._tally.failed(f"between re-runs: {_said(error)}")
        elif error is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(error)

    def _set_timer(self, fragment: str, interval: float) -> None:
        self._stop_timers([fragment])
        self._timers[fragment] = asyncio.create_task(self._repeat(fragment, interval))

    def _stop_timers(self, fragments: Iterable[str] | None = None) -> None:
        """Let fragments run no more; None for all."""
        for fragment in list(self._timers if fragments is None else fragments):
            self._asked.pop(fragment, None)
            if (timer := self._timers.pop(fragment, None)) is not None:
                timer.cancel()

    async def _repeat(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            if fragment in self._asked and perf_counter() - self._asked[fragment] > (
                self._target.patience
            ):
                self._tally.failed(f"fragment: no answer within {self._target.patience:g} s")
                del self._asked[fragment]
            self._asked.setdefault(fragment, perf_counter())
            try:
                await self._send(fragment)
            except (OSError, WebSocketException) as error:
                self._tally.failed(f"fragment: {_said(error)}")
                return


class _PageError(RuntimeError):
    """The server answered, but not with the page."""


def _get(address: str, patience: float) -> None:
    with urllib.request.urlopen(address, timeout=patience) as answer:
        answer.read()


def _said(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
