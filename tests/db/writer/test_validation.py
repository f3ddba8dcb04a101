"""What the contract allows: each refusal, in words; one row and whole columns judged alike."""

from __future__ import annotations

import pickle
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.stats.histogram import CELLS
from db.engine import Role, Store
from db.writer import ContractError, latency_cells
from db.writer.columns import RawColumns
from db.writer.contract import REQUIRED, TABLES, Column, Kind
from db.writer.copying import last_of_each_key
from db.writer.validation import check_row
from tests.db.writer.good_rows import CELLS_OF_TEN, DAY, GOOD, MINUTE, NOW, row_of


def refusal(table: str, **changes: Any) -> ContractError:
    with pytest.raises(ContractError) as caught:
        check_row(TABLES[table], row_of(table, **changes), NOW)
    error = caught.value
    assert error.table == table
    assert set(error.key) == set(TABLES[table].key)
    return error


REFUSALS: list[tuple[str, str, Any, str]] = [
    # null or of a wrong type
    ("serving_minute", "letters", None, "letters == None, must not be null"),
    ("serving_minute", "datacenter", None, "must not be null"),
    ("serving_minute", "datacenter", 7, "must be text, not int"),
    ("serving_minute", "datacenter", b"dc", "must be text, not bytes"),
    ("serving_minute", "letters", "12", "must be an integer, not str"),
    ("serving_minute", "letters", 12.0, "must be an integer, not float"),
    ("serving_minute", "letters", True, "must be an integer, not bool"),
    ("serving_minute", "letters", Decimal(12), "must be an integer, not Decimal"),
    ("score_hour", "decision", 1, "must be True or False, not int"),
    ("labelled_letter", "score", "0.5", "must be a number, not str"),
    ("labelled_letter", "score", True, "must be a number, not bool"),
    ("product_day", "day", MINUTE, "must be a date, not datetime"),
    ("product_day", "day", "2025-06-01", "must be a date, not str"),
    ("product_day", "day", np.datetime64("2025-06-01T01:00"), "must be a date"),
    # times
    ("serving_minute", "minute", "2025-06-01", "must be a datetime with a time zone, not str"),
    ("serving_minute", "minute", MINUTE.replace(tzinfo=None), "must have a time zone: a naive"),
    ("serving_minute", "minute", np.datetime64("NaT"), "must not be null"),
    ("serving_minute", "minute", MINUTE.replace(second=1), "must be floored to the minute (UTC)"),
    ("serving_minute", "minute", MINUTE.replace(microsecond=1), "must be floored to the minute"),
    ("score_hour", "hour", MINUTE.replace(minute=1), "must be floored to the hour (UTC)"),
    ("shadow_hour", "hour", MINUTE.replace(minute=30), "must be floored to the hour (UTC)"),
    (
        "serving_minute",
        "minute",
        MINUTE.replace(minute=36),
        "at most 5 minutes ahead of this clock",
    ),
    ("heartbeat", "beat_at", NOW + timedelta(seconds=301), "at most 5 minutes ahead"),
    ("heartbeat", "stopped_at", NOW + timedelta(hours=1), "at most 5 minutes ahead"),
    ("labelled_letter", "labelled_at", NOW + timedelta(days=1), "at most 5 minutes ahead"),
    ("false_report", "reported_at", NOW + timedelta(days=1), "at most 5 minutes ahead"),
    ("deployment", "deployed_at", NOW + timedelta(days=1), "at most 5 minutes ahead"),
    ("training_run", "finished_at", NOW + timedelta(days=1), "at most 5 minutes ahead"),
    ("product_day", "day", date(2025, 6, 2), "not lie in the future: today is 2025-06-01 (UTC)"),
    ("serving_minute", "minute", datetime(1970, 1, 1, tzinfo=UTC), "not lie before 2000-01-01"),
    ("product_day", "day", date(1999, 12, 31), "not lie before 2000-01-01"),
    ("heartbeat", "started_at", np.datetime64("1999-12-31T23:59"), "not lie before 2000-01-01"),
    ("heartbeat", "beat_at", datetime.min.replace(tzinfo=timezone(timedelta(hours=3))), "years 1"),
    ("heartbeat", "beat_at", np.datetime64("-5000-01-01T00:00:00", "s"), "years 1"),
    ("labelled_letter", "labelled_at", MINUTE - timedelta(microseconds=1), "before predicted_at"),
    # numbers
    ("serving_minute", "letters", -1, "letters == -1, must not be negative"),
    ("serving_minute", "errors", -1, "must not be negative"),
    ("serving_minute", "slow", -1, "must not be negative"),
    ("serving_minute", "slow", 11, "slow == 11, must be at most letters - errors"),
    ("serving_minute", "errors", 13, "errors == 13, must be at most letters (letters == 12)"),
    ("score_hour", "letters", 2**63, "must be at most 9223372036854775807"),
    ("score_hour", "bin", -101, "must be at least -100"),
    ("score_hour", "bin", 100, "must be at most 99"),
    ("labelled_letter", "score", 1.0000001, "must be at most 1"),
    ("labelled_letter", "score", -0.1, "must not be negative"),
    ("labelled_letter", "score", float("nan"), "must be a finite number"),
    ("labelled_letter", "inclusion_probability", 0.0, "must be above 0"),
    ("labelled_letter", "inclusion_probability", 1.5, "must be at most 1"),
    ("false_report", "score", np.float64("nan"), "must be a finite number"),
    ("false_report", "threshold", float("inf"), "must be a finite number"),
    ("product_day", "value", float("-inf"), "must be a finite number"),
    ("product_day", "value", 10**400, "must be a finite number"),
    ("deployment", "threshold", float("nan"), "must be a finite number"),
    ("experiment_bucket_day", "bucket", 500, "must be at most 499"),
    ("experiment_bucket_day", "bucket", -1, "must not be negative"),
    ("experiment_bucket_day", "complaints", -1, "must not be negative"),
    ("experiment_bucket_day", "session_seconds", -0.5, "must not be negative"),
    ("experiment_bucket_before", "bucket", 500, "must be at most 499"),
    ("experiment_bucket_before", "revenue", float("nan"), "must be a finite number"),
    ("shadow_hour", "user_visible", -1, "must not be negative"),
    ("training_run", "letters_deduplicated", 4, "must be at most letters_raw (letters_raw == 3)"),
    ("training_run", "letters_anonymised", 3, "must be at most letters_deduplicated"),
    # texts
    ("false_report", "kind", "false", "must be one of false_positive, false_negative"),
    ("false_report", "source", "User", "must be one of user, assessor, shadow"),
    ("deployment", "stage", "live", "must be one of shadow, canary, production, rolled_back"),
    ("training_run", "status", "", "must be one of running, succeeded, failed"),
    ("false_report", "text", "a\0b", "text, must not contain the character NUL"),
    ("product_day", "metric", "\ud800", "half of a surrogate pair"),
    # cells
    ("serving_minute", "latency", CELLS_OF_TEN[:161], "latency has 161 cells, must have 162"),
    ("serving_minute", "latency", [CELLS_OF_TEN], "must have 162 cells"),
    ("serving_minute", "latency", None, "must not be null"),
    ("serving_minute", "latency", "0" * 162, "must have 162 cells"),
    ("serving_minute", "latency", [[1], [1, 2]], "must be 162 integers"),
    ("serving_minute", "latency", [None, *CELLS_OF_TEN[1:]], "must hold integers"),
    ("serving_minute", "latency", np.array(CELLS_OF_TEN, float), "must hold integers, not float64"),
    ("serving_minute", "latency", [1, *CELLS_OF_TEN[1:]], "latency adds up to 11, must add up to"),
    ("serving_minute", "latency", [-1, 1, *CELLS_OF_TEN[2:]], "latency[1] == -1, must not be neg"),
    ("serving_minute", "latency", [2**31, *CELLS_OF_TEN[1:]], "must be at most 2147483647"),
]


