"""Bucket sums and definitions as the reader gives them, against sums in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from psycopg2.extras import execute_values

from core.ports import (
    Amendment,
    ExperimentDecision,
    ExperimentDefinition,
    ExperimentReader,
    MetricRule,
    PlannedVariant,
)
from core.ports.experiment import BUCKETS, SUMS
from db.engine import Role, Store
from db.readers.experiment import SqlExperimentReader
from tests.db.readers.serving import execute

FIRST = date(2025, 3, 3)
DAY = timedelta(days=1)
AT = datetime(2025, 3, 1, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One row of metrics.experiment_bucket_day: its key, and its sums in the order of SUMS."""

    variant: str
    day: date
    bucket: int
    sums: tuple[float, ...] = (1, 2, 30, 4, 5, 6.5, 7.25)
    dimension: str = "all"
    value: str = "all"
    experiment: str = "folder"
    service: str = "mail"


def upload(store: Store, rows: Sequence[Row]) -> None:
    """Upsert rows as a serving stack does."""
    connection = store.engine(Role.SERVING).raw_connection()
    try:
        with connection.cursor() as cursor:
            execute_values(
                cursor,
                "insert into metrics.experiment_bucket_day (service, experiment, variant, "
                f"dimension, value, day, bucket, {', '.join(SUMS)}) values %s "
                "on conflict (service, experiment, variant, dimension, value, day, bucket) "
                "do update set "
                + ", ".join(f"{name} = excluded.{name}" for name in SUMS)
                + ", written_at = now()",
                [
                    (
                        one.service,
                        one.experiment,
                        one.variant,
                        one.dimension,
                        one.value,
                        one.day,
                        one.bucket,
                        *one.sums,
                    )
                    for one in rows
                ],
            )
        connection.commit()
    finally:
        connection.close()


def random_rows(variants: Sequence[str] = ("control", "лечение"), days: int = 4) -> list[Row]:
    """Sums of all users and by two dimensions; a tenth of the buckets of each slice is missing."""
    rng = np.random.default_rng(20250303)
    slices = [("all", "all"), ("platform", "web"), ("platform", "приложение"), ("all", "odd")]
    rows = []
    for dimension, value in slices:
        for variant in variants:
            for number in range(days):
                for bucket in np.flatnonzero(rng.random(BUCKETS) > 0.1).tolist():
                    counts = rng.integers(0, 10**9, 5).tolist()
                    sums = (*counts, *(rng.random(2) * 1e6).tolist())
                    day = FIRST + number * DAY
                    rows.append(Row(variant, day, bucket, sums, dimension, value))
    return rows


@pytest.fixture
def reader(store: Store) -> ExperimentReader:
    return SqlExperimentReader(store.engine(Role.APP))


def test_days_hold_every_sum_in_its_place(store: Store, reader: ExperimentReader):
    rows = random_rows()
    upload(store, rows)
    found = reader.days("mail", "folder", FIRST, FIRST + 3 * DAY)
    assert found.variants == ("control", "лечение")
    assert found.days == tuple(FIRST + number * DAY for number in range(4))
    sums = np.zeros((4, 2, BUCKETS, len(SUMS)))
    counted = np.zeros((4, 2), np.int64)
    for one in rows:
        if (one.dimension, one.value) == ("all", "all"):
            place = (one.day - FIRST).days, found.variants.index(one.variant)
            sums[(*place, one.bucket)] = one.sums
            counted[place] += 1
    np.testing.assert_array_equal(found.sums, sums)
    np.testing.assert_array_equal(found.rows, counted)
    assert counted.min() > 400


def test_slices_add_up_the_days_of_the_span_by_every_other_dimension(
    store: Store, reader: ExperimentReader
):
    rows = random_rows()
    upload(store, rows)
    found = reader.slices("mail", "folder", FIRST + DAY, FIRST + 2 * DAY)
    assert [(one.dimension, one.value) for one in found] == [
        ("platform", "web"),
        ("platform", "приложение"),
    ]
    for part in found:
        assert part.variants == ("control", "лечение")
        sums = np.zeros((2, BUCKETS, len(SUMS)))
        for one in rows:
            if (one.dimension, one.value) == (part.dimension, part.value) and one.day in (
                FIRST + DAY,
                FIRST + 2 * DAY,
            ):
                sums[part.variants.index(one.variant), one.bucket] += one.sums
        np.testing.assert_allclose(part.sums, sums, rtol=1e-15)
        np.testing.assert_array_equal(part.sums[..., :5], sums[..., :5])


def test_a_missing_day_of_a_variant_has_no_rows_and_is_no_day_without_users(
    store: Store, reader: ExperimentReader
):
    upload(store, [Row("a", FIRST, 0), Row("b", FIRST, 0), Row("b", FIRST + 2 * DAY, 7, (0,) * 7)])
    found = reader.days("mail", "folder", FIRST, FIRST + 2 * DAY)
    assert found.rows.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert found.sums[2].sum() == 0


