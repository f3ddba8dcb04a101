"""Services, product metrics, freshness, the demo's fill and the worker's pulse."""

from datetime import UTC, date, datetime, timedelta

import pytest

from db.engine import Role, Store
from db.readers.overview import SqlOverviewReader
from tests.db.readers import test_watermark as statements
from tests.db.readers.conftest import Filled
from tests.db.readers.serving import BEGIN, HOUR, MINUTE, execute, row, tick, write

TABLES = (
    "serving_minute",
    "heartbeat",
    "score_hour",
    "labelled_letter",
    "false_report",
    "experiment_bucket_day",
    "experiment_bucket_before",
    "product_day",
    "deployment",
    "shadow_hour",
    "training_run",
)
BUCKET_DAY = (
    "insert into metrics.experiment_bucket_day values (:service, :experiment, :variant, 'all', "
    "'all', :day, 0, 1, 1, 1, 1, 1, 1, 1)"
)
BUCKET_BEFORE = (
    "insert into metrics.experiment_bucket_before values (:service, :experiment, 'control', 0, "
    "1, 1, 1, 1, 1, 1, 1, :written)"
)
#: What people store of a service before it writes anything, by what each service here is called.
_PLANNED = {
    "goal": statements.GOAL,
    "milestone": (
        "insert into team.milestone (service, name, due_on, request_id, changed_by, changed_at) "
        "values (:service, 'Q1', :day, 'a', 'Анна', :at)"
    ),
    "task": (
        "insert into team.task (service, title, stage, direction, ideal_days, created_by, "
        "created_at, request_id, changed_by, changed_at) "
        "values (:service, 'Купить', 'Launch', 'Hardware', 1, 'Анна', :at, 'a', 'Анна', :at)"
    ),
    "risk": (
        "insert into team.risk (service, title, probability, consequence, owner, review_on, "
        "created_by, created_at, request_id, changed_by, changed_at) "
        "values (:service, 'Late', 3, 3, 'Борис', :day, 'Анна', :at, 'a', 'Анна', :at)"
    ),
}


@pytest.fixture
def overview(store: Store) -> SqlOverviewReader:
    return SqlOverviewReader(store.engine(Role.APP))


def test_a_service_is_known_by_any_row_it_has_written_and_by_its_plan(
    store: Store, overview: SqlOverviewReader
):
    assert overview.services() == ()
    written = {
        "beat": statements.BEAT,
        "deployed": statements.DEPLOYMENT,
        "trained": statements.TRAINING,
        "Scored": statements.SCORES,
        "помечен": statements.LABEL,
        "reported": statements.FALSE_REPORT,
        "shadowed": statements.SHADOW,
        "Ёлка": statements.PRODUCT,
        "experiment": BUCKET_DAY,
        "experiment before": BUCKET_BEFORE,
        **_PLANNED,
    }
    values = {
        "at": BEGIN,
        "instance": "i1",
        "experiment": "e",
        "variant": "v",
        "day": BEGIN.date(),
        "written": BEGIN,
    }
    for service, statement in written.items():
        role = Role.APP if service in _PLANNED else Role.SERVING
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        execute(store.engine(role), statement, service=service, **used)
    write(store, [row(BEGIN, service="not rolled up")])
    expected = [*written, "not rolled up"]
    assert overview.services() == tuple(sorted(expected))
    execute(store.engine(Role.OWNER), "delete from metrics.serving_minute")
    assert "not rolled up" not in overview.services()


def test_a_service_whose_instance_rows_are_gone_is_still_known(
    store: Store, overview: SqlOverviewReader
):
    write(store, [row(BEGIN, service="old")])
    tick(store)
    execute(store.engine(Role.OWNER), "delete from metrics.serving_minute")
    assert overview.services() == ("old",)


def test_product_metrics_come_by_name_with_missing_days_missing(
    store: Store, overview: SqlOverviewReader
):
    for metric, day, segment, value in (
        ("sessions", 1, "all", 10.0),
        ("sessions", 3, "all", 30.5),
        ("sessions", 2, "ru", 5.0),
        ("complaints", 2, "all", 7.0),
        ("complaints", 4, "all", 9.0),
    ):
        execute(
            store.engine(Role.SERVING),
            "insert into metrics.product_day (service, day, metric, segment, value) "
            "values ('mail', :day, :metric, :segment, :value)",
            day=date(2026, 5, day),
            metric=metric,
            segment=segment,
            value=value,
        )
    found = overview.product("mail", date(2026, 5, 1), date(2026, 5, 3))
    assert [(series.metric, series.days, series.values) for series in found] == [
        ("complaints", (date(2026, 5, 2),), (7.0,)),
        ("sessions", (date(2026, 5, 1), date(2026, 5, 3)), (10.0, 30.5)),
    ]
    assert overview.product("nobody", date(2026, 5, 1), date(2026, 5, 3)) == ()


def newest(overview: SqlOverviewReader, as_of: datetime) -> dict[str, datetime | None]:
    return {table.table: table.newest for table in overview.freshness("mail", as_of)}


def test_an_empty_store_lists_every_table_of_the_contract_without_a_row(
    overview: SqlOverviewReader,
):
    found = overview.freshness("mail", BEGIN)
    assert tuple(table.table for table in found) == TABLES
    assert {table.newest for table in found} == {table.written_at for table in found} == {None}
    steps = {table.table: table.step for table in found}
    assert steps["serving_minute"] == MINUTE
    assert steps["score_hour"] == HOUR
    assert steps["product_day"] == timedelta(days=1)
    assert steps["labelled_letter"] == timedelta(0)


