"""The migrated store: the contract as agreed, and bad rows refused by name."""

from typing import Any

import psycopg2.errors
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError, IntegrityError

from db.engine import Role, Store
from tests.db.contract_tables import CONTRACT

NOON = "2026-06-01T12:00Z"

#: A row of each table as the contract wants it; the bad rows below differ in one field.
GOOD: dict[str, dict[str, Any]] = {
    "serving_minute": {
        "service": "s",
        "minute": NOON,
        "datacenter": "dc1",
        "instance": "i1",
        "model_version": "v1",
        "letters": 10,
        "errors": 2,
        "slow": 1,
        "latency": [0] * 80 + [7, 1] + [0] * 80,
        "written_at": NOON,
    },
    "heartbeat": {
        "service": "s",
        "component": "inference",
        "instance": "i1",
        "started_at": NOON,
        "beat_at": NOON,
    },
    "score_hour": {
        "service": "s",
        "hour": NOON,
        "model_version": "v1",
        "segment": "ru",
        "decision": True,
        "bin": -100,
        "letters": 5,
        "written_at": NOON,
    },
    "labelled_letter": {
        "service": "s",
        "model_version": "v1",
        "letter_id": "l1",
        "predicted_at": NOON,
        "labelled_at": NOON,
        "segment": "ru",
        "score": 1.0,
        "decision": True,
        "label": False,
        "inclusion_probability": 1.0,
        "written_at": NOON,
    },
    "false_report": {
        "service": "s",
        "report_id": "r1",
        "reported_at": NOON,
        "predicted_at": NOON,
        "kind": "false_positive",
        "source": "user",
        "letter_key": "k",
        "reporter_key": "",
        "model_version": "v1",
        "score": 0.5,
        "threshold": 0.5,
        "text": "[PERSON_1]",
        "anonymiser": "a 1",
        "written_at": NOON,
    },
    "experiment_bucket_day": {
        "service": "s",
        "experiment": "e",
        "variant": "control",
        "day": "2026-06-01",
        "bucket": 499,
        "new_users": 1,
        "active_users": 1,
        "letters": 1,
        "complaints": 0,
        "sessions": 1,
        "session_seconds": 1.5,
        "revenue": 0.5,
    },
    "experiment_bucket_before": {
        "service": "s",
        "experiment": "e",
        "variant": "control",
        "bucket": 0,
        "users": 1,
        "active_users": 1,
        "letters": 1,
        "complaints": 0,
        "sessions": 1,
        "session_seconds": 1.5,
        "revenue": 0.5,
    },
    "product_day": {"service": "s", "day": "2026-06-01", "metric": "letters", "value": 1.0},
    "deployment": {
        "service": "s",
        "deployment_id": "d1",
        "deployed_at": NOON,
        "model_version": "v1",
        "stage": "canary",
    },
    "shadow_hour": {
        "service": "s",
        "hour": NOON,
        "production_version": "v1",
        "candidate_version": "v2",
        "both_positive": 1,
        "production_only": 0,
        "candidate_only": 0,
        "both_negative": 1,
        "candidate_errors": 0,
        "candidate_slow": 0,
    },
    "training_run": {
        "service": "s",
        "run_id": "t1",
        "started_at": NOON,
        "status": "succeeded",
        "model_version": "v1",
        "letters_raw": 3,
        "letters_deduplicated": 2,
        "letters_anonymised": 1,
        "letters_trained": 1,
    },
}

LATENCY = GOOD["serving_minute"]["latency"]
FIVE_MINUTES_AHEAD = "2026-06-01T12:05Z"
SIX_MINUTES_AHEAD = "2026-06-01T12:06Z"