def test_three_variants_are_read_in_the_order_of_their_names(
    store: Store, reader: ExperimentReader
):
    variants = ("control", "Beta", "alpha")
    upload(store, [Row(name, FIRST, at, (at,) * 7) for at, name in enumerate(variants)])
    (rows,) = reader.experiments("mail", FIRST + DAY)
    found = reader.days("mail", "folder", FIRST, FIRST)
    assert rows.variants == found.variants == ("Beta", "alpha", "control")
    assert found.sums[0, :, :3, 0].tolist() == [[0, 1, 0], [0, 0, 2], [0, 0, 0]]


def test_a_duplicate_upload_changes_nothing_and_a_correction_replaces(
    store: Store, reader: ExperimentReader
):
    rows = random_rows(days=2)
    upload(store, rows)
    once = reader.days("mail", "folder", FIRST, FIRST + DAY).sums
    upload(store, rows)
    np.testing.assert_array_equal(reader.days("mail", "folder", FIRST, FIRST + DAY).sums, once)
    upload(store, [replace(rows[0], sums=(9, 8, 7, 6, 5, 4, 3))])
    corrected = reader.days("mail", "folder", FIRST, FIRST + DAY).sums
    assert corrected[0, 0, rows[0].bucket].tolist() == [9, 8, 7, 6, 5, 4, 3]
    assert (corrected != once).any(axis=-1).sum() == 1


def test_counts_are_exact_up_to_the_largest_whole_number_of_a_float(
    store: Store, reader: ExperimentReader
):
    big = 2**53 - 1
    upload(store, [Row("a", FIRST, 1, (big, 1, 1, 1, 1, 0.1, 0.2))])
    found = reader.days("mail", "folder", FIRST, FIRST)
    assert found.sums[0, 0, 1].tolist() == [big, 1, 1, 1, 1, 0.1, 0.2]


def test_experiments_are_found_with_the_days_that_were_over(store: Store, reader: ExperimentReader):
    upload(
        store,
        [
            Row("a", FIRST, 1),
            Row("b", FIRST + 3 * DAY, 1),
            Row("a", FIRST + 9 * DAY, 1, experiment="поздний"),
            Row("late", FIRST + 5 * DAY, 1),
            Row("a", FIRST, 1, dimension="platform", value="web", experiment="only slices"),
            Row("a", FIRST, 1, service="other", experiment="other"),
        ],
    )
    seen = [
        (one.experiment, one.variants, one.first_day, one.last_day)
        for one in reader.experiments("mail", FIRST + 5 * DAY)
    ]
    assert seen == [("folder", ("a", "b"), FIRST, FIRST + 3 * DAY)]
    all_of_them = reader.experiments("mail", FIRST + 10 * DAY)
    assert [one.experiment for one in all_of_them] == ["поздний", "folder"]
    assert all_of_them[1].variants == ("a", "b", "late")
    assert reader.experiments("mail", FIRST) == ()
    assert reader.experiments("nobody", FIRST + DAY) == ()


def test_variants_are_those_with_rows_on_the_days(store: Store, reader: ExperimentReader):
    upload(
        store,
        [
            Row("a", FIRST, 1),
            Row("later", FIRST + DAY, 1),
            Row("a", FIRST, 1, dimension="platform", value="web"),
        ],
    )
    assert reader.days("mail", "folder", FIRST, FIRST).variants == ("a",)
    assert reader.days("mail", "folder", FIRST, FIRST + DAY).variants == ("a", "later")
    (early,) = reader.slices("mail", "folder", FIRST, FIRST)
    (both,) = reader.slices("mail", "folder", FIRST, FIRST + DAY)
    assert (early.variants, both.variants) == (("a",), ("a", "later"))
    assert both.sums[1].sum() == 0


def test_an_experiment_without_rows_is_empty(reader: ExperimentReader):
    found = reader.days("mail", "folder", FIRST, FIRST + DAY)
    assert (found.variants, len(found.days)) == ((), 2)
    assert found.sums.shape == (2, 0, BUCKETS, len(SUMS))
    assert reader.slices("mail", "folder", FIRST, FIRST + DAY) == ()
    assert reader.before("mail", "folder") is None
    assert reader.definitions("mail") == ()


@pytest.mark.parametrize("question", ["days", "slices"])
def test_days_that_are_no_span_are_refused(reader: ExperimentReader, question: str):
    with pytest.raises(ValueError, match="must not be after last == 2025-03-02"):
        getattr(reader, question)("mail", "folder", FIRST, FIRST - DAY)


