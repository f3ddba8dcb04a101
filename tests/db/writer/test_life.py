"""A writer from its address to its orderly stop, and what it tells of both."""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, text

import db
import db.writer
from db.engine import Role, Store
from db.writer import MetricWriter
from tests.db.writer.written_rows import MINUTE, minute_columns, stored, write_minute


def test_eight_threads_write_every_row_once(writer: MetricWriter, store: Store) -> None:
    def write(thread: int) -> None:
        for at in range(150):
            write_minute(writer, at, letters=at, instance=f"instance-{thread}")

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.flush()
    rows = stored(store, "serving_minute")
    assert len(rows) == 8 * 150
    assert sum(row["letters"] for row in rows) == 8 * sum(range(150))


def test_a_row_is_sent_without_anybody_asking(store: Store, tmp_path: Path) -> None:
    with MetricWriter(store, service="s", buffer=tmp_path, flush_seconds=0.01) as metrics:
        write_minute(metrics, 0)
        sent = threading.Event()
        while metrics.buffered_rows:
            sent.wait(0.01)
        assert len(stored(store, "serving_minute")) == 1


def test_the_beat_names_its_start_and_an_orderly_close_the_stop(
    store: Store, tmp_path: Path
) -> None:
    clock = [MINUTE]
    with MetricWriter(store, service="s", buffer=tmp_path, now=lambda: clock[0]) as metrics:
        clock[0] += timedelta(minutes=1)
        metrics.heartbeat(component="inference", instance="a", datacenter="dc1")
        metrics.heartbeat(component="labelling", instance="b")
        clock[0] += timedelta(minutes=1)
        metrics.stop(component="labelling", instance="b")
        metrics.flush()
        inference, labelling = stored(store, "heartbeat")
        assert (inference["started_at"], inference["stopped_at"]) == (MINUTE, None)
        assert inference["beat_at"] == MINUTE + timedelta(minutes=1)
        assert labelling["stopped_at"] == labelling["beat_at"] == clock[0]
        clock[0] += timedelta(minutes=1)
    inference, labelling = stored(store, "heartbeat")
    assert inference["stopped_at"] == inference["beat_at"] == MINUTE + timedelta(minutes=3)
    assert inference["datacenter"] == "dc1"
    assert labelling["stopped_at"] == MINUTE + timedelta(minutes=2)


def test_a_component_that_breaks_down_has_not_stopped_in_order(
    store: Store, tmp_path: Path
) -> None:
    def break_down() -> None:
        with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
            metrics.heartbeat(component="inference", instance="a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_down()
    (beat,) = stored(store, "heartbeat")
    assert beat["stopped_at"] is None


def test_ctrl_c_is_an_orderly_stop(store: Store, tmp_path: Path) -> None:
    def interrupted() -> None:
        with MetricWriter(store, service="s", buffer=tmp_path) as metrics:
            metrics.heartbeat(component="inference", instance="a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (beat,) = stored(store, "heartbeat")
    assert beat["stopped_at"] is not None


def test_closing_twice_does_no_harm_and_a_closed_writer_says_so(
    store: Store, tmp_path: Path
) -> None:
    metrics = MetricWriter(store, service="s", buffer=tmp_path)
    write_minute(metrics, 0)
    metrics.close()
    metrics.close()
    assert len(stored(store, "serving_minute")) == 1
    with pytest.raises(RuntimeError, match="closed"):
        write_minute(metrics, 1)
    with pytest.raises(RuntimeError, match="closed"):
        metrics.flush()
    assert not list(tmp_path.glob("segment-*"))


def test_an_address_is_all_that_an_outside_serving_stack_needs(
    database: URL, store: Store, tmp_path: Path
) -> None:
    bare = database.set(drivername="postgresql", username="greenlight_serving", password=None)
    address = bare.render_as_string(hide_password=False)
    with MetricWriter(address, service="outside", buffer=tmp_path / "a") as metrics:
        write_minute(metrics, 0)
    with MetricWriter(database, service="outside", buffer=tmp_path / "b") as metrics:
        write_minute(metrics, 1)
    assert len(stored(store, "serving_minute")) == 2


def test_the_example_in_the_docstring_writes_what_it_says(
    database: URL, store: Store, tmp_path: Path
) -> None:
    prose, _, rest = (db.writer.__doc__ or "").partition("\n\n")
    example = textwrap.dedent(rest.partition("\nA call checks")[0])
    assert prose.startswith("What a Python serving stack imports")
    example = example.replace(
        "postgresql://greenlight_serving@db.example.net/greenlight",
        database.render_as_string(hide_password=False),
    ).replace("/var/spool/greenlight", str(tmp_path))
    subprocess.run([sys.executable, "-c", example], check=True, cwd=Path(db.__path__[0]).parent)
    (row,) = stored(store, "serving_minute")
    assert (row["service"], row["letters"], row["errors"], row["slow"]) == ("newsletters", 4, 1, 1)
    (beat,) = stored(store, "heartbeat")
    assert beat["stopped_at"] is not None


def test_it_works_under_the_serving_role_alone(
    store: Store, tmp_path: Path, writer: MetricWriter
) -> None:
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(
            text(
                "create function metrics.only_serving() returns trigger language plpgsql as $$ "
                "begin if current_user <> 'greenlight_serving' then raise 'written as %', "
                "current_user; end if; return new; end $$"
            )
        )
        connection.execute(
            text(
                "create trigger only_serving before insert or update on metrics.product_day "
                "for each row execute function metrics.only_serving()"
            )
        )
    writer.product_day(day=date(2025, 6, 1), metric="letters", value=1)
    writer.flush()
    assert writer.load("product_day", {"day": [date(2025, 6, 2)], "metric": "m", "value": 1.0}) == 1
    assert len(stored(store, "product_day")) == 2
    with MetricWriter(store, service="s", buffer=tmp_path / "app", role=Role.APP) as metrics:
        metrics.product_day(day=date(2025, 6, 3), metric="letters", value=1)
        assert not metrics.flush()
        assert "permission denied" in str(metrics.trouble)
    assert len(stored(store, "product_day")) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"service": ""}, "must be the name of a service"),
        ({"store": "mysql://localhost/x"}, "PostgreSQL"),
        ({"store": ""}, "postgresql://"),
        ({"buffer_limit_bytes": 1000}, "buffer_limit_bytes"),
    ],
)
def test_a_writer_that_cannot_work_says_so_at_once(
    tmp_path: Path, arguments: dict[str, Any], sentence: str
) -> None:
    good: dict[str, Any] = {"store": "postgresql://localhost/x", "service": "s", "buffer": tmp_path}
    with pytest.raises(ValueError, match=sentence):
        MetricWriter(**good | arguments)


def test_the_password_of_the_address_is_told_to_nobody(
    database: URL, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = database.set(username="nobody_here", password="s3cr3t-word", database="nowhere")
    with MetricWriter(wrong, service="s", buffer=tmp_path) as metrics:
        write_minute(metrics, 0)
        assert not metrics.flush()
        told = [caplog.text, repr(metrics), str(metrics.trouble)]
        with pytest.raises(RuntimeError) as caught:
            metrics.load("serving_minute", minute_columns(1), patience_seconds=0.2)
    told.append(str(caught.value))
    told += [path.read_text() for path in tmp_path.iterdir()]
    assert "nobody_here" in caplog.text
    assert not [where for where in told if "s3cr3t" in where]


def test_importing_the_writer_is_light() -> None:
    script = (
        "import sys, db.writer; "
        "print({'pandas', 'sklearn', 'scipy', 'streamlit', 'alembic', 'altair'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
