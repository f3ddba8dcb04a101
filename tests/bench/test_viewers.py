"""The load tool, in front of servers that misbehave: it never takes a failure for a page."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import pytest
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from tests.bench import streamlit_server
from tests.bench.viewers.crowd import crowd, look
from tests.bench.viewers.tally import Tally, percentile
from tests.bench.viewers.viewer import Target

Answers = Callable[[int, BackMsg], list[ForwardMsg]]
ROOT = Path(__file__).parents[2]
#: Of who is to lose it: a page is opened within it also on a machine that does ten other things.
PATIENCE_SECONDS = 3.0


def new_session(*fragments: str) -> ForwardMsg:
    message = ForwardMsg()
    message.new_session.name = "page"
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def finished(status: ForwardMsg.ScriptFinishedStatus.ValueType) -> ForwardMsg:
    return ForwardMsg(script_finished=status)


def page(*between: ForwardMsg) -> list[ForwardMsg]:
    """A run of the page that ends well."""
    return [new_session(), *between, finished(ForwardMsg.FINISHED_SUCCESSFULLY)]


def error_box(*path: int) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.new_element.alert.format = Alert.ERROR
    message.delta.new_element.alert.body = "The store does not answer"
    return message


@asynccontextmanager
async def server(answers: Answers) -> AsyncIterator[str]:
    """A server that answers the nth message of a viewer, from 0, with what `answers` says."""

    async def talk(socket: ServerConnection) -> None:
        number = 0
        async for data in socket:
            assert isinstance(data, bytes)
            for message in answers(number, BackMsg.FromString(data)):
                await socket.send(message.SerializeToString())
            number += 1

    def static(_socket: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Upgrade"):
            return None
        return Response(HTTPStatus.OK, "OK", Headers({"Content-Length": "2"}), b"ok")

    async with serve(
        talk,
        "localhost",
        0,
        process_request=static,
        subprotocols=["streamlit"],  # type: ignore[list-item]  # a NewType of str
    ) as running:
        port = next(iter(running.sockets)).getsockname()[1]
        yield f"http://localhost:{port}"


def met_with(answers: Answers, *, viewers: int = 1, times: int = 1, patience: float = 60) -> Tally:
    """What viewers meet with who open a page of such a server and re-run it."""

    async def visit() -> Tally:
        tally = Tally()
        async with server(answers) as address:
            targets = [Target(address, "quality", patience=patience)] * viewers
            async with crowd(targets, tally) as people:
                await look(people, times=times, interval=0.01)
        return tally

    return asyncio.run(visit())


def test_a_page_that_is_drawn_is_timed() -> None:
    tally = met_with(lambda number, asked: page(), viewers=3, times=4)
    assert (len(tally.opens), len(tally.reruns)) == (3, 12)
    assert not tally.errors
    assert min(tally.opens + tally.reruns) > 0


def test_a_page_with_an_exception_is_an_error() -> None:
    message = ForwardMsg()
    message.delta.new_element.exception.type = "KeyError"
    tally = met_with(lambda number, asked: page(message))
    assert tally.errors == {"exception: KeyError": 2}


def test_a_page_that_says_it_cannot_be_shown_is_an_error_and_a_box_at_its_side_is_not() -> None:
    assert met_with(lambda number, asked: page(error_box(0, 3))).errors == {
        "the page says: The store does not answer": 2
    }
    assert not met_with(lambda number, asked: page(error_box(1, 3))).errors


def test_a_script_that_does_not_compile_has_no_time() -> None:
    broken = [new_session(), finished(ForwardMsg.FINISHED_WITH_COMPILE_ERROR)]
    tally = met_with(lambda number, asked: broken)
    assert not tally.opens + tally.reruns
    assert sum(tally.errors.values()) == 2


def test_a_page_that_does_not_exist_is_an_error() -> None:
    message = ForwardMsg()
    message.page_not_found.page_name = "quality"
    tally = met_with(lambda number, asked: page(message))
    assert not tally.opens
    assert "open: there is no page 'quality'" in tally.errors


def test_silence_is_an_error_once_patience_is_over() -> None:
    tally = met_with(lambda number, asked: page() if number == 0 else [], patience=PATIENCE_SECONDS)
    assert (len(tally.opens), len(tally.reruns)) == (1, 0)
    assert tally.errors == {"re-run: TimeoutError": 1}


def test_a_run_that_gave_way_to_another_one_is_not_the_end() -> None:
    early = [new_session(), finished(ForwardMsg.FINISHED_EARLY_FOR_RERUN)]
    assert not met_with(lambda number, asked: early, patience=0.2).opens
    assert met_with(lambda number, asked: early + page()).opens


def test_the_end_of_an_earlier_run_is_not_the_end_of_the_one_that_was_asked_for() -> None:
    stray = finished(ForwardMsg.FINISHED_SUCCESSFULLY)
    tally = met_with(
        lambda number, asked: page() if number == 0 else [stray], patience=PATIENCE_SECONDS
    )
    assert not tally.reruns
    assert tally.errors == {"re-run: TimeoutError": 1}


def test_a_message_referred_to_that_was_never_sent_is_an_error() -> None:
    tally = met_with(lambda number, asked: page(ForwardMsg(ref_hash=f"unknown {number}")))
    assert tally.errors == {"a message that this viewer never had is referred to": 2}


def test_a_large_message_is_not_asked_for_again_while_it_is_kept() -> None:
    said: list[list[str]] = []

    def answers(number: int, asked: BackMsg) -> list[ForwardMsg]:
        said.append(list(asked.rerun_script.cached_message_hashes))
        large = ForwardMsg(hash="large")
        large.metadata.cacheable = True
        return page(large) if number == 0 else page()

    assert not met_with(answers, times=4).errors
    assert said == [[], ["large"], ["large"], [], []]


def test_a_connection_that_is_closed_is_an_error_and_so_is_every_re_run_after_it() -> None:
    def answers(number: int, asked: BackMsg) -> list[ForwardMsg]:
        if number:
            raise ConnectionResetError  # the server's handler dies, and with it the websocket
        return page()

    tally = met_with(answers, times=3)
    assert (len(tally.opens), len(tally.reruns)) == (1, 0)
    assert sum(tally.errors.values()) == 3
    assert tally.errors["re-run: the page is not open"] == 2


def test_nobody_there_is_an_error() -> None:
    async def visit() -> Tally:
        tally = Tally()
        async with server(lambda number, asked: []) as address:
            pass
        async with crowd([Target(address)] * 2, tally) as people:
            await look(people, times=2, interval=0.01)
        return tally

    tally = asyncio.run(visit())
    assert not tally.opens + tally.reruns
    assert sum(tally.errors.values()) == 6


def test_a_fragment_runs_by_itself_until_the_page_no_longer_has_it() -> None:
    timer = ForwardMsg()
    timer.auto_rerun.fragment_id = "clock"
    timer.auto_rerun.interval = 0.01
    ran: list[str] = []

    def answers(number: int, asked: BackMsg) -> list[ForwardMsg]:
        state = asked.rerun_script
        if not state.fragment_id:
            return page(timer) if number == 0 else page()
        assert state.is_auto_rerun
        ran.append(state.fragment_id)
        ended = finished(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        return [new_session("clock"), ended]

    async def visit() -> tuple[Tally, int]:
        tally = Tally()
        async with server(answers) as address, crowd([Target(address)], tally) as people:
            async with asyncio.timeout(60):
                while len(tally.fragments) < 3:
                    await asyncio.sleep(0.01)
            # By the second one, what the clock had asked for before the first one is answered, too.
            await look(people, times=2, interval=0)
            before = len(ran)
            await look(people, times=5, interval=0.05)
            return tally, len(ran) - before

    tally, ran_after = asyncio.run(visit())
    assert not tally.errors
    assert ran_after == 0
    assert len(tally.reruns) == 7


def test_percentiles_are_values_that_were_seen() -> None:
    assert [percentile(range(1, 101), share) for share in (0.5, 0.95, 0.99, 1.0)] == [
        50,
        95,
        99,
        100,
    ]
    with pytest.raises(IndexError):
        percentile([], 0.95)


SCRIPT = """
import streamlit as st

