"""The loop closed live: a retraining set is made, a model trained on it, released, and it shows."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, text

from core.false_reports.fate import FATES
from core.false_reports.report import report
from core.false_reports.retraining import SetSettings
from core.timeframe import Window
from db.demo.newsletters import labels, population, relay, reports, retraining, serving, story
from db.demo.newsletters.live import Live
from db.demo.newsletters.retrained import APART_MINUTES, Retrained
from db.demo.newsletters.simulation import Simulation
from db.demo.newsletters.story import SERVICE, Scenario
from db.engine import Role, Store
from db.readers.false_reports import SqlFalseReportReader
from db.team.report_intake import take
from db.team.retraining_sets import make_set
from db.writer import MetricWriter
from tests.db.demo.bells import Bell
from tests.db.demo.stored_rows import anonymised, expected, stored

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: Long past, so that no clock of a machine is behind it.
ANCHOR = datetime(2025, 6, 3, 9, 40, tzinfo=UTC)
SCENARIO = Scenario(ANCHOR, days=0)
LETTERS = population.build(Bell())
#: A model that was trained on letters of two topics, and released in the middle of an hour.
MODEL = Retrained(
    version="bert-5",
    parent="bert-4",
    set_id="newsletters-2",
    letters=40,
    topics=frozenset({"delivery", "shop sale"}),
    started_at=ANCHOR,
    finished_at=ANCHOR + timedelta(seconds=90),
)
_CONFIRM = text("""
    insert into team.report_review (service, group_id, reviewer, verdict, stage, blind, drawn,
        group_version, exemplar, reports, request_id, decided_at)
    select held.service, held.group_id, reviewer, 'confirm', stage, true, 'order', version,
        exemplar, 1, reviewer, :at
    from team.report_group held
    join team.report_letter letter
        on letter.service = held.service and letter.report_id = held.exemplar
    cross join (values ('Анна', 'first'), ('Boris', 'second')) as votes (reviewer, stage)
    where letter.sender_domain = 'shop.example'""")


@pytest.fixture
def with_set(store: Store, app: Engine, reader: Engine, writer: MetricWriter) -> str:
    """Reports of shops were confirmed, and a set made of them a minute after the anchor."""
    rows = reports.between(SCENARIO, LETTERS, ANCHOR - 3 * DAY, ANCHOR)
    assert rows is not None
    writer.load("false_report", relay.without(rows) or {})
    relay.write(reader, rows)
    take(store.engine(Role.WORKER), ANCHOR)
    with app.begin() as connection:
        connection.execute(_CONFIRM, {"at": ANCHOR})
    made = make_set(
        app,
        SERVICE,
        by="Анна",
        at=ANCHOR + MINUTE,
        request_id="click",
        settings=SetSettings(test_percent=0),
    )
    return made.set_id


def live(reader: Engine, app: Engine, writer: MetricWriter) -> Live:
    return Live(Simulation(SCENARIO, Bell), writer, reader, app, training=MINUTE)


def status(app: Engine) -> list[tuple[str, str, str]]:
    with app.connect() as connection:
        rows = connection.execute(
            text(
                "select model_version, status, retraining_set from metrics.training_run "
                "where run_id like 'retraining-%' order by started_at"
            )
        )
        return [tuple(row) for row in rows]


def released(app: Engine) -> dict[str, datetime]:
    with app.connect() as connection:
        rows = connection.execute(
            text(
                "select datacenter, deployed_at from metrics.deployment "
                "where model_version = 'bert-5' and stage = 'production'"
            )
        )
        return dict(rows.all())


def test_a_set_is_trained_on_and_released_and_every_table_tells_the_same(
    app: Engine, reader: Engine, writer: MetricWriter, with_set: str
) -> None:
    playing = live(reader, app, writer)
    playing.tick(ANCHOR + 2 * MINUTE)
    assert status(app) == [("bert-5", "running", with_set)]
    assert released(app) == {}
    # Killed while it trains: another process goes on with the same training.
    playing = live(reader, app, writer)
    playing.tick(ANCHOR + 2 * MINUTE + timedelta(seconds=30))
    assert status(app) == [("bert-5", "running", with_set)]
    playing.tick(ANCHOR + 3 * MINUTE)
    assert status(app) == [("bert-5", "succeeded", with_set)]
    first = ANCHOR + 3 * MINUTE
    apart = APART_MINUTES * MINUTE
    assert released(app) == {"dc1": first}
    at = ANCHOR + 85 * MINUTE
    playing = live(reader, app, writer)
    while playing.tick(at):
        pass
    assert released(app) == {"dc1": first, "dc2": first + apart, "dc3": first + 2 * apart}

    models = retraining.models(app, ANCHOR, at)
    assert [(one.version, one.topics) for one in models] == [("bert-5", {"shop sale"})]
    end = at - timedelta(minutes=1)
    assert stored(reader, "serving_minute") == expected(
        "serving_minute", serving.minutes(SCENARIO, ANCHOR, end, models)
    )
    hour = ANCHOR.replace(minute=0)
    scores = serving.score_hours(SCENARIO, LETTERS, hour, hour + 2 * HOUR, models)
    assert stored(reader, "score_hour") == expected("score_hour", scores)
    until = ANCHOR + 85 * MINUTE
    assert stored(reader, "labelled_letter") == expected(
        "labelled_letter", labels.between(SCENARIO, LETTERS, ANCHOR, until, models)
    )
    made_live = anonymised(reports.between(SCENARIO, LETTERS, ANCHOR, until, models))
    assert stored(reader, "false_report") == expected(
        "false_report",
        anonymised(reports.between(SCENARIO, LETTERS, ANCHOR - 3 * DAY, ANCHOR)),
        made_live,
    )


def test_after_the_release_says_that_it_is_too_early_for_the_sets_groups(
    app: Engine, reader: Engine, writer: MetricWriter, with_set: str
) -> None:
    # The versions before it are known as the fill writes them.
    scores = serving.score_hours(
        SCENARIO, LETTERS, SCENARIO.midnight(3), ANCHOR.replace(minute=0) - HOUR
    )
    writer.load("score_hour", scores)
    with reader.begin() as connection:
        connection.execute(
            text(
                "insert into metrics.deployment (service, deployment_id, deployed_at, "
                "model_version, datacenter, stage) "
                "values (:service, 'first', :at, 'bert-4', '', 'production')"
            ),
            {"service": SERVICE, "at": ANCHOR - 10 * DAY},
        )
    playing = live(reader, app, writer)
    for minutes in (2, 3, 10):
        playing.tick(ANCHOR + minutes * MINUTE)
    at = ANCHOR + 11 * MINUTE
    found = report(SqlFalseReportReader(app), SERVICE, Window(DAY), at)
    newest = found.after[0]
    assert (newest.version, newest.set_id, newest.replaced) == ("bert-5", with_set, ("bert-4",))
    reported = newest.known.sides.before > 0
    assert reported.any()
    assert {FATES[code].word for code in newest.known.fates.codes[reported]} == {"too early"}


def test_sets_are_trained_on_one_after_the_other_and_corrections_on_none(
    app: Engine, with_set: str
) -> None:
    with app.begin() as connection:
        for set_id, number, correction, minutes in (
            ("newsletters-1.1", 1, 1, 2),
            ("newsletters-2", 2, 0, 3),
        ):
            connection.execute(
                text(
                    "insert into team.retraining_set (service, set_id, number, correction, "
                    "created_at, created_by, letters, groups, manifest) values "
                    "(:service, :set_id, :number, :correction, :at, 'Anna', 0, '{}', '{}')"
                ),
                {
                    "service": SERVICE,
                    "set_id": set_id,
                    "number": number,
                    "correction": correction,
                    "at": ANCHOR + minutes * MINUTE,
                },
            )
    at = ANCHOR + 4 * MINUTE
    assert [one.set_id for one in retraining.models(app, ANCHOR, at)] == [with_set]
    assert retraining.models(app, ANCHOR + 4 * MINUTE, at) == (), "what the story made is its own"


def test_what_was_decided_before_a_release_is_the_same_whether_or_not_it_is_known() -> None:
    day = story.minute_number(ANCHOR) // 1440
    for generated in (
        lambda models: reports.of_day(SCENARIO, LETTERS, day, models),
        lambda models: labels.of_day(SCENARIO, LETTERS, day, models),
    ):
        without, knowing = generated(()), generated((MODEL,))
        start = np.datetime64(MODEL.released[0].replace(tzinfo=None), "us")
        for name, values in without.items():
            if not isinstance(values, np.ndarray):
                continue
            before = values[without["predicted_at"] < start]
            assert before.size
            np.testing.assert_array_equal(before, knowing[name][knowing["predicted_at"] < start])
        versions = knowing["model_version"][knowing["predicted_at"] >= MODEL.released[2]
                                            .replace(tzinfo=None)]  # fmt: skip
        assert set(versions) == {"bert-5"}


def test_reports_of_the_topics_that_it_was_trained_on_become_rare_and_others_go_on() -> None:
    start, end = SCENARIO.midnight(-1), SCENARIO.midnight(-26)
    without = reports.between(SCENARIO, LETTERS, start, end)
    knowing = reports.between(SCENARIO, LETTERS, start, end, (MODEL,))
    assert without is not None
    assert knowing is not None

    def count(rows: dict[str, np.ndarray], *senders: str) -> int:
        return int(np.isin(rows["sender_domain"], senders).sum())

    learnt = ("parcel.example", "shop.example")
    assert count(knowing, *learnt) < 0.25 * count(without, *learnt)
    others = set(without["sender_domain"]) - set(learnt)
    assert count(knowing, *others) == count(without, *others)


def test_scores_of_the_hour_of_a_release_add_up_to_what_each_version_answered() -> None:
    hour = MODEL.released[0].replace(minute=0)
    rows = serving.minutes(SCENARIO, hour, hour + HOUR, (MODEL,))
    scores = serving.score_hours(SCENARIO, LETTERS, hour, hour + HOUR, (MODEL,))
    assert set(rows["model_version"]) == {"bert-4", "bert-5"}
    for version in ("bert-4", "bert-5"):
        mine = rows["model_version"] == version
        answered = (rows["letters"] - rows["errors"])[mine].sum()
        assert scores["letters"][scores["model_version"] == version].sum() == answered


def test_a_model_is_released_on_whole_minutes_some_minutes_apart() -> None:
    first, second, third = MODEL.released
    assert first == ANCHOR + 2 * MINUTE, "the first whole minute after its training"
    assert second - first == third - second == APART_MINUTES * MINUTE