@pytest.mark.parametrize(("table", "field", "value", "sentence"), REFUSALS)
def test_a_row_that_breaks_the_contract_is_refused_with_the_reason(
    table: str, field: str, value: Any, sentence: str
) -> None:
    error = refusal(table, **{field: value})
    assert error.field == field
    assert sentence in error.reason
    assert str(error).startswith(f"metrics.{table} (service='s', ")
    assert len(str(error)) < 500


@pytest.mark.parametrize(("table", "field", "value", "sentence"), REFUSALS)
def test_a_column_refuses_what_a_row_refuses(
    table: str, field: str, value: Any, sentence: str
) -> None:
    rows = [row_of(table), row_of(table, **{field: value}), row_of(table)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    good, bad = RawColumns(TABLES[table], columns).check(0, 3, NOW)
    assert bad.tolist() == [1]
    assert good.numbers.tolist() == [0, 2]


@pytest.mark.parametrize("table", GOOD)
def test_every_good_row_is_taken_and_every_missing_column_named(table: str) -> None:
    check_row(TABLES[table], row_of(table), NOW)
    for column in TABLES[table].columns:
        if column.default is REQUIRED:
            row = row_of(table)
            del row[column.name]
            with pytest.raises(ContractError, match=f"{column.name} is missing"):
                check_row(TABLES[table], row, NOW)


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("serving_minute", {"minute": MINUTE.replace(minute=35)}),  # 4 min 40 s ahead
        ("heartbeat", {"beat_at": NOW + timedelta(minutes=5)}),
        ("serving_minute", {"letters": 12, "errors": 12, "slow": 0, "latency": [0] * 162}),
        ("serving_minute", {"latency": np.array(CELLS_OF_TEN, np.uint8)}),
        ("serving_minute", {"letters": np.int32(12), "errors": np.uint64(2)}),
        ("score_hour", {"letters": 2**63 - 1, "bin": np.int8(-100)}),
        ("labelled_letter", {"score": 0, "inclusion_probability": 1, "decision": np.True_}),
        ("labelled_letter", {"predicted_at": NOW, "labelled_at": NOW}),
        ("product_day", {"day": np.datetime64("2025-06-01")}),
        ("serving_minute", {"minute": datetime(2000, 1, 1, tzinfo=UTC)}),
        ("training_run", {"finished_at": None, "letters_raw": 0, "letters_deduplicated": 0,
                          "letters_anonymised": 0, "letters_trained": 9}),
        ("deployment", {"threshold": 0.5, "note": "Новая модель\tи\nстрока"}),
    ],
)  # fmt: skip
def test_what_is_on_the_edge_is_taken(table: str, changes: dict[str, Any]) -> None:
    check_row(TABLES[table], row_of(table, **changes), NOW)