#: Table, the field that is wrong, and the name that the refusal carries.
BAD = [
    ("serving_minute", {"errors": -1}, "serving_minute_errors_check"),
    ("serving_minute", {"slow": -1}, "serving_minute_slow_check"),
    ("serving_minute", {"errors": 10}, "serving_minute_errors_and_slow_are_among_letters"),
    ("serving_minute", {"letters": -1}, "serving_minute_errors_and_slow_are_among_letters"),
    ("serving_minute", {"latency": LATENCY[:-1]}, "serving_minute_has_162_cells"),
    ("serving_minute", {"latency": [*LATENCY, 0]}, "serving_minute_has_162_cells"),
    ("serving_minute", {"latency": [LATENCY[:81], LATENCY[81:]]}, "serving_minute_has_162_cells"),
    (
        "serving_minute",
        {"latency": "[0:161]={" + ",".join(map(str, LATENCY)) + "}"},
        "serving_minute_has_162_cells",
    ),
    ("serving_minute", {"latency": [-1, *LATENCY[1:]]}, "serving_minute_cells_are_counts"),
    ("serving_minute", {"latency": [None, *LATENCY[1:]]}, "serving_minute_cells_are_counts"),
    ("serving_minute", {"minute": "2026-06-01T12:00:01Z"}, "serving_minute_is_floored"),
    ("serving_minute", {"minute": SIX_MINUTES_AHEAD}, "serving_minute_not_in_the_future"),
    ("serving_minute", {"minute": "-infinity"}, "serving_minute_is_a_date_of_this_century"),
    ("serving_minute", {"minute": "1970-01-01Z"}, "serving_minute_is_a_date_of_this_century"),
    ("heartbeat", {"beat_at": "2100-01-01Z"}, "heartbeat_not_in_the_future"),
    ("score_hour", {"hour": "2026-06-01T12:30Z"}, "score_hour_is_floored"),
    ("score_hour", {"hour": "2026-06-01T13:00Z"}, "score_hour_not_in_the_future"),
    ("score_hour", {"bin": -101}, "score_hour_bin_check"),
    ("score_hour", {"bin": 100}, "score_hour_bin_check"),
    ("score_hour", {"letters": -1}, "score_hour_letters_check"),
    ("labelled_letter", {"score": 1.01}, "labelled_letter_score_check"),
    ("labelled_letter", {"score": "NaN"}, "labelled_letter_score_check"),
    (
        "labelled_letter",
        {"inclusion_probability": 0},
        "labelled_letter_inclusion_probability_check",
    ),
    (
        "labelled_letter",
        {"inclusion_probability": 1.5},
        "labelled_letter_inclusion_probability_check",
    ),
    (
        "labelled_letter",
        {"labelled_at": "2026-06-01T11:59Z"},
        "labelled_letter_labelled_after_prediction",
    ),
    ("labelled_letter", {"labelled_at": SIX_MINUTES_AHEAD}, "labelled_letter_not_in_the_future"),
    ("false_report", {"kind": "wrong"}, "false_report_kind_check"),
    ("false_report", {"source": "nobody"}, "false_report_source_check"),
    ("false_report", {"score": -0.1}, "false_report_score_check"),
    ("false_report", {"reported_at": SIX_MINUTES_AHEAD}, "false_report_not_in_the_future"),
    ("experiment_bucket_day", {"bucket": 500}, "experiment_bucket_day_bucket_check"),
    ("experiment_bucket_day", {"bucket": -1}, "experiment_bucket_day_bucket_check"),
    ("experiment_bucket_before", {"bucket": 500}, "experiment_bucket_before_bucket_check"),
    ("deployment", {"stage": "live"}, "deployment_stage_check"),
    ("shadow_hour", {"hour": "2026-06-01T12:01Z"}, "shadow_hour_is_floored"),
    ("training_run", {"status": "done"}, "training_run_status_check"),
    ("training_run", {"letters_deduplicated": 4}, "training_run_letters_only_shrink"),
    ("training_run", {"letters_anonymised": 3}, "training_run_letters_only_shrink"),
]


@pytest.fixture(scope="module")
def serving(kept_store: Store) -> Engine:
    return kept_store.engine(Role.SERVING)


@pytest.fixture(scope="module")
def reader(kept_store: Store) -> Engine:
    return kept_store.engine(Role.APP)


def _insert(engine: Engine, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    with engine.connect() as connection:
        connection.execute(text(f"insert into metrics.{table} ({names}) values ({values})"), row)


def _columns(engine: Engine, table: str) -> tuple[str, ...]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select attname, format_type(atttypid, atttypmod), attnotnull, "
                "pg_get_expr(adbin, adrelid) from pg_attribute left join pg_attrdef "
                "on adrelid = attrelid and adnum = attnum "
                "where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped "
                "order by attnum"
            ),
            {"table": f"metrics.{table}"},
        ).all()
    return tuple(
        f"{name} {kind}{'' if required else ' null'}{f' default {default}' if default else ''}"
        for name, kind, required, default in rows
    )


