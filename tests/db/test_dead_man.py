"""The dead man's switch: told of every evaluation, never in the way, and its address kept quiet."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from db.dead_man import DeadMan
from db.engine import Role, Store
from db.worker import Worker
from tests.db.serving_rows import MINUTE, Row, store_time, write

SECRET = "5ecret-t0ken"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


class Listener:
    """Somebody outside: a real HTTP server on loopback that can be slow or refuse."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers: list[int] = []
        self.answering = threading.Event()
        self.answering.set()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.asked += 1
                listener.answering.wait(60)
                with suppress(OSError):  # who asked may have gone
                    self.send_response(listener.answers.pop(0) if listener.answers else 200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_port


@pytest.fixture
def listener() -> Iterator[Listener]:
    opened = Listener()
    yield opened
    opened.answering.set()
    opened.server.shutdown()
    opened.server.server_close()


def address(listener: Listener) -> str:
    return f"http://127.0.0.1:{listener.port}/{SECRET}"


def test_every_evaluation_is_told_once(store: Store, listener: Listener):
    now = store_time(store.engine(Role.APP)).replace(second=30)
    moments = iter([now, now, now + MINUTE, now + MINUTE])
    clock = {"now": now}
    worker = Worker(store, now=lambda: clock["now"], dead_man=DeadMan(address(listener)))
    told = []
    for moment in moments:
        clock["now"] = moment
        worker.tick()
        told.append(listener.asked)
    worker.close()
    assert told == [1, 1, 2, 2]


def test_a_tick_that_could_not_evaluate_a_service_is_not_told(
    store: Store, listener: Listener, monkeypatch: pytest.MonkeyPatch
):
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("no letters")

    now = store_time(store.engine(Role.APP))
    write(store.engine(Role.SERVING), Row("mail", now.replace(second=0, microsecond=0) - MINUTE))
    monkeypatch.setattr("db.alerting.evaluation.read", breaks)
    worker = Worker(store, now=lambda: now, dead_man=DeadMan(address(listener)))
    tick = worker.tick()
    worker.close()
    assert tick.errors == ("The alerts of mail could not be evaluated: no letters.",)
    assert listener.asked == 0


def test_a_worker_that_does_not_lead_tells_nobody(store: Store, listener: Listener):
    now = store_time(store.engine(Role.APP))
    first = Worker(store, now=lambda: now)
    first.tick()
    second = Worker(store, now=lambda: now, dead_man=DeadMan(address(listener)))
    assert not second.tick().leads
    first.close()
    second.close()
    assert listener.asked == 0


def test_whoever_does_not_answer_is_waited_for_no_longer_than_the_time_out(listener: Listener):
    listener.answering.clear()
    switch = DeadMan(address(listener), timeout_seconds=0.2)
    switch.ping()
    switch.ping()
    assert switch.trouble in {"", "it did not answer in time"}
    listener.answering.set()


@pytest.mark.parametrize("status", [404, 500])
def test_an_answer_that_is_none_is_told_once_without_the_address(
    listener: Listener, caplog: pytest.LogCaptureFixture, status: int
):
    listener.answers = [status, status]
    switch = DeadMan(address(listener))
    with caplog.at_level(logging.DEBUG):
        switch.ping()
        switch.ping()
    assert switch.trouble == f"it answered {status}"
    (line,) = [one for one in caplog.messages if "dead man" in one]
    assert line.endswith(f"127.0.0.1:{listener.port}/…: it answered {status}.")
    assert SECRET not in caplog.text
    switch.ping()
    assert switch.trouble == ""


def test_nobody_there_fails_nothing_and_keeps_the_secret(caplog: pytest.LogCaptureFixture):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        switch = DeadMan(f"http://127.0.0.1:{port}/{SECRET}")
        with caplog.at_level(logging.DEBUG):
            switch.ping()
    assert switch.trouble == "it cannot be reached"
    assert SECRET not in caplog.text


@pytest.mark.parametrize("wrong", ["", "ftp://host/x", f"host/{SECRET}", f"file:///{SECRET}"])
def test_what_is_no_address_of_the_web_is_refused_without_being_repeated(wrong: str):
    with pytest.raises(ValueError, match="GREENLIGHT_DEAD_MAN_URL must begin") as refusal:
        DeadMan(wrong)
    assert SECRET not in str(refusal.value)


def test_an_address_that_cannot_be_asked_fails_nothing(caplog: pytest.LogCaptureFixture):
    switch = DeadMan(f"http://{SECRET}:not-a-port/")
    switch.ping()
    assert switch.trouble == "it cannot be reached"
    assert SECRET not in caplog.text