def test_freshness_is_that_of_as_of_not_of_what_came_later(
    store: Store, overview: SqlOverviewReader
):
    serving = store.engine(Role.SERVING)
    for hours in (0, 1, 2):
        at = BEGIN + hours * HOUR
        write(store, [row(at + 5 * MINUTE)])
        day = at.date() + timedelta(days=hours)
        execute(serving, statements.SCORES, service="mail", at=at)
        execute(serving, statements.SHADOW, service="mail", at=at)
        for table, column in (("labelled_letter", "letter_id"), ("false_report", "report_id")):
            statement = {
                "labelled_letter": statements.LABEL,
                "false_report": statements.FALSE_REPORT,
            }
            execute(serving, statement[table], service="mail", at=at)
            execute(serving, f"update metrics.{table} set {column} = {column} || '{hours}'")
        execute(serving, statements.PRODUCT, service="mail", at=at + timedelta(days=hours))
        execute(serving, BUCKET_DAY, service="mail", experiment="e", variant=f"v{hours}", day=day)
        execute(serving, BUCKET_BEFORE, service="mail", experiment=f"e{hours}", written=at)
        execute(
            serving, statements.DEPLOYMENT.replace("'d1'", f"'d{hours}'"), service="mail", at=at
        )
        execute(serving, statements.TRAINING.replace("'t1'", f"'t{hours}'"), service="mail", at=at)
    as_of = BEGIN + HOUR + 30 * MINUTE
    at = BEGIN + HOUR
    midnight = datetime(2025, 3, 10, tzinfo=UTC)
    expected = dict.fromkeys(TABLES, at) | {
        "serving_minute": at + 5 * MINUTE,
        "heartbeat": None,
        "product_day": midnight,
        "experiment_bucket_day": midnight,
    }
    assert newest(overview, as_of) == expected
    assert set(newest(overview, BEGIN - timedelta(days=1)).values()) == {None}
    for table in overview.freshness("mail", as_of):
        assert (table.written_at is None) == (table.table == "heartbeat")


def test_the_unfinished_minute_is_not_counted(store: Store, overview: SqlOverviewReader):
    write(store, [row(BEGIN), row(BEGIN + MINUTE)])
    assert newest(overview, BEGIN + timedelta(seconds=90))["serving_minute"] == BEGIN
    assert newest(overview, BEGIN + 2 * MINUTE)["serving_minute"] == BEGIN + MINUTE


def test_serving_minutes_are_known_after_retention_from_the_rollups(
    store: Store, overview: SqlOverviewReader
):
    write(store, [row(BEGIN + i * MINUTE) for i in range(90)])
    tick(store)
    as_of = BEGIN + 80 * MINUTE
    for table, found in (
        ("metrics.serving_minute", BEGIN + 79 * MINUTE),
        ("rollup.serving_minute", BEGIN + HOUR),
    ):
        execute(store.engine(Role.OWNER), f"delete from {table}")
        assert newest(overview, as_of)["serving_minute"] == found


def test_a_beating_component_has_beaten_at_as_of(store: Store, overview: SqlOverviewReader):
    execute(store.engine(Role.SERVING), statements.BEAT, service="mail", instance="i1", at=BEGIN)
    execute(
        store.engine(Role.SERVING), "update metrics.heartbeat set beat_at = :at", at=BEGIN + HOUR
    )
    assert newest(overview, BEGIN - MINUTE)["heartbeat"] is None
    assert newest(overview, BEGIN + MINUTE)["heartbeat"] == BEGIN + MINUTE
    assert newest(overview, BEGIN + 2 * HOUR)["heartbeat"] == BEGIN + HOUR


def test_a_training_run_is_as_new_as_its_end_once_it_has_ended(
    store: Store, overview: SqlOverviewReader
):
    execute(store.engine(Role.SERVING), statements.TRAINING, service="mail", at=BEGIN)
    execute(
        store.engine(Role.SERVING),
        "update metrics.training_run set finished_at = :at",
        at=BEGIN + HOUR,
    )
    assert newest(overview, BEGIN + MINUTE)["training_run"] == BEGIN
    assert newest(overview, BEGIN + 2 * HOUR)["training_run"] == BEGIN + HOUR


def test_another_services_rows_are_not_this_ones_freshness(filled: Filled):
    overview = SqlOverviewReader(filled.store.engine(Role.APP))
    last = overview.freshness("other", BEGIN + timedelta(days=1))[0]
    assert last.newest == BEGIN + 89 * MINUTE


def test_the_fill_is_told_step_by_step_in_the_order_it_goes(
    store: Store, overview: SqlOverviewReader
):
    assert overview.fill_progress() == ()
    for minutes, (step, done, finished) in enumerate(
        (("serving", 120, BEGIN), ("labels", 30, None), ("часы", 0, None))
    ):
        execute(
            store.engine(Role.APP),
            "insert into team.demo_fill values ('newsletters', :step, :done, 120, :at, :finished)",
            step=step,
            done=done,
            at=BEGIN + minutes * MINUTE,
            finished=finished,
        )
    assert [
        (part.step, part.done, part.total, part.finished) for part in overview.fill_progress()
    ] == [
        ("serving", 120, 120, True),
        ("labels", 30, 120, False),
        ("часы", 0, 120, False),
    ]


def test_the_pulse_is_silent_before_the_first_tick(store: Store, overview: SqlOverviewReader):
    assert overview.worker_pulse().ticked_at is None
    execute(
        store.engine(Role.WORKER),
        "update rollup.worker set leader = 'host:1', ticked_at = :at, error = 'нет места'",
        at=BEGIN,
    )
    pulse = overview.worker_pulse()
    assert (pulse.leader, pulse.ticked_at, pulse.error) == ("host:1", BEGIN, "нет места")