def _constraints(engine: Engine, table: str, kind: str) -> set[str]:
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "select pg_get_constraintdef(oid) from pg_constraint "
                "where conrelid = cast(:table as regclass) and contype = :kind"
            ),
            {"table": f"metrics.{table}", "kind": kind},
        ).scalars()
        return set(found)


@pytest.mark.parametrize("table", CONTRACT)
def test_a_table_of_the_contract_is_as_it_was_agreed(reader: Engine, table: str) -> None:
    agreed = CONTRACT[table]
    assert _columns(reader, table) == agreed.columns
    assert _constraints(reader, table, "p") == {f"PRIMARY KEY ({agreed.key})"}
    checks = {
        check.removeprefix("CHECK ((").removesuffix("))")
        for check in _constraints(reader, table, "c")
    }
    assert agreed.checks <= checks


def test_the_contract_has_no_other_tables_and_nothing_that_a_distributed_table_cannot_carry(
    reader: Engine,
) -> None:
    with reader.connect() as connection:
        tables = connection.execute(
            text(
                "select relname from pg_class where relnamespace = 'metrics'::regnamespace "
                "and relkind in ('r', 'p') and not relispartition"
            )
        ).scalars()
        assert set(tables) == set(CONTRACT)
        unwanted = connection.execute(
            text(
                "select conname from pg_constraint join pg_class on pg_class.oid = conrelid "
                "where relnamespace = 'metrics'::regnamespace and contype = 'f' union all "
                "select tgname from pg_trigger join pg_class on pg_class.oid = tgrelid "
                "where relnamespace = 'metrics'::regnamespace union all "
                "select relname from pg_class "
                "where relnamespace = 'metrics'::regnamespace and relkind = 'S'"
            )
        ).all()
        assert unwanted == []


def test_serving_minutes_are_partitioned_by_minute_with_a_catch_all(reader: Engine) -> None:
    with reader.connect() as connection:
        key, default = connection.execute(
            text(
                "select pg_get_partkeydef(partrelid), partdefid::regclass::text "
                "from pg_partitioned_table where partrelid = 'metrics.serving_minute'::regclass"
            )
        ).one()
    assert (key, default) == ("RANGE (minute)", "metrics.serving_minute_default")


@pytest.mark.parametrize("table", GOOD)
def test_a_row_that_keeps_the_contract_is_accepted(serving: Engine, table: str) -> None:
    _insert(serving, table, GOOD[table])


def test_a_row_five_minutes_ahead_of_the_clock_is_accepted(serving: Engine) -> None:
    _insert(serving, "serving_minute", GOOD["serving_minute"] | {"minute": FIVE_MINUTES_AHEAD})


@pytest.mark.parametrize(
    ("table", "wrong", "constraint"),
    BAD,
    ids=[f"{table}-{'-'.join(wrong)}-{index}" for index, (table, wrong, _) in enumerate(BAD)],
)
def test_a_row_that_breaks_the_contract_is_refused_by_a_constraint_that_says_why(
    serving: Engine, table: str, wrong: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError) as refusal:
        _insert(serving, table, GOOD[table] | wrong)
    assert isinstance(refusal.value.orig, psycopg2.errors.CheckViolation)
    assert refusal.value.orig.diag.constraint_name == constraint


@pytest.mark.parametrize("table", CONTRACT)
def test_a_field_that_is_required_may_not_be_missing(serving: Engine, table: str) -> None:
    for column in CONTRACT[table].columns:
        if column.endswith(" null"):
            continue
        name = column.split()[0]
        with pytest.raises(IntegrityError) as refusal:
            _insert(serving, table, GOOD[table] | {name: None})
        assert isinstance(refusal.value.orig, psycopg2.errors.NotNullViolation)
        assert refusal.value.orig.diag.column_name == name


def test_a_cell_too_large_for_its_type_is_refused(serving: Engine) -> None:
    with pytest.raises(DataError, match="out of range"):
        _insert(
            serving, "serving_minute", GOOD["serving_minute"] | {"latency": [2**31, *LATENCY[1:]]}
        )