def test_the_text_of_a_letter_is_in_no_sentence() -> None:
    error = refusal("false_report", text="секретное письмо\0")
    assert "секрет" not in str(error)


def test_a_long_value_is_cut_in_its_sentence() -> None:
    assert "…" in refusal("deployment", stage="x" * 10_000).reason


def test_a_contract_error_travels_between_processes() -> None:
    error = refusal("serving_minute", slow=11)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.table, copy.key, copy.field) == (
        str(error),
        "serving_minute",
        error.key,
        "slow",
    )


def test_the_contract_is_what_the_store_says(store: Store) -> None:
    with store.engine(Role.APP).connect() as connection:
        tables = connection.execute(
            text(
                "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                "where n.nspname = 'metrics' and c.relkind in ('r', 'p') and not c.relispartition"
            )
        ).scalars()
        assert set(tables) == set(TABLES)
        for table in TABLES.values():
            found = connection.execute(
                text(
                    "select attname, format_type(atttypid, atttypmod), not attnotnull "
                    "from pg_attribute where attrelid = cast(:name as regclass) and attnum > 0 "
                    "and attname <> 'written_at' order by attnum"
                ),
                {"name": table.qualified},
            )
            declared = [(c.name, str(c.kind), c.nullable) for c in table.columns]
            assert declared == [tuple(row) for row in found], table.name
            key = connection.execute(
                text(
                    "select attname from pg_constraint join pg_attribute on attrelid = conrelid "
                    "and attnum = any(conkey) where contype = 'p' "
                    "and conrelid = cast(:name as regclass)"
                ),
                {"name": table.qualified},
            ).scalars()
            assert set(key) == set(table.key), table.name
            checks = connection.execute(
                text(
                    "select pg_get_constraintdef(oid) from pg_constraint "
                    "where contype = 'c' and conrelid = cast(:name as regclass)"
                ),
                {"name": table.qualified},
            ).scalars()
            choices = {
                tuple(re.findall(r"'(\w+)'::text", check)) for check in checks if "ARRAY[" in check
            }
            assert choices == {c.choices for c in table.columns if c.choices}, table.name


# One value that a column may hold, or one of the many that it may not.
_ODD = st.sampled_from([None, -1, 0, 1, 2**63, 1.5, float("nan"), True, "", "x\0", b"x", [], NOW])
_TIMES = st.sampled_from(
    [MINUTE, NOW, NOW.replace(tzinfo=None), MINUTE + timedelta(hours=1),
     MINUTE - timedelta(seconds=1), datetime(1999, 1, 1, tzinfo=UTC),
     np.datetime64("2025-06-01T11:00"), np.datetime64("NaT")]
)  # fmt: skip


