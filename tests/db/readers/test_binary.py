"""Columns that come as PostgreSQL's own binary format."""

import numpy as np
import pytest
from sqlalchemy import text

from db.engine import Role, Store
from db.readers.binary import FLOAT8, INT2, INT4, copy_records, copy_rows
from db.readers.snapshot import snapshot

NUMBERS = text(
    "select number::int4, (-number)::int2 as negative, number / 3.0::float8 as third "
    "from generate_series(1, :last) as number"
)
COLUMNS = {"number": INT4, "negative": INT2, "third": FLOAT8}


def test_rows_of_fixed_width_come_as_one_array(store: Store):
    with snapshot(store.engine(Role.APP)) as connection:
        found = copy_records(connection, NUMBERS, {"last": 1_000}, COLUMNS)
    numbers = np.arange(1, 1_001)
    np.testing.assert_array_equal(found["number"], numbers)
    np.testing.assert_array_equal(found["negative"], -numbers)
    np.testing.assert_array_equal(found["third"], numbers / 3)


def test_no_rows_are_an_empty_array(store: Store):
    with snapshot(store.engine(Role.APP)) as connection:
        found = copy_records(connection, NUMBERS, {"last": 0}, COLUMNS)
        assert copy_rows(connection, NUMBERS, {"last": 0}) == []
    assert found.shape == found["number"].shape == (0,)


def test_other_columns_than_the_querys_are_refused(store: Store):
    with (
        snapshot(store.engine(Role.APP)) as connection,
        pytest.raises(ValueError, match="must be those of the query"),
    ):
        copy_records(connection, NUMBERS, {"last": 7}, COLUMNS | {"third": INT4})


def test_a_percent_sign_and_a_quote_in_a_value_mean_themselves(store: Store):
    statement = text("select convert_to(:value, 'UTF8'), length(:value)::int4 where 7 % 4 = 3")
    with snapshot(store.engine(Role.APP)) as connection:
        ((value, length),) = copy_rows(connection, statement, {"value": "100 %s of 'Папка'"})
    assert bytes(value).decode() == "100 %s of 'Папка'"
    assert int.from_bytes(length, "big") == 17
