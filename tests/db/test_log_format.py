"""What is logged: one JSON object a line, and never a value that the store holds."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import log_format
from db.engine import Role, Store
from db.log_format import JsonFormatter, LineFormatter

SECRET = "a letter that nobody may read"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def record(message: str, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("db.worker", logging.INFO, __file__, 1, message, (), None)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def failed(store: Store) -> logging.LogRecord:
    with pytest.raises(DBAPIError) as failure, store.engine(Role.SERVING).begin() as connection:
        connection.execute(
            text("insert into metrics.product_day values (:secret, now(), :secret, null, 1)"),
            {"secret": SECRET},
        )
    found = record("It failed")
    found.exc_info = (failure.type, failure.value, failure.tb)
    return found


def test_a_record_is_one_json_object_on_one_line():
    line = JsonFormatter("worker").format(record("Two\nlines", service="почта"))

    told = json.loads(line)
    assert "\n" not in line
    assert told["message"] == "Two\nlines"
    assert (told["level"], told["logger"], told["process"]) == ("info", "db.worker", "worker")
    assert told["service"] == "почта"
    assert datetime.fromisoformat(told["time"]).tzinfo is not None


@pytest.mark.parametrize("formatter", [JsonFormatter("worker"), LineFormatter()])
def test_an_error_of_the_store_is_told_without_the_values(
    store: Store, formatter: logging.Formatter
):
    line = formatter.format(failed(store))

    assert SECRET not in line
    assert "null value in column" in line
    assert "test_log_format.py" in line


def test_the_parent_passes_json_on_and_wraps_everything_else():
    whole = '{"message": "as it is"}'

    assert log_format.relayed("worker", whole, NOW) == whole
    for line in ("  You can now view your app", "12", "{broken"):
        told = json.loads(log_format.relayed("web", line, NOW))
        assert (told["message"], told["process"]) == (line, "web")
        assert told["time"] == "2026-06-01T12:00:00.000+00:00"


def test_another_style_is_refused_by_its_name():
    with pytest.raises(ValueError, match="GREENLIGHT_LOG is 'xml'"):
        log_format.start("worker", "xml")
