"""Scores and labels out of PostgreSQL against the same rows counted in plain Python."""

from dataclasses import astuple, replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine

from core.ports import Cells, LabelCounts, QualityReader, ScoreCounts
from core.stats.scores import ALL_BINS, lower_edge
from db import rollup_labels, rollup_scores
from db.engine import Role, Store
from db.readers import quality
from db.readers.quality import SqlQualityReader
from db.readers.snapshot import snapshot
from tests.db.quality_rows import (
    DAY,
    HOUR,
    corrections,
    label_corrections,
    random_labels,
    random_scores,
    write,
)
from tests.db.readers.serving import BEGIN, execute
from tests.fakes_quality import MOST_LAGS, FakeQualityReader, LabelRow, ScoreRow

MIDNIGHT = BEGIN.replace(hour=0)
#: After every label of these tests.
EVER = BEGIN + 400 * DAY
#: Whole days, ragged ends, parts of one day, of two, nothing.
SPANS = [
    (MIDNIGHT, MIDNIGHT + 5 * DAY),
    (MIDNIGHT + 7 * HOUR, MIDNIGHT + 4 * DAY + 19 * HOUR),
    (MIDNIGHT + 7 * HOUR, MIDNIGHT + 19 * HOUR),
    (MIDNIGHT + 20 * HOUR, MIDNIGHT + DAY + 3 * HOUR),
    (MIDNIGHT - 3 * DAY, MIDNIGHT + 9 * DAY),
    (MIDNIGHT + DAY, MIDNIGHT + DAY),
]


@pytest.fixture
def reader(store: Store) -> SqlQualityReader:
    return SqlQualityReader(store.engine(Role.APP))


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


def same_cells(found: Cells, wanted: Cells) -> None:
    assert (found.versions, found.segments) == (wanted.versions, wanted.segments)
    for name in ("day", "version", "segment", "decision", "bin"):
        column, other = getattr(found, name), getattr(wanted, name)
        assert column.dtype == other.dtype, name
        assert column.tolist() == other.tolist(), name


def same_scores(found: ScoreCounts, wanted: ScoreCounts) -> None:
    same_cells(found.cells, wanted.cells)
    assert found.letters.dtype == np.int64
    assert found.letters.tolist() == wanted.letters.tolist()


def same_labels(found: LabelCounts, wanted: LabelCounts) -> None:
    same_cells(found.cells, wanted.cells)
    for name in ("labels", "positives"):
        assert getattr(found, name).dtype == np.int64
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist(), name
    for name in ("weight", "weight_squared", "weight_positive"):
        assert getattr(found, name).dtype == np.float64
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-12)


def roll(store: Store) -> None:
    for catch_up in (rollup_scores.catch_up, rollup_labels.catch_up):
        outcome = catch_up(store.engine(Role.WORKER))
        assert (outcome.errors, outcome.pending) == ((), 0)


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_the_sum_of_the_hours_before_between_and_after_ticks(
    store: Store, serving: Engine, reader: SqlQualityReader, seed: int
):
    rng = np.random.default_rng(seed)
    rows = {
        (one.hour, one.cell[1:]): one
        for one in random_scores(rng, MIDNIGHT - DAY + 5 * HOUR, 6 * 24)
    }
    other = random_scores(rng, MIDNIGHT, 24, service="other")
    write(serving, *rows.values(), *other)

    def agree() -> None:
        fake = FakeQualityReader([*rows.values(), *other])
        for start, end in SPANS:
            same_scores(reader.scores("mail", start, end), fake.scores("mail", start, end))

    agree()
    answers = iter([True, False])
    rollup_scores.catch_up(store.engine(Role.WORKER), proceed=lambda: next(answers))
    agree()  # some days are rolled up, some never were
    roll(store)
    agree()
    for _ in range(2):
        changed = list(corrections(rng, list(rows.values())))
        new = ScoreRow("mail", MIDNIGHT + 8 * DAY + 3 * HOUR, "v3", "рус", True, 30, 5)
        write(serving, *changed, new)
        rows |= {(one.hour, one.cell[1:]): one for one in (*changed, new)}
        agree()
        roll(store)
        agree()