def test_the_days_before_have_users_in_the_place_of_new_users(
    store: Store, reader: ExperimentReader
):
    execute(
        store.engine(Role.SERVING),
        "insert into metrics.experiment_bucket_before values "
        "('mail', 'folder', 'treatment', 499, 11, 12, 13, 14, 15, 16.5, 17.5), "
        "('mail', 'folder', 'control', 0, 1, 2, 3, 4, 5, 6, 7), "
        "('mail', 'другой', 'x', 0, 1, 2, 3, 4, 5, 6, 7)",
    )
    found = reader.before("mail", "folder")
    assert found is not None
    assert (found.dimension, found.value) == ("all", "all")
    assert found.variants == ("control", "treatment")
    assert found.sums[0, 0].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert found.sums[1, 499].tolist() == [11, 12, 13, 14, 15, 16.5, 17.5]
    assert found.sums.sum() == 28 + sum([11, 12, 13, 14, 15, 16.5, 17.5])


def test_the_days_of_one_experiment_are_read_by_its_slices_alone(store: Store):
    rows = random_rows()
    upload(store, rows)
    upload(store, [replace(one, experiment="other") for one in rows])
    upload(store, [replace(one, service="other") for one in rows])
    reader = SqlExperimentReader(store.engine(Role.APP))
    mine = reader.days("mail", "folder", FIRST, FIRST + 3 * DAY)
    alone = sum(1 for one in rows if (one.dimension, one.value) == ("all", "all"))
    assert mine.rows.sum() == alone


DEFINE = """
    insert into team.experiment (service, experiment, variants, control, starts_on, minimum_days,
        planned_days, primary_metric, primary_margin, primary_direction, guardrails, s_plan,
        assumption, frozen_by, frozen_at, note, created_by, created_at, changed_by, changed_at)
    values (:service, :experiment,
        '[{"name": "control", "share": 0.25}, {"name": "лечение", "share": 0.75}]', 'control',
        :starts_on, 14, 28, 'complaints_per_letter', -0.05, 'down',
        '[{"metric": "sessions_per_user_day", "margin": -0.01, "direction": "up"}]', 0.0061,
        'допущение', 'Анна', :at, 'note', 'Анна', :at, 'Анна', :at)"""


def test_definitions_come_back_whole_and_the_latest_start_first(
    store: Store, reader: ExperimentReader
):
    names = {"early": FIRST, "late": FIRST + DAY, "другой": FIRST + DAY}
    for name, starts_on in names.items():
        execute(
            store.engine(Role.APP),
            DEFINE,
            service="mail",
            experiment=name,
            starts_on=starts_on,
            at=AT,
        )
    assert [one.experiment for one in reader.definitions("mail")] == ["late", "другой", "early"]
    assert reader.definitions("mail")[-1] == ExperimentDefinition(
        service="mail",
        experiment="early",
        variants=(PlannedVariant("control", 0.25), PlannedVariant("лечение", 0.75)),
        control="control",
        starts_on=FIRST,
        minimum_days=14,
        planned_days=28,
        primary=MetricRule("complaints_per_letter", -0.05, "down"),
        guardrails=(MetricRule("sessions_per_user_day", -0.01, "up"),),
        s_plan=0.0061,
        assumption="допущение",
        frozen_by="Анна",
        frozen_at=AT,
        stopped_on=None,
        note="note",
        revision=1,
    )
    assert reader.definitions("other") == ()


def test_amendments_come_oldest_first_and_decisions_newest_first(
    store: Store, reader: ExperimentReader
):
    app = store.engine(Role.APP)
    execute(app, DEFINE, service="mail", experiment="folder", starts_on=FIRST, at=AT)
    for number in range(3):
        at = AT + number * DAY
        execute(
            app,
            "insert into team.experiment_amendment "
            "(service, experiment, amended_at, amended_by, reason, before, after) values ('mail', "
            "'folder', :at, 'Анна', 'longer', '{\"planned_days\": 28}', '{\"planned_days\": 35}')",
            at=at,
        )
        execute(
            app,
            "insert into team.experiment_decision "
            "(service, experiment, decided_at, decided_by, decision, note, as_of, evidence) values "
            "('mail', 'folder', :at, 'Борис', 'extend', 'n', :at, '{\"lift\": -0.061}')",
            at=at,
        )
    amended = reader.amendments("mail", "folder")
    assert [one.amended_at for one in amended] == [AT, AT + DAY, AT + 2 * DAY]
    assert amended[0] == Amendment(AT, "Анна", "longer", {"planned_days": 28}, {"planned_days": 35})
    decided = reader.decisions("mail", "folder")
    assert [one.decided_at for one in decided] == [AT + 2 * DAY, AT + DAY, AT]
    assert decided[-1] == ExperimentDecision(AT, "Борис", "extend", "n", AT, {"lift": -0.061})
    assert reader.amendments("mail", "other") == reader.decisions("other", "folder") == ()
