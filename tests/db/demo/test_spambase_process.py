"""The demo's real service as its own process: started, killed with -9, started again, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, text

from db.demo.classifier import Trained
from db.demo.spambase.counts import MinuteCounts
from db.demo.spambase.labels import labels_of_minute
from db.demo.spambase.letters import Letters, letters_of
from db.engine import Role, Store
from db.writer import MetricWriter

#: The service's clock runs a minute a second.
SPEED = 60
#: Letters a real second, which is one of its minutes.
PER_SECOND = 2000
#: Three minutes before a full hour: the run crosses it.
BEGIN = datetime(2025, 6, 1, 11, 57, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REPOSITORY = Path(__file__).parents[3]
SERVICE = """
import os, signal, sys, threading, time
from datetime import datetime, timedelta
from pathlib import Path
from db.demo.spambase import run_spambase, service
from db.engine import Store

url, folder, begin, speed, per_second = sys.argv[1:]
tally = os.open(Path(folder) / "tally", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
began = None

def now():
    # It stands still until the first letter: the second run begins where the first was killed.
    passed = 0 if began is None else time.monotonic() - began
    return datetime.fromisoformat(begin) + timedelta(seconds=float(speed) * passed)

fresh = service.train

def remembered():
    global trained
    trained = fresh()
    return trained

service.train = remembered

def score(features):
    global began
    began = began or time.monotonic()
    scores = trained.scores(features)
    os.write(tally, f"{now().isoformat()} {len(features)}\\n".encode())
    return scores

with Store(url, Path("unused")) as store:
    run_spambase(store, now=now, stop=stop, buffer=Path(folder) / "buffer", instance="here",
                 letters_per_second=float(per_second), score=score)
"""


class Stack:
    """The process, and the store it writes to."""

    def __init__(self, url: URL, folder: Path, store: Store) -> None:
        self._url, self._folder = url.render_as_string(hide_password=False), folder
        self._store = store
        self._engine = store.engine(Role.SERVING)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, begin: datetime) -> None:
        arguments = [self._url, str(self._folder), begin.isoformat(), str(SPEED), str(PER_SECOND)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVICE, *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def ask(self, query: str) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.execute(text(query)))

    def wait_for(self, query: str, enough: Callable[[Any], bool]) -> None:
        for _ in range(600):
            assert self.process is not None
            assert self.process.poll() is None, "the service died"
            if enough(self.ask(query)[0][0]):
                return
            time.sleep(0.1)
        pytest.fail(f"a minute passed, and still: {query}")

    def tally(self) -> list[tuple[datetime, int]]:
        """The service's clock and the letters scored, a batch a line; a kill may cut the last."""
        lines = (self._folder / "tally").read_text().splitlines()
        whole = [line.split() for line in lines]
        return [(datetime.fromisoformat(moment), int(count)) for moment, count in whole]

    def replay(self) -> None:
        """Send what the killed process had queued, as its next start would."""
        with MetricWriter(self._store, service="spambase", buffer=self._folder / "buffer") as left:
            assert left.flush()

    def counted(self) -> int:
        """Answered letters: on a busy machine some are refused, which are never scored."""
        return int(self.ask("select sum(letters - errors) from metrics.serving_minute")[0][0])


@pytest.fixture
def stack(database: URL, store: Store, tmp_path: Path) -> Iterator[Stack]:
    made = Stack(database, tmp_path, store)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


def test_a_killed_service_goes_on_where_it_was_and_a_stopped_one_says_so(
    stack: Stack, trained: Trained
):
    stack.start(BEGIN)
    stack.wait_for("select count(*) from metrics.labelled_letter", lambda count: count >= 5)
    stack.end(signal.SIGKILL)
    stack.replay()
    first, survived = stack.tally(), stack.counted()
    scored = sum(count for _, count in first)
    assert survived <= scored
    # Checkpoints come every ten seconds of its clock; a busy machine may be three of ours late.
    late = first[-1][0] - 3 * MINUTE
    assert survived >= sum(count for moment, count in first if moment < late)
    assert stack.ask("select component, stopped_at from metrics.heartbeat order by 1") == [
        ("inference", None),
        ("labelling", None),
    ]

    stack.start(first[-1][0])
    finished = f"select count(*) from metrics.serving_minute where minute > '{first[-1][0]}'"
    stack.wait_for(finished, lambda count: count >= 4)
    assert stack.end(signal.SIGTERM) == 0
    again = sum(count for _, count in stack.tally()) - scored
    assert again > 0
    assert stack.counted() == survived + again
    assert_stopped_in_order(stack)
    assert_rows_agree(stack)
    assert_labels_are_those_of_the_letters(stack, letters_of(trained))


def assert_stopped_in_order(stack: Stack) -> None:
    beats = stack.ask(
        "select component, datacenter, instance, beat_at, stopped_at "
        "from metrics.heartbeat order by 1"
    )
    assert [row[:3] for row in beats] == [
        ("inference", "local", "here"),
        ("labelling", "local", "here"),
    ]
    assert all(row.stopped_at == row.beat_at for row in beats)


def assert_rows_agree(stack: Stack) -> None:
    minutes = stack.ask("select * from metrics.serving_minute order by minute")
    assert all(sum(row.latency) == row.letters - row.errors for row in minutes)
    assert all(sum(row.latency[81:]) == row.slow for row in minutes)
    assert {row.minute.hour for row in minutes} >= {11, 12}
    answered: dict[int, int] = {}
    for row in minutes:
        hour = row.minute.hour
        answered[hour] = answered.get(hour, 0) + row.letters - row.errors
    population = stack.ask("select hour, sum(letters)::int from metrics.score_hour group by 1")
    assert {row.hour.hour: row[1] for row in population} == answered
    assert stack.ask("select metric, value from metrics.product_day") == [
        ("letters", sum(row.letters for row in minutes))
    ]
    assert stack.ask("select stage, model_version from metrics.deployment") == [
        ("production", "spambase-1")
    ]
    runs = stack.ask("select started_at, letters_raw, letters_trained from metrics.training_run")
    # The first start's alone: the second trained the same model again.
    assert runs == [(BEGIN, 2300, 2123)]


def assert_labels_are_those_of_the_letters(stack: Stack, letters: Letters) -> None:
    expected = {}
    # A minute's row does not say which of its letters were refused, if any were.
    whole = stack.ask("select * from metrics.serving_minute where errors = 0")
    for row in whole:
        minute = MinuteCounts.from_row(
            letters, row.minute, row.letters, row.errors, np.array(row.latency)
        )
        for label in labels_of_minute(letters, row.minute, "here", *minute.answers()):
            expected[label.letter_id] = label
    minutes = {row.minute for row in whole}
    labels = stack.ask("select * from metrics.labelled_letter")
    found = {row.letter_id: row for row in labels if row.predicted_at in minutes}
    assert found
    for letter_id, row in found.items():
        label = expected[letter_id]
        assert (row.score, row.label, row.decision) == (label.score, label.label, label.decision)
        assert row.inclusion_probability == label.inclusion_probability
        assert (row.predicted_at, row.labelled_at) == (label.predicted_at, label.labelled_at)
    stopped = stack.ask("select min(stopped_at) from metrics.heartbeat")[0][0]
    due = {one for one, label in expected.items() if label.labelled_at < stopped - MINUTE}
    assert due <= found.keys()
