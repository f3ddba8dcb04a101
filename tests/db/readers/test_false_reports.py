"""Reports, groups and counts as the reader gives them, against the reader in memory; as of when."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from core.false_reports import evidence, report
from core.ports import Exposure, FalseReportReader, FeedbackPulse, Groups
from core.timeframe import Window
from db import rollup_scores
from db.engine import Role, Store
from db.readers.false_reports import SqlFalseReportReader
from tests.db.quality_rows import write as write_scores
from tests.db.readers.serving import execute
from tests.fakes import SERVICE
from tests.fakes_false_reports import (
    FakeFalseReportReader,
    ReportRow,
    Scored,
    at,
    release,
    reports,
    run,
)
from tests.fakes_quality import ScoreRow

AS_OF = at(12)
MONTH = Window.parse("30d")

_GROUP = """
    insert into team.report_group (service, group_id, kind, exemplar, shingles, topic_id, version,
        created_at)
    overriding system value
    values (:service, :group, :kind, :report_id, '', :topic, :version, :reported_at)"""
_LETTER = """
    insert into team.report_letter (service, report_id, group_id, text, anonymiser, masked, kind,
        source, letter_key, reporter_key, language, segment, sender_domain, model_version, score,
        threshold, predicted_at, reported_at, source_written_at, taken_at, withdrawn_at)
    values (:service, :report_id, :group, :text, 'greenlight 1', cast(:masked as jsonb), :kind,
        :source, :letter_key, :reporter_key, 'ru', :segment, 'shop.example', :model_version, :score,
        :threshold, :predicted_at, :reported_at, :written_at, :written_at, :withdrawn_at)"""
_REPORT = """
    insert into metrics.false_report (service, report_id, reported_at, predicted_at, kind, source,
        letter_key, reporter_key, sender_domain, language, segment, model_version, score, threshold,
        text, anonymiser, written_at)
    values (:service, :report_id, :reported_at, :predicted_at, :kind, :source, :letter_key,
        :reporter_key, 'shop.example', 'ru', :segment, :model_version, :score, :threshold,
        'raw text of a producer', 'theirs 1', :written_at)"""
_RELEASE = """
    insert into metrics.deployment
        (service, deployment_id, deployed_at, model_version, datacenter, stage, threshold)
    values (:service, :deployment_id, :deployed_at, :model_version, :datacenter, :stage,
        :threshold)"""
_RUN = """
    insert into metrics.training_run (service, run_id, started_at, finished_at, status,
        model_version, letters_raw, letters_deduplicated, letters_anonymised, letters_trained,
        retraining_set)
    values (:service, :run_id, :started_at, :finished_at, :status, :model_version, 10, 9, 8, 8,
        :retraining_set)"""
_SET = """
    insert into team.retraining_set (service, set_id, number, created_at, created_by, letters,
        groups, manifest)
    values (:service, 'newsletters-1', 1, :created_at, 'Анна', 4, array[1], '{}')"""


def put(store: Store, fake: FakeFalseReportReader) -> None:
    """Store what a reader in memory holds, as producers and the worker leave it."""
    with store.engine(Role.OWNER).begin() as connection:
        made: set[tuple[str, int]] = set()
        for row in fake.rows:
            values = _values(row)
            connection.execute(text(_REPORT), values)
            if (row.service, row.group) not in made:
                made.add((row.service, row.group))
                version = sum(
                    (one.service, one.group) == (row.service, row.group) for one in fake.rows
                )
                connection.execute(text(_GROUP), values | {"version": version})
            connection.execute(text(_LETTER), values)
        for place, moment in enumerate(fake.untaken):
            row = ReportRow(f"untaken {place}", 1, moment, moment, letter_key=f"u{place}")
            connection.execute(text(_REPORT), _values(row))
        for one in fake.deployments:
            connection.execute(
                text(_RELEASE), {"service": SERVICE} | {
                    name: getattr(one, name)
                    for name in ("deployment_id", "deployed_at", "model_version", "datacenter",
                                 "stage", "threshold")
                },
            )  # fmt: skip
        for one in fake.runs:
            connection.execute(
                text(_RUN), {"service": SERVICE} | {
                    name: getattr(one, name)
                    for name in ("run_id", "started_at", "finished_at", "status", "model_version",
                                 "retraining_set")
                },
            )  # fmt: skip
        write_scores(
            connection,
            *(
                ScoreRow(one.service, one.hour, one.model_version, one.segment, decision, number,
                         share)
                for one in fake.scores
                for decision, number, share in (
                    (True, 30, one.letters // 3),
                    (False, -30, one.letters - one.letters // 3),
                )
            ),
        )  # fmt: skip


def _values(row: ReportRow) -> dict[str, object]:
    masked = "{" + ", ".join(f'"{kind}": {n}' for kind, n in (row.masked or {}).items()) + "}"
    return {
        "service": row.service,
        "report_id": row.report_id,
        "group": row.group,
        "kind": row.kind,
        "topic": row.topic,
        "text": "" if row.withdrawn_at is not None else row.text,
        "masked": masked,
        "source": row.source,
        "letter_key": row.letter_key or row.report_id,
        "reporter_key": row.reporter_key,
        "segment": row.segment,
        "model_version": row.model_version,
        "score": row.score,
        "threshold": row.threshold,
        "predicted_at": row.predicted_at,
        "reported_at": row.reported_at,
        "written_at": row.reported_at,
        "withdrawn_at": row.withdrawn_at,
    }


def random_world(seed: int = 20260601) -> FakeFalseReportReader:
    """Reports of both kinds, three versions and two services; letters by the hour with gaps."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(300):
        group = int(rng.integers(1, 25))
        kind = "false_positive" if group % 3 else "false_negative"
        predicted = at(float(rng.uniform(0, 10)))
        withdrawn = at(float(rng.uniform(10, 14))) if rng.random() < 0.1 else None
        rows.append(
            ReportRow(
                f"отчёт {place}",
                group,
                predicted,
                predicted + timedelta(hours=float(rng.exponential(30))),
                kind,
                segment=str(rng.choice(["ru", "рус"])),
                model_version=str(rng.choice(["bert-3", "bert-4", "bert-5"])),
                score=float(rng.random()),
                source=str(rng.choice(["user", "assessor", "shadow"])),
                letter_key=f"k{rng.integers(0, 200)}",
                reporter_key=str(rng.choice(["", "m1", "m2", "m3"])),
                masked={"PERSON": int(rng.integers(1, 4))} if rng.random() < 0.5 else None,
                withdrawn_at=withdrawn,
                topic=group % 4,
            )
        )
    rows += [
        ReportRow(f"other {place}", 90 + place, at(1), at(2), service="other") for place in range(5)
    ]
    scores = [
        Scored(at(0, hour), version, int(rng.integers(1, 5_000)), segment)
        for hour in range(12 * 24)
        for version in ("bert-3", "bert-4")
        for segment in ("ru", "рус")
        if rng.random() < 0.8
    ]
    scores += [Scored(at(0, hour), "bert-3", 7, service="other") for hour in range(50)]
    return FakeFalseReportReader(
        rows,
        scores,
        deployments=[release("bert-3", at(-9)), release("bert-4", at(4, 7.5))],
        runs=[run("bert-4", at(2), "newsletters-1")],
    )


