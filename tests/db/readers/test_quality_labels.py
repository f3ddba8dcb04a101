"""Labels out of PostgreSQL against the same rows counted in plain Python."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine

from core.ports import QualityReader
from core.stats.scores import ALL_BINS, lower_edge
from db import rollup_labels
from db.engine import Role, Store
from db.readers import quality
from db.readers.quality import SqlQualityReader
from tests.db.quality_rows import DAY, HOUR, label_corrections, random_labels, write
from tests.db.readers.quality_counts import EVER, MIDNIGHT, SPANS, roll, same_labels
from tests.db.readers.serving import BEGIN, execute
from tests.fakes_quality import MOST_LAGS, FakeQualityReader, LabelRow


@pytest.fixture
def reader(store: Store) -> SqlQualityReader:
    return SqlQualityReader(store.engine(Role.APP))


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.mark.parametrize("seed", range(3))
def test_labels_are_the_sums_that_plain_python_makes(
    serving: Engine, reader: SqlQualityReader, seed: int
):
    rng = np.random.default_rng(seed)
    rows = random_labels(rng, MIDNIGHT - DAY, 7 * 24, 900)
    write(serving, *rows, *random_labels(rng, MIDNIGHT, 24, 50, service="other"))
    fake: QualityReader = FakeQualityReader((), rows)
    for start, end in SPANS:
        for known_at in (EVER, start, rows[7].labelled_at):
            same_labels(
                reader.labels("mail", start, end, known_at),
                fake.labels("mail", start, end, known_at),
            )
            lags, wanted = (one.lags("mail", start, end, known_at) for one in (reader, fake))
            np.testing.assert_allclose(lags.predicted, wanted.predicted, rtol=1e-15)
            np.testing.assert_allclose(lags.lag, wanted.lag, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_labels_are_the_sums_of_the_rows_before_between_and_after_ticks(
    store: Store, serving: Engine, reader: SqlQualityReader, seed: int
):
    rng = np.random.default_rng(seed)
    rows = {
        (row.model_version, row.letter_id): row
        for row in random_labels(rng, MIDNIGHT - DAY + 5 * HOUR, 6 * 24, 300)
    }
    other = random_labels(rng, MIDNIGHT, 24, 50, service="other")
    write(serving, *rows.values(), *other)

    def agree() -> None:
        fake = FakeQualityReader((), [*rows.values(), *other])
        known = [row.labelled_at for row in rows.values()]
        some = [known[int(at)] for at in rng.integers(0, len(known), 3)]
        for known_at in (EVER, max(known) - DAY, some[0] - timedelta(microseconds=1), *some):
            for start, end in SPANS:
                same_labels(
                    reader.labels("mail", start, end, known_at),
                    fake.labels("mail", start, end, known_at),
                )

    agree()
    answers = iter([True, False])
    rollup_labels.catch_up(store.engine(Role.WORKER), proceed=lambda: next(answers))
    agree()  # some days are rolled up, some never were
    changed = list(label_corrections(rng, list(rows.values())))
    write(serving, *changed)
    rows |= {(row.model_version, row.letter_id): row for row in changed}
    agree()  # and labels were corrected, some of them taken out of days that were rolled up
    roll(store)
    agree()
    for _ in range(3):
        new = replace(changed[0], letter_id=f"new {rng.random()}", segment="new")
        changed = list(label_corrections(rng, list(rows.values())))
        write(serving, *changed, new)
        rows |= {(row.model_version, row.letter_id): row for row in (*changed, new)}
        agree()
        roll(store)
        agree()


def a_label(at: datetime, letter: str = "l", *, lag: timedelta = HOUR) -> LabelRow:
    return LabelRow("mail", "v1", letter, at, at + lag, "ru", 0.9, True, True, 1.0)


def test_whole_days_of_labels_come_from_the_rollup_and_what_it_cannot_tell_from_rows(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    write(serving, *(a_label(MIDNIGHT + at * HOUR, str(at)) for at in range(72)))
    roll(store)
    execute(store.engine(Role.OWNER), "update rollup.label_day set labels = 1000, positives = 1000")

    def labels(first: int, following: int, known_at: datetime) -> list[int]:
        start, end = (MIDNIGHT + at * HOUR for at in (first, following))
        return reader.labels("mail", start, end, known_at).labels.tolist()

    assert labels(0, 72, EVER) == [1000] * 3
    assert labels(5, 70, EVER) == [19, 1000, 22]
    assert labels(5, 30, EVER) == [19, 6]
    # The second day's newest label was given at its end, the third's an hour later at the latest.
    end = MIDNIGHT + 48 * HOUR
    assert labels(0, 72, end) == [1000, 1000]
    assert labels(0, 72, end - timedelta(microseconds=1)) == [1000, 23]
    assert labels(0, 72, MIDNIGHT + 72 * HOUR - timedelta(microseconds=1)) == [1000, 1000, 23]
    # A label that was just written takes its day out, and no other.
    write(serving, a_label(MIDNIGHT + 30 * HOUR, "new"))
    assert labels(0, 72, EVER) == [1000, 25, 1000]
    # One that moved takes out the day that it came to and the day that it left.
    write(serving, replace(a_label(MIDNIGHT + 30 * HOUR, "0"), labelled_at=MIDNIGHT + 40 * HOUR))
    assert labels(0, 72, EVER) == [23, 26, 1000]
    roll(store)
    assert labels(0, 72, EVER) == [23, 26, 1000]


def test_a_label_that_moves_out_of_the_span_does_not_count_any_more(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    rows = [a_label(MIDNIGHT + at * DAY, str(at), lag=30 * DAY) for at in range(4)]
    write(serving, *rows)
    roll(store)
    asked = ("mail", MIDNIGHT, MIDNIGHT + 3 * DAY, EVER)
    for at, day in ((0, 3), (1, 20)):
        write(serving, replace(rows[at], predicted_at=MIDNIGHT + day * DAY))
        assert reader.labels(*asked).labels.tolist() == [1] * (2 - at)
    roll(store)
    assert reader.labels(*asked).labels.tolist() == [1]


def test_labels_of_a_transaction_that_was_open_at_the_last_tick_are_read_from_rows(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    for again in ("", "after a look "):
        with serving.connect() as slow:
            write(slow, a_label(MIDNIGHT, again + "late"))
            write(serving, a_label(MIDNIGHT, again + "early"))
            roll(store)
            slow.commit()
        count = 4 if again else 2
        assert reader.labels("mail", MIDNIGHT, MIDNIGHT + DAY, EVER).labels.tolist() == [count]


def test_a_day_of_labels_that_cannot_be_rolled_up_is_left_out_until_it_is_corrected(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    rule = "alter table rollup.label_day add constraint none_of_these check (segment <> 'bad')"
    execute(store.engine(Role.OWNER), rule)
    bad = replace(a_label(MIDNIGHT, "bad"), segment="bad")
    write(serving, bad, a_label(MIDNIGHT + DAY, "good"))
    asked = ("mail", MIDNIGHT, MIDNIGHT + 2 * DAY, EVER)
    assert len(rollup_labels.catch_up(store.engine(Role.WORKER)).errors) == 1
    assert reader.labels(*asked).labels.tolist() == [1]
    write(serving, replace(bad, segment="ru"))
    assert reader.labels(*asked).labels.tolist() == [1, 1]


def test_a_score_on_the_edge_of_a_bin_is_in_the_bin_above_it(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    edges = [lower_edge(int(number)) for number in ALL_BINS]
    below = [float(np.nextafter(edge, 0)) for edge in edges[1:]]
    one = LabelRow("mail", "v1", "", MIDNIGHT, MIDNIGHT, "ru", 0.0, True, True, 1.0)
    rows = [
        replace(one, letter_id=str(at), score=score)
        for at, score in enumerate([*edges, *below, 1.0, 5e-324])
    ]
    write(serving, *rows)
    for end in (MIDNIGHT + HOUR, MIDNIGHT + DAY):  # from rows, and from the rollup
        roll(store)
        found = reader.labels("mail", MIDNIGHT, end, EVER)
        assert found.cells.bin.tolist() == ALL_BINS.tolist()
        # Every bin has its lower edge and the last score below the next; the ends have one more.
        assert found.labels.tolist() == [3, *[2] * 198, 2]
        same_labels(found, FakeQualityReader((), rows).labels("mail", MIDNIGHT, BEGIN, EVER))


def test_a_probability_next_to_nothing_is_no_failure(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    row = LabelRow("mail", "v1", "l", MIDNIGHT, MIDNIGHT, "ru", 0.9, True, True, 5e-324)
    write(serving, row)
    roll(store)
    for end in (MIDNIGHT + HOUR, MIDNIGHT + DAY):  # from rows, and from the rollup
        found = reader.labels("mail", MIDNIGHT, end, EVER)
        assert found.labels.tolist() == [1]
        assert np.isfinite([*found.weight, *found.weight_squared, *found.weight_positive]).all()


def test_of_many_lags_those_of_the_newest_scores_are_handed_over(
    serving: Engine, reader: SqlQualityReader
):
    execute(
        serving,
        "insert into metrics.labelled_letter select 'mail', 'v1', number::text, "
        "cast(:begin as timestamptz) + number * interval '1 second', "
        "cast(:begin as timestamptz) + number * interval '1 second' + interval '2 hours', "
        "'ru', 0.5, true, true, 1 from generate_series(1, 20500) as number",
        begin=MIDNIGHT,
    )
    found = reader.lags("mail", MIDNIGHT, MIDNIGHT + DAY, EVER)
    assert quality.MOST_LAGS == MOST_LAGS == found.lag.size
    assert found.predicted[0] == (MIDNIGHT + timedelta(seconds=501)).timestamp()
    assert found.predicted[-1] == (MIDNIGHT + timedelta(seconds=20_500)).timestamp()
    assert set(found.lag.tolist()) == {7_200.0}