def test_whole_days_come_from_the_rollup_and_ragged_ends_from_the_hours(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    write(
        serving,
        *(ScoreRow("mail", MIDNIGHT + at * HOUR, "v1", "ru", True, 30, 1) for at in range(72)),
    )
    roll(store)
    execute(store.engine(Role.OWNER), "update rollup.score_day set letters = 1000")
    for hours, letters in (((0, 72), [1000] * 3), ((5, 70), [19, 1000, 22]), ((5, 30), [19, 6])):
        start, end = (MIDNIGHT + at * HOUR for at in hours)
        assert reader.scores("mail", start, end).letters.tolist() == letters


def test_scores_of_a_transaction_that_was_open_at_the_last_tick_are_read_from_the_hours(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    early = ScoreRow("mail", MIDNIGHT, "v1", "ru", True, 30, 1)
    with serving.connect() as slow:
        write(slow, replace(early, bin=31, letters=7))
        write(serving, early)
        roll(store)
        slow.commit()
    assert reader.scores("mail", MIDNIGHT, MIDNIGHT + DAY).letters.tolist() == [1, 7]


def test_a_day_whose_letters_are_too_many_to_add_up_is_left_out_and_no_other(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    good = ScoreRow("mail", MIDNIGHT + DAY, "v1", "ru", True, 30, 5)
    most = 2**63 - 1
    write(serving, good, *(replace(good, hour=MIDNIGHT + at * HOUR, letters=most) for at in (8, 9)))
    assert len(rollup_scores.catch_up(store.engine(Role.WORKER)).errors) == 1
    for start in (MIDNIGHT, MIDNIGHT + 7 * HOUR):
        assert reader.scores("mail", start, MIDNIGHT + 2 * DAY).letters.tolist() == [5]
    write(serving, *(replace(good, hour=MIDNIGHT + at * HOUR, letters=1) for at in (8, 9)))
    assert reader.scores("mail", MIDNIGHT, MIDNIGHT + 2 * DAY).letters.tolist() == [2, 5]


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


def test_the_newest_hour_and_label_are_those_before_a_moment(
    serving: Engine, reader: SqlQualityReader
):
    rng = np.random.default_rng(4)
    scored, labelled = random_scores(rng, MIDNIGHT, 48), random_labels(rng, MIDNIGHT, 48, 60)
    write(serving, *scored)
    write(serving, *labelled)
    fake = FakeQualityReader(scored, labelled)
    times = [MIDNIGHT, *(row.labelled_at for row in labelled[:9]), *(row.hour for row in scored)]
    for moment in times:
        assert reader.newest_hour("mail", moment) == fake.newest_hour("mail", moment)
        assert reader.newest_label("mail", moment) == fake.newest_label("mail", moment)
    assert reader.newest_hour("other", EVER) is reader.newest_label("other", EVER) is None


def test_releases_are_those_of_the_span(serving: Engine, reader: SqlQualityReader):
    execute(
        serving,
        "insert into metrics.deployment values ('mail', 'd1', :at, 'v1', '', 'production', 0.9)",
        at=BEGIN,
    )
    (release,) = reader.releases("mail", BEGIN, BEGIN + HOUR)
    assert (release.model_version, release.threshold) == ("v1", 0.9)
    assert reader.releases("mail", BEGIN - HOUR, BEGIN) == ()


def test_an_empty_store_has_empty_answers(reader: SqlQualityReader):
    fake = FakeQualityReader()
    start, end = SPANS[1]
    same_scores(reader.scores("mail", start, end), fake.scores("mail", start, end))
    same_labels(reader.labels("mail", start, end, EVER), fake.labels("mail", start, end, EVER))
    assert reader.lags("mail", start, end, EVER).lag.tolist() == []


def test_one_snapshot_answers_every_question_alike(
    store: Store, serving: Engine, reader: SqlQualityReader
):
    rng = np.random.default_rng(6)
    rows = random_scores(rng, MIDNIGHT, 30)
    write(serving, *rows)
    asked = ("mail", MIDNIGHT, MIDNIGHT + 2 * DAY)
    with snapshot(store.engine(Role.APP)) as connection:
        frozen = SqlQualityReader(connection)
        before = frozen.scores(*asked)
        write(serving, *(ScoreRow(*astuple(row)[:-1], letters=row.letters + 1) for row in rows))
        roll(store)
        same_scores(frozen.scores(*asked), before)
        assert frozen.labels(*asked, EVER).labels.size == 0
    assert reader.scores(*asked).letters.sum() == before.letters.sum() + len(rows)


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (MIDNIGHT + HOUR, MIDNIGHT, "must be whole hours UTC, start not after end"),
        (MIDNIGHT + HOUR / 2, MIDNIGHT + DAY, "must be whole hours UTC"),
        (MIDNIGHT, MIDNIGHT + timedelta(microseconds=1), "must be whole hours UTC"),
        (MIDNIGHT.replace(tzinfo=None), MIDNIGHT + DAY, "must both have a time zone"),
    ],
)
def test_what_is_no_span_is_refused(
    reader: SqlQualityReader, start: datetime, end: datetime, why: str
):
    with pytest.raises(ValueError, match=why):
        reader.scores("mail", start, end)
    with pytest.raises(ValueError, match=why):
        reader.labels("mail", start, end, EVER)
    with pytest.raises(ValueError, match=why):
        reader.lags("mail", start, end, EVER)