def _values(column: Column, good: Any) -> st.SearchStrategy[Any]:
    own: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXT: st.text(max_size=3),
        Kind.BIGINT: st.integers(-2, 2**63),
        Kind.SMALLINT: st.integers(-103, 502),
        Kind.DOUBLE: st.floats(),
        Kind.BOOLEAN: st.booleans(),
        Kind.TIMESTAMP: _TIMES,
        Kind.DATE: st.dates(DAY - timedelta(days=2), DAY + timedelta(days=2)),
        Kind.CELLS: st.lists(st.integers(-1, 2), min_size=CELLS, max_size=CELLS),
    }
    # Mostly good, or hardly a row would be wrong in one thing only.
    return st.integers(0, 9).flatmap(
        lambda at: st.just(good) if at < 8 else own[column.kind] if at == 8 else _ODD
    )


@pytest.mark.parametrize("table", GOOD)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_one_row_and_whole_columns_are_judged_alike(table: str, data: st.DataObject) -> None:
    contract = TABLES[table]
    good = row_of(table)
    strategy = st.fixed_dictionaries({c.name: _values(c, good[c.name]) for c in contract.columns})
    rows = data.draw(st.lists(strategy, min_size=1, max_size=5))
    expected = []
    for row in rows:
        try:
            expected.append(check_row(contract, row, NOW))
        except ContractError:
            expected.append(None)
    raw = RawColumns(contract, {c.name: [row[c.name] for row in rows] for c in contract.columns})
    columns, bad = raw.check(0, len(rows), NOW)
    assert bad.tolist() == [at for at, row in enumerate(expected) if row is None]
    assert [_comparable(row.values()) for row in expected if row] == [
        _comparable(values) for values in columns.rows()
    ]


def _comparable(values: Any) -> list[Any]:
    plain = []
    for value in values:
        if isinstance(value, np.ndarray):
            plain.append("{" + ",".join(map(str, value.tolist())) + "}")
        else:
            plain.append(value.replace(tzinfo=None) if isinstance(value, datetime) else value)
    return plain


@given(
    letters=st.lists(st.integers(-3, 4), min_size=1, max_size=6),
    kind=st.sampled_from(["int8", "int64", "uint64", "float64", "bool"]),
    seconds=st.lists(
        st.one_of(st.integers(-120, 700).map(lambda s: s * 30), st.just(-30 * 365 * 86_400)),
        min_size=6,
        max_size=6,
    ),
    cell=st.integers(-1, 4),
)
@settings(max_examples=200, deadline=None)
def test_arrays_are_judged_as_their_values_one_by_one(
    letters: list[int], kind: str, seconds: list[int], cell: int
) -> None:
    n = len(letters)
    latency = np.zeros((n, CELLS), dtype=np.int64)
    latency[:, 5] = cell
    columns = GOOD["serving_minute"] | {
        "service": np.array(["a", "b", "c", "a", "b", "c"])[:n],
        "minute": np.array(
            [np.datetime64("2025-06-01T12:00") + np.timedelta64(s, "s") for s in seconds[:n]]
        ),
        "letters": np.array(letters).astype(kind),
        "errors": np.zeros(n, dtype=np.uint8),
        "slow": 0,
        "latency": latency,
    }
    raw = RawColumns(TABLES["serving_minute"], columns)
    _, bad = raw.check(0, n, NOW)
    expected = []
    for at in range(n):
        try:
            check_row(TABLES["serving_minute"], raw.row(at), NOW)
        except ContractError:
            expected.append(at)
    assert bad.tolist() == expected


@given(milliseconds=st.lists(st.floats(0, 5000), max_size=50), errors=st.integers(0, 5))
def test_cells_of_any_latencies_keep_the_contract(milliseconds: list[float], errors: int) -> None:
    slow = sum(value > 20 for value in milliseconds)
    cells = latency_cells(milliseconds)
    letters = len(milliseconds) + errors
    row = row_of("serving_minute", letters=letters, errors=errors, slow=slow, latency=cells)
    check_row(TABLES["serving_minute"], row, NOW)
    assert cells[81:].sum() == slow
    refusal("serving_minute", letters=letters + 1, errors=errors, slow=slow, latency=cells)


@given(keys=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), max_size=30))
def test_the_last_row_of_each_key_is_kept_in_order(keys: list[tuple[int, str]]) -> None:
    columns = {
        "service": "s",
        "day": [DAY - timedelta(days=day) for day, _ in keys],
        "metric": [metric for _, metric in keys],
        "value": np.arange(len(keys)),
    }
    checked, _ = RawColumns(TABLES["product_day"], columns).check(0, len(keys), NOW)
    assert last_of_each_key(checked).tolist() == sorted(
        {key: at for at, key in enumerate(keys)}.values()
    )