@st.fragment(run_every=0.5)
def clock():
    st.text("tick")

def page():
    st.title("page")
    if "clock" in st.query_params:
        clock()

st.navigation([st.Page(page, default=True)]).run()
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Streamlit server."""
    script = tmp_path_factory.mktemp("page") / "page.py"
    script.write_text(SCRIPT)
    with streamlit_server.serve(script, {}) as running:
        yield f"http://localhost:{running.port}"


def by_hand(address: str, **options: str) -> subprocess.CompletedProcess[str]:
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.viewers", "--address", address, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_real_server_is_measured(real: str) -> None:
    done = by_hand(real, viewers="3", times="3", interval="0.5")
    found = json.loads(done.stdout)
    assert (done.returncode, found["errors"]) == (0, {})
    assert (found["open"]["count"], found["rerun"]["count"]) == (3, 9)


def test_a_page_that_a_real_server_does_not_have_is_not_measured(real: str) -> None:
    done = by_hand(real, viewers="1", times="1", interval="0.1", page="nowhere")
    assert done.returncode == 1
    assert json.loads(done.stdout)["errors"]


def test_a_fragment_of_a_real_server_runs_by_itself(real: str) -> None:
    async def visit() -> Tally:
        tally = Tally()
        async with crowd([Target(real, query="clock=1")], tally), asyncio.timeout(60):
            while len(tally.fragments) < 2:
                await asyncio.sleep(0.05)
        return tally

    assert not asyncio.run(visit()).errors