@pytest.fixture(scope="module")
def world() -> FakeFalseReportReader:
    return random_world()


@pytest.fixture
def reader(store: Store) -> SqlFalseReportReader:
    return SqlFalseReportReader(store.engine(Role.APP))


def same_groups(found: Groups, expected: Groups) -> None:
    for name in Groups.__dataclass_fields__:
        one, other = getattr(found, name), getattr(expected, name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype, name
            np.testing.assert_array_equal(one, other, err_msg=name)
        else:
            assert one == other, name


def test_the_store_answers_what_plain_python_answers(
    store: Store, reader: SqlFalseReportReader, world: FakeFalseReportReader
):
    put(store, world)
    for moment in (AS_OF, at(5), at(-1)):
        same_groups(reader.groups(SERVICE, moment), world.groups(SERVICE, moment))
        assert reader.intake(SERVICE, moment) == world.intake(SERVICE, moment)
        assert reader.releases(SERVICE, moment) == world.releases(SERVICE, moment)
        assert reader.training_runs(SERVICE, moment) == world.training_runs(SERVICE, moment)
        span = (moment - timedelta(days=3, hours=5), moment)
        found, expected = (one.arrivals(SERVICE, *span) for one in (reader, world))
        assert found.days == expected.days
        assert found.false_positives.tolist() == expected.false_positives.tolist()
        assert found.false_negatives.tolist() == expected.false_negatives.tolist()
    asked = ["отчёт 7", "нет такого", "отчёт 3", "other 1"]
    assert reader.letters(SERVICE, asked) == world.letters(SERVICE, asked)


EXPOSURES = [
    Exposure(at(0), at(12), ("bert-3",)),
    Exposure(at(1, 5), at(3, 2), ("bert-3",)),
    Exposure(at(2, 3), at(2, 9), ("bert-4",)),
    Exposure(at(4), at(9), ("bert-3", "bert-4")),
    Exposure(at(9), at(9), ("bert-4",)),
    Exposure(at(0), at(12), ("bert-5",)),
]


def same_counts(reader: FalseReportReader, world: FakeFalseReportReader) -> None:
    for hours in (0.5, 24, 1e4):
        found = reader.reported(SERVICE, EXPOSURES, hours, AS_OF)
        expected = world.reported(SERVICE, EXPOSURES, hours, AS_OF)
        assert found.group_ids.tolist() == expected.group_ids.tolist()
        assert found.counts.tolist() == expected.counts.tolist()
    letters, expected_letters = (one.exposed(SERVICE, EXPOSURES) for one in (reader, world))
    assert {name: counts.tolist() for name, counts in letters.items()} == {
        name: counts.tolist() for name, counts in expected_letters.items()
    }


def test_reports_and_letters_by_exposure_are_those_of_the_rows_rolled_up_or_not(
    store: Store, reader: SqlFalseReportReader, world: FakeFalseReportReader
):
    put(store, world)
    same_counts(reader, world)
    owner = store.engine(Role.OWNER)
    execute(owner, "update metrics.score_hour set written_at = now() - interval '1 hour'")
    assert not rollup_scores.catch_up(store.engine(Role.WORKER)).errors
    same_counts(reader, world)
    # What whole days hold comes from there, and nothing else does.
    execute(owner, "update rollup.score_day set letters = 2 * letters")
    found, expected = (one.exposed(SERVICE, EXPOSURES)[""] for one in (reader, world))
    assert found[0] == 2 * expected[0]
    assert expected[1] < found[1] < 2 * expected[1]
    assert found[2] == expected[2]


def test_no_exposure_is_asked_for_and_nothing_comes_back(reader: SqlFalseReportReader):
    assert reader.reported(SERVICE, [], 48, AS_OF).group_ids.size == 0
    assert {name: one.tolist() for name, one in reader.exposed(SERVICE, []).items()} == {"": []}


def test_an_empty_store_is_told_as_empty(reader: SqlFalseReportReader):
    found = report(reader, SERVICE, MONTH, AS_OF)
    assert found.stage.value == "no reports"
    assert reader.pulse(SERVICE, AS_OF) == FeedbackPulse(None, None, False, 0, None, None)
    assert evidence(found)["after_release"] == []


def test_the_report_from_the_store_is_that_from_memory(
    store: Store, reader: SqlFalseReportReader, world: FakeFalseReportReader
):
    put(store, world)
    for moment in (AS_OF, at(6)):
        assert evidence(report(reader, SERVICE, MONTH, moment)) == evidence(
            report(world, SERVICE, MONTH, moment)
        )


@pytest.mark.parametrize("taken", [False, True])
def test_reports_that_no_group_holds_wait_and_so_do_corrected_ones(
    store: Store, reader: SqlFalseReportReader, taken: bool
):
    rows = reports(1, "bert-3", at(1), at(2), 4) if taken else []
    put(store, FakeFalseReportReader(rows, untaken=[at(3), at(4)]))
    assert waiting(reader) == (2, at(3))
    owner = store.engine(Role.OWNER)
    execute(
        owner,
        "insert into team.report_intake values (:service, :from, :from)",
        service=SERVICE,
        **{"from": at(5)},
    )
    assert waiting(reader) == (0, None)
    execute(owner, "update metrics.false_report set written_at = :at", at=at(7))
    assert waiting(reader) == (len(rows) + 2, at(7))


def waiting(reader: FalseReportReader) -> tuple[int, datetime | None]:
    found = reader.pulse(SERVICE, AS_OF)
    return found.waiting, found.waiting_since


#: Components that beat, and what is then known of who collects reports.
LIVES: tuple[tuple[tuple[object, ...] | None, tuple[datetime | None, bool]], ...] = (
    (None, (None, False)),
    (("feedback", at(0), at(9), None), (at(9), False)),
    (("feedback", at(0), at(20), None), (AS_OF, False)),
    (("feedback", at(0), at(9), at(9)), (at(9), True)),
    (("feedback", at(0), at(20), at(20)), (AS_OF, False)),
    (("labelling", at(0), at(9), None), (None, False)),
    (("feedback", at(13), at(20), None), (None, False)),
)


def test_who_collects_reports_is_told_by_its_heartbeat(store: Store, reader: SqlFalseReportReader):
    owner = store.engine(Role.OWNER)
    for life, expected in LIVES:
        execute(owner, "delete from metrics.heartbeat")
        if life is not None:
            component, started_at, beat_at, stopped_at = life
            execute(
                owner,
                "insert into metrics.heartbeat (service, component, instance, started_at, "
                "beat_at, stopped_at) "
                "values (:service, :component, 'f1', :started_at, :beat_at, :stopped_at)",
                service=SERVICE,
                component=component,
                started_at=started_at,
                beat_at=beat_at,
                stopped_at=stopped_at,
            )
        found = reader.pulse(SERVICE, AS_OF)
        assert (found.beat_at, found.stopped) == expected


def test_no_answer_holds_the_text_that_a_producer_wrote(
    store: Store, reader: SqlFalseReportReader, world: FakeFalseReportReader
):
    put(store, world)
    found = report(reader, SERVICE, MONTH, AS_OF)
    shown = reader.letters(SERVICE, found.groups.exemplars)
    assert len(shown) == found.groups.group_ids.size
    assert not any("raw text" in one.text for one in shown)
    assert "raw text" not in repr(found)


def test_votes_and_sets_of_after_as_of_are_not_known_yet(
    store: Store, reader: SqlFalseReportReader
):
    rows = reports(1, "bert-3", at(1), at(2), 4)
    put(store, FakeFalseReportReader(rows))
    owner = store.engine(Role.OWNER)
    execute(owner, _SET, service=SERVICE, created_at=at(6))
    assert reader.sets(SERVICE, at(5)) == ()
    (made,) = reader.sets(SERVICE, at(7))
    assert (made.set_id, made.groups) == ("newsletters-1", (1,))
    assert reader.reviews(SERVICE, AS_OF) == ()
    assert reader.second_opinions(SERVICE, AS_OF) == ()
    assert reader.claims(SERVICE, AS_OF) == ()
    assert reader.topics(SERVICE) == ()
