"""The demo's real service on a real store, driven tick by tick: what it counts and recovers."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from core.stats.scores import lower_edge
from db.demo import classifier
from db.demo.spambase import labels as labelling
from db.demo.spambase import run_spambase
from db.demo.spambase.arrivals import LONGEST_STALL_S, Arrivals
from db.demo.spambase.counts import MinuteCounts
from db.demo.spambase.labels import inclusion_probabilities, labels_of_minute
from db.demo.spambase.letters import SERVICE, Letters, letters_of
from db.demo.spambase.recovery import recover
from db.demo.spambase.reports import Reports
from db.demo.spambase.service import QUEUE, Serving
from db.engine import Role, Store
from db.writer import MetricWriter

#: Chance follows from the minute: the same hour in every run makes the same draws.
HOUR = datetime(2025, 6, 1, 12, tzinfo=UTC)


def at(minutes: int, seconds: float = 0) -> datetime:
    return HOUR + timedelta(minutes=minutes, seconds=seconds)


@pytest.fixture(scope="module")
def letters(trained: classifier.Trained) -> Letters:
    return letters_of(trained)


#: Where the stopwatch of a test stands, in seconds.
NOW_S = 1_000.0


class Bench:
    """One instance on a store: started, ticked and crashed by hand."""

    def __init__(self, store: Store, letters: Letters, score: Callable[..., Any], folder: Path):
        self.engine = store.engine(Role.SERVING)
        self.letters, self.score = letters, score
        self._store, self._folder = store, folder
        self.writer: MetricWriter | None = None

    def start(self, moment: datetime) -> None:
        self.writer = MetricWriter(self._store, service=SERVICE, buffer=self._folder)
        assert self.writer.flush()
        self.reports = Reports(self.writer, "here", self.letters.model_version)
        self.serving = Serving(
            self.letters,
            recover(self.engine, self.letters, "here", moment),
            self.reports,
            instance="here",
            started_at=moment,
            score=self._scored,
            stopwatch=lambda: NOW_S,  # it stands still: scoring takes no time
        )

    def _scored(self, features: classifier.Features) -> Any:
        return self.score(features)

    def tick(self, moment: datetime, letters: int = 0, waited_ms: float = 1.0) -> None:
        self.serving.tick(moment, np.full(letters, NOW_S - waited_ms / 1000))

    def crash(self) -> None:
        assert self.writer is not None
        self.writer.close(orderly=False)

    def settle(self) -> None:
        assert self.writer is not None
        self.reports.send()
        assert self.writer.flush()

    def ask(self, query: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(query)))

    def letters_by_minute(self) -> list[tuple[datetime, int]]:
        rows = self.ask("select minute, letters from metrics.serving_minute order by minute")
        return [tuple(row) for row in rows]


@pytest.fixture
def bench(
    store: Store, letters: Letters, trained: classifier.Trained, tmp_path: Path
) -> Iterator[Bench]:
    made = Bench(store, letters, trained.scores, tmp_path / "buffer")
    yield made
    if made.writer is not None:
        made.writer.close(orderly=False)


def test_arrivals_keep_their_rate_and_charge_a_stall_to_the_letters_that_came_in_it():
    arrivals = Arrivals(300, began=100.0)
    stalled = arrivals.until(104.0)
    assert len(stalled) == pytest.approx(1200, abs=150)
    assert np.quantile(stalled, [0.25, 0.5, 0.75]) == pytest.approx([101, 102, 103], abs=0.25)
    assert (np.diff(stalled) >= 0).all()
    assert arrivals.until(104.0).size == 0


def test_nobody_sends_while_the_whole_process_is_stopped_for_long():
    arrivals = Arrivals(300, began=0.0)
    after_an_hour = arrivals.until(3600.0)
    assert after_an_hour.min() >= 3600 - LONGEST_STALL_S


def test_every_letter_comes_by_equally_often_and_minutes_start_at_different_letters(
    letters: Letters,
):
    loops = letters.positions(at(0), np.arange(3 * len(letters)))
    assert np.bincount(loops).tolist() == [3] * len(letters)
    starts = {int(letters.positions(at(k), np.array([0]))[0]) for k in range(30)}
    assert len(starts) > 25


def test_labels_are_likeliest_near_the_threshold_and_possible_everywhere():
    edges = np.array([lower_edge(k) for k in (-100, -20, -19, 0, 1, 10, 11, 20, 21, 40, 41, 99)])
    found = inclusion_probabilities(edges, threshold_bin=11).tolist()
    far, middle, near = labelling.FAR, labelling.MIDDLE, labelling.NEAR
    assert found == [far, far, *[middle] * 2, *[near] * 4, *[middle] * 2, far, far]


def test_letters_are_labelled_as_often_as_their_inclusion_probability_says(letters: Letters):
    ordinals = np.arange(18_000)
    chosen: dict[float, int] = {}
    offered: dict[float, int] = {}
    for minute in range(60):
        scores = letters.scores[letters.positions(at(minute), ordinals)]
        for one in inclusion_probabilities(scores, letters.threshold_bin).tolist():
            offered[one] = offered.get(one, 0) + 1
        for label in labels_of_minute(letters, at(minute), "here", ordinals, scores):
            one = label.inclusion_probability
            chosen[one] = chosen.get(one, 0) + 1
    for probability, count in offered.items():
        expected = count * probability
        assert abs(chosen[probability] - expected) < 4 * np.sqrt(expected)


def test_a_label_is_spambases_own_of_a_letter_never_named_twice(letters: Letters):
    data = classifier.load()
    ordinals = np.arange(18_000)
    ids = []
    for minute in range(5):
        scores = letters.scores[letters.positions(at(minute), ordinals)]
        found = labels_of_minute(letters, at(minute), "here", ordinals, scores)
        assert found == labels_of_minute(letters, at(minute), "here", ordinals, scores)
        for label in found:
            assert label.label == data.labels[int(label.letter_id.split("-")[0])]
            lag = label.labelled_at - label.predicted_at
            assert labelling.SHORTEST_LAG <= lag <= labelling.LONGEST_LAG
        ids += [label.letter_id for label in found]
    assert len(set(ids)) == len(ids) > 100


def test_weighted_labels_estimate_the_precision_and_recall_of_all_letters_and_unweighted_do_not(
    letters: Letters,
):
    ordinals = np.arange(18_000)
    sample, tally = [], np.zeros(3)
    for minute in range(120):
        positions = letters.positions(at(minute), ordinals)
        scores, spam = letters.scores[positions], letters.spam[positions]
        decided = scores >= letters.threshold
        tally += [np.sum(decided & spam), np.sum(decided), np.sum(spam)]
        sample += labels_of_minute(letters, at(minute), "here", ordinals, scores)
    truth = {"precision": tally[0] / tally[1], "recall": tally[0] / tally[2]}
    decision = np.array([label.decision for label in sample])
    spam = np.array([label.label for label in sample])
    weight = 1 / np.array([label.inclusion_probability for label in sample])

    def estimate(weights: np.ndarray) -> dict[str, float]:
        hits = (weights * (decision & spam)).sum()
        return {
            "precision": hits / (weights * decision).sum(),
            "recall": hits / (weights * spam).sum(),
        }

    assert estimate(weight) == pytest.approx(truth, abs=0.02)
    assert abs(estimate(np.ones(len(sample)))["recall"] - truth["recall"]) > 0.04


def test_a_latency_of_exactly_20_ms_is_not_slow(letters: Letters):
    minute = MinuteCounts(at(0))
    minute.answered(np.array([0.1, 0.2, 0.3]), np.array([1.0, 20.0, 20.001]))
    assert (minute.letters, minute.slow, minute.cells.sum()) == (3, 1, 3)


def test_a_finished_minute_is_stored_with_its_latencies_scores_and_day(bench: Bench):
    bench.start(at(0))
    bench.tick(at(0, 10), 100, waited_ms=2)
    bench.tick(at(0, 20), 40, waited_ms=300)
    bench.tick(at(1), 7)
    bench.settle()
    row = bench.ask("select * from metrics.serving_minute where letters > 7")[0]
    assert (row.minute, row.letters, row.errors, row.slow) == (at(0), 140, 0, 40)
    assert (row.service, row.datacenter, row.instance) == ("spambase", "local", "here")
    assert (sum(row.latency), sum(row.latency[81:])) == (140, 40)
    # The running minute is counted in its own row alone, until it is over.
    assert bench.ask("select sum(letters) from metrics.score_hour")[0][0] == 140
    assert bench.ask("select metric, value from metrics.product_day") == [("letters", 140)]


def test_score_hour_counts_what_the_letters_of_the_minute_were_and_how_they_were_decided(
    bench: Bench,
):
    bench.start(at(0))
    bench.tick(at(0, 10), 500)
    bench.tick(at(1))
    bench.settle()
    served = bench.letters.positions(at(0), np.arange(500))
    positive = bench.letters.scores[served] >= bench.letters.threshold
    many = bench.letters.many_capitals[served]
    found = bench.ask(
        "select segment, decision, sum(letters)::int from metrics.score_hour group by 1, 2"
    )
    assert {(segment, decision): count for segment, decision, count in found} == {
        ("few capitals", False): int((~many & ~positive).sum()),
        ("few capitals", True): int((~many & positive).sum()),
        ("many capitals", False): int((many & ~positive).sum()),
        ("many capitals", True): int((many & positive).sum()),
    }
    torn = "select decision, min(bin), max(bin) from metrics.score_hour group by 1 order by 1"
    (_, _, below), (_, above, _) = bench.ask(torn)
    assert below < bench.letters.threshold_bin <= above


def test_letters_whose_scoring_raises_are_errors_and_the_service_goes_on(
    bench: Bench, caplog: pytest.LogCaptureFixture
):
    bench.start(at(0))
    good, bench.score = bench.score, lambda _: 1 / 0
    bench.tick(at(0, 1), 5)
    bench.score = good
    bench.tick(at(0, 2), 20)
    bench.tick(at(0, 15), 3)
    assert "5 letters got no answer" in caplog.text
    bench.crash()
    bench.start(at(0, 30))
    bench.tick(at(0, 31), 10)
    bench.tick(at(1))
    bench.settle()
    row = bench.ask("select * from metrics.serving_minute order by minute limit 1")[0]
    assert (row.letters, row.errors, row.slow, sum(row.latency)) == (38, 5, 0, 33)
    assert bench.ask("select sum(letters) from metrics.score_hour")[0][0] == 33


def test_whoever_comes_to_a_full_queue_is_refused_and_counted_as_an_error(bench: Bench):
    bench.start(at(0))
    bench.tick(at(0, 1), QUEUE + 25)
    bench.settle()
    row = bench.ask("select letters, errors, latency from metrics.serving_minute")[0]
    assert (row.letters, row.errors, sum(row.latency)) == (QUEUE + 25, 25, QUEUE)


def test_a_crash_loses_what_came_since_the_last_checkpoint_and_counts_nothing_twice(bench: Bench):
    bench.start(at(0))
    bench.tick(at(0, 1), 40)  # the first tick writes its minute
    bench.tick(at(0, 6), 30)
    bench.tick(at(0, 12), 20)  # ten seconds later: written again
    bench.tick(at(0, 13), 10)
    bench.crash()
    bench.start(at(0, 20))
    bench.tick(at(0, 21), 5)
    bench.tick(at(1), 1)
    bench.settle()
    assert bench.letters_by_minute() == [(at(0), 40 + 30 + 20 + 5), (at(1), 1)]
    row = bench.ask("select latency from metrics.serving_minute order by minute limit 1")[0]
    assert sum(row.latency) == 95
    assert bench.ask("select sum(letters) from metrics.score_hour")[0][0] == 95
    assert bench.ask("select value from metrics.product_day") == [(95,)]


def test_a_restart_in_the_next_hour_completes_the_hour_that_the_crash_left_behind(bench: Bench):
    bench.start(at(58))
    for second in range(5):
        bench.tick(at(58, second), 600)
    bench.tick(at(59), 300)  # the minute's row leaves at once, the hour's wait for later ticks
    bench.crash()
    assert bench.ask("select coalesce(sum(letters), 0) from metrics.score_hour")[0][0] < 3000
    bench.start(at(75))
    bench.settle()
    by_hour = bench.ask("select hour, sum(letters)::int from metrics.score_hour group by 1")
    written = sum(count for _, count in bench.letters_by_minute())
    assert by_hour == [(HOUR, written)]
    assert written >= 3000


def test_labels_under_way_in_a_crash_come_after_the_restart_each_once(bench: Bench):
    bench.start(at(0))
    for second in range(20):
        bench.tick(at(0, 1 + second), 600)
    bench.tick(at(1, 1))
    bench.tick(at(3))
    bench.crash()
    bench.start(at(4))
    bench.tick(at(4))
    bench.tick(at(20))
    bench.settle()
    ordinals = np.arange(12_000)
    scores = bench.letters.scores[bench.letters.positions(at(0), ordinals)]
    expected = labels_of_minute(bench.letters, at(0), "here", ordinals, scores)
    found = bench.ask(
        "select labelled_at, letter_id, predicted_at, segment, score, decision, label, "
        "inclusion_probability from metrics.labelled_letter"
    )
    assert len(expected) > 10
    assert sorted(tuple(row) for row in found) == sorted(
        tuple(vars(label).values()) for label in expected
    )


def test_a_clock_that_is_set_back_opens_no_minute_of_the_past(bench: Bench):
    bench.start(at(30))
    bench.tick(at(30, 1), 10)
    bench.tick(at(10), 10)
    bench.tick(at(31), 1)
    bench.settle()
    assert bench.letters_by_minute() == [(at(30), 20), (at(31), 1)]


def test_a_stop_while_the_store_is_away_ends_the_service_before_it_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    stop = threading.Event()
    stop.set()
    with Store("postgresql://nobody@127.0.0.1:1/nowhere", tmp_path) as away:
        run_spambase(away, now=lambda: datetime.now(UTC), stop=stop, buffer=tmp_path / "buffer")
    assert "Letters wait until the store tells what is counted already" in caplog.text
