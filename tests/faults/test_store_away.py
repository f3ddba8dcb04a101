"""The store is killed, frozen, slow or crowded: what people see, and when all is as before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from db.engine import Role
from db.writer import MetricWriter
from pages.parts.data import store as pages_store
from tests.conftest import open_store
from tests.db.alert_world import SERVICE
from tests.faults import stack
from tests.faults.outage import Outage
from tests.faults.proxies import SlowProxy
from tests.faults.server import OwnServer, own_server
from tests.faults.visitor import Visitor, forget


@pytest.fixture(autouse=True)
def _as_just_started(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", "")
    # On a machine that is busy even a refusal takes long.
    monkeypatch.setattr(pages_store, "SLOW_FAILURE_SECONDS", 3600)
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_server() as running:
        with open_store(running.url) as store:
            stack.fill(store)
        yield running


FOLDER = Path(__file__).parents[2] / ".data"


def look_until(reader: Visitor, *, troubled: bool) -> str:
    """Look again until the page sees what happened: it asks for news every two seconds."""
    while True:
        said = reader.look()
        if bool(reader.trouble()) is troubled:
            return said


def numbers(said: str) -> list[str]:
    """The criterion's numbers and what else a page shows large."""
    return [line for line in said.splitlines() if line.startswith("###")]


@pytest.mark.parametrize("outage", [Outage.KILLED, Outage.STOPPED])
def test_a_store_that_is_gone_is_said_with_the_last_report_and_no_row_is_lost(
    server: OwnServer, tmp_path: Path, outage: Outage
):
    reader = Visitor(server.url, SERVICE)
    before = reader.look()
    assert reader.trouble() == ""
    assert numbers(before)
    with MetricWriter(server.url, service=SERVICE, buffer=tmp_path) as metrics:
        stack.write(metrics, range(300))
        outage.begin(server)
        stack.write(metrics, range(300, 600))
        during = look_until(reader, troubled=True)
        assert "The store does not answer" in reader.trouble()
        assert "Below is the last report" in reader.trouble()
        assert numbers(during) == numbers(before)
        assert not metrics.flush()
        assert metrics.buffered_rows + metrics.dropped_rows >= 300
        outage.end(server)
        stack.write(metrics, range(600, 700))
        while not metrics.flush():
            assert metrics.trouble
    reader.look()
    assert reader.trouble() == "", "the first look after the store came back"
    with open_store(server.url) as store:
        assert stack.fate(store, 700) == stack.Fate(700, stored=700, doubled=0, strange=0)
        stack.clear(store)
        assert stack.fate(store, 700).stored == 0


def test_a_frozen_store_is_noticed_and_nobody_waits_for_it_twice(
    server: OwnServer, monkeypatch: pytest.MonkeyPatch
):
    """The connection that a page waits on is cut, since a new one is not answered either."""
    monkeypatch.setattr("db.engine.SILENT_SECONDS", 0.5)
    monkeypatch.setattr("db.engine.CONNECT_SECONDS", 2)
    monkeypatch.setattr(pages_store, "SLOW_FAILURE_SECONDS", 2)
    monkeypatch.setattr(pages_store, "TOLD_AGAIN_SECONDS", 3600)
    asked: list[str] = []
    reader = Visitor(server.url, SERVICE)
    before = reader.look()
    server.freeze()
    try:
        during = look_until(reader, troubled=True)
        assert "The store does not answer" in reader.trouble()
        assert numbers(during) == numbers(before)
        with monkeypatch.context() as watched:
            watched.setattr(pages_store, "_asked", lambda _: asked.append("the frozen store"))
            reader.look()
        assert "The store does not answer" in reader.trouble()
        assert asked == []
    finally:
        server.thaw()
    monkeypatch.setattr(pages_store, "TOLD_AGAIN_SECONDS", 0)
    reader.look()
    assert reader.trouble() == ""


def test_a_slow_store_shows_the_same_and_a_warm_page_asks_it_little(server: OwnServer):
    quick = Visitor(server.url, SERVICE).look()
    forget()
    with SlowProxy(server.url, delay_seconds=0.02) as proxy:
        reader = Visitor(proxy.url, SERVICE)
        slow = reader.look()
        cold = proxy.asked
        assert reader.trouble() == ""
        assert numbers(slow) == numbers(quick)
        reader.look()
        warm = proxy.asked - cold
        assert warm < cold / 3
        forget()


def test_a_statement_that_takes_long_is_waited_for_while_the_server_answers(
    server: OwnServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("db.engine.SILENT_SECONDS", 0.1)
    with open_store(server.url) as store:
        engine = store.engine(Role.APP, watched=True)
        with engine.connect() as connection:
            found = connection.execute(text("select pg_sleep(1), 1")).one()
        assert found[1] == 1


def test_what_takes_longer_than_anybody_waits_is_given_up(
    server: OwnServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("db.engine.LONGEST_SECONDS", 0.3)
    with open_store(server.url) as store:
        engine = store.engine(Role.APP, watched=True)
        with engine.connect() as connection, pytest.raises(OperationalError):
            connection.execute(text("select pg_sleep(60)"))
        with engine.connect() as connection:
            assert connection.execute(text("select 1")).scalar_one() == 1


def test_a_crowded_web_server_says_so_and_recovers_by_itself(
    server: OwnServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pages_store, "POOL_SECONDS", 0.2)
    reader = Visitor(server.url, SERVICE)
    before = reader.look()
    engine = pages_store._engine(server.url.render_as_string(hide_password=False), FOLDER)
    with ExitStack() as held:
        for _ in range(12):
            held.enter_context(engine.connect())
        during = look_until(reader, troubled=True)
        assert "every connection of this web server is in use" in reader.trouble()
        assert numbers(during) == numbers(before)
    reader.look()
    assert reader.trouble() == ""
