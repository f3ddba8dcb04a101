"""Scores out of PostgreSQL against the same rows counted in plain Python."""

from dataclasses import astuple, replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine

from db import rollup_scores
from db.engine import Role, Store
from db.readers.quality import SqlQualityReader
from db.readers.snapshot import snapshot
from tests.db.quality_rows import DAY, HOUR, corrections, random_labels, random_scores, write
from tests.db.readers.quality_counts import EVER, MIDNIGHT, SPANS, roll, same_labels, same_scores
from tests.db.readers.serving import BEGIN, execute
from tests.fakes_quality import FakeQualityReader, ScoreRow


@pytest.fixture
def reader(store: Store) -> SqlQualityReader:
    return SqlQualityReader(store.engine(Role.APP))


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


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
