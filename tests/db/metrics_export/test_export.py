"""Greenlight's metrics: as promtool wants them, over HTTP, in a file, without a store."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from db.engine import Role, Store
from db.metrics_export import Export, Serving, write
from db.metrics_export.export import KEPT_FOR
from db.worker import Worker
from tests.debian import needed

ROOT = Path(__file__).parents[3]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def export(store: Store, clock: Clock) -> Export:
    """After a tick over a service with a beat."""
    with store.engine(Role.SERVING).begin() as connection:
        connection.execute(
            text("insert into metrics.heartbeat values ('mail', 'inference', 'i', 'dc', :at, :at)"),
            {"at": clock.now},
        )
    told = Export(store.engine(Role.WORKER), clock)
    worker = Worker(store, now=clock, observer=told.note)
    worker.tick()
    worker.close()
    return told


@pytest.fixture
def serving(export: Export) -> Iterator[Serving]:
    with Serving(export, "127.0.0.1", 0) as running:
        yield running


def get(serving: Serving, path: str) -> tuple[int, bytes]:
    try:
        with DIRECT.open(f"http://127.0.0.1:{serving.port}{path}", timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def samples(exposition: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(exposition.decode())
        for sample in family.samples
    }


def test_promtool_finds_nothing_wrong(export: Export):
    checked = subprocess.run(
        [needed("promtool"), "check", "metrics"],
        input=export.exposition(),
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_the_metrics_tell_what_the_tick_did(export: Export, clock: Clock):
    clock.now += timedelta(seconds=30)

    told = samples(export.exposition())

    assert told["greenlight_store_up", ()] == 1
    assert told["greenlight_last_tick_age_seconds", ()] == 30
    assert told["greenlight_worker_leads", ()] == 1
    assert told["greenlight_worker_tick_duration_seconds_count", ()] == 1
    firing = (("service", "mail"), ("severity", "page"), ("state", "firing"))
    assert told["greenlight_episodes", firing] == 0
    assert told["greenlight_outbox", (("status", "waiting"),)] == 0
    assert told["greenlight_store_bytes", (("schema", "team"),)] > 0
    assert told["greenlight_health", (("part", "worker"), ("state", "ok"))] == 1


def test_alerts_and_the_page_on_deployment_ask_for_metrics_that_there_are(export: Export):
    there = {name for name, _ in samples(export.exposition())}
    rules = (ROOT / "docs/deployment/prometheus.yml").read_text()
    page = (ROOT / "docs/deployment.md").read_text()
    table = "\n".join(line for line in page.splitlines() if line.startswith("| `greenlight_"))
    named = set(re.findall(r"\bgreenlight_[a-z_]+", rules))
    named |= {name.rstrip("{") for name in re.findall(r"`(greenlight_[a-z_]+\{?)", table)}
    histogram = {"greenlight_worker_tick_duration_seconds"}

    # A service that has not written a minute yet has neither.
    later = {"greenlight_data_lag_seconds", "greenlight_data_through_timestamp_seconds"}
    assert named - there - histogram <= later


def test_a_worker_that_waits_for_another_says_so(store: Store, clock: Clock):
    first, second = (
        Export(store.engine(Role.WORKER), clock),
        Export(store.engine(Role.WORKER), clock),
    )
    leader = Worker(store, now=clock, observer=first.note)
    waiting = Worker(store, now=clock, observer=second.note)
    leader.tick()
    waiting.tick()
    told = [samples(each.exposition()) for each in (first, second)]
    leader.close()
    waiting.close()

    assert [each["greenlight_worker_leads", ()] for each in told] == [1, 0]
    assert told[1]["greenlight_worker_tick_duration_seconds_count", ()] == 0


def test_health_is_served_and_turns_to_503_when_the_ticks_stop(serving: Serving, clock: Clock):
    assert get(serving, "/health")[0] == 200

    clock.now += timedelta(minutes=3)
    status, body = get(serving, "/health")

    told: Any = json.loads(body)
    assert (status, told["state"]) == (503, "failing")


def test_a_store_that_does_not_answer_is_told_as_down(tmp_path: Path, clock: Clock):
    address = "postgresql://nobody@127.0.0.1:1/nothing"
    with Store(address, tmp_path) as gone:
        export = Export(gone.engine(Role.WORKER), clock)
        with Serving(export, "127.0.0.1", 0) as running:
            status, body = get(running, "/metrics")
            health = get(running, "/health")

    assert status == 200
    assert samples(body)["greenlight_store_up", ()] == 0
    assert health[0] == 503
    assert b"does not answer" in health[1]


def test_whoever_scrapes_often_costs_the_store_one_look(store: Store, clock: Clock):
    export = Export(store.engine(Role.WORKER), clock)
    first = export.health()

    assert export.health() is first
    clock.now += KEPT_FOR
    assert export.health() is not first


def test_other_paths_are_not_found_and_nothing_can_be_sent(serving: Serving):
    assert get(serving, "/")[0] == 404
    request = urllib.request.Request(
        f"http://127.0.0.1:{serving.port}/metrics", data=b"x", method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        DIRECT.open(request, timeout=20)
    refused.value.close()
    assert refused.value.code == 501


def test_the_file_is_replaced_whole_and_readable_by_others(export: Export, tmp_path: Path):
    path = tmp_path / "greenlight.prom"
    path.write_text("old")

    write(export.exposition(), path)

    assert samples(path.read_bytes())["greenlight_store_up", ()] == 1
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]
