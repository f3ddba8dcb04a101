"""Reliability on the terminal, exactly, on rows that were inserted by hand."""

import json
import math
from datetime import datetime
from fractions import Fraction
from typing import Any

from db.engine import Store
from tests.terminal.minutes import MINUTE, cells, serving, tick, write
from tests.terminal.running import Terminal


def cell_value(number: int) -> float:
    """What contract.sql says a letter in an SQL cell took: 2 lo hi / (lo + hi), ms."""
    low, high = (20 * 2 ** ((number - 2 + step - 80) / 16) for step in (0, 1))
    return 2 * low * high / (low + high)


def evidence(terminal: Terminal, service: str, as_of: datetime, window: str = "1h") -> Any:
    asked = ("--service", service, "--window", window, "--as-of", as_of.isoformat())
    result = terminal("evidence", "reliability", "--format", "json", *asked)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_rows_inserted_by_hand_are_reported_exactly_after_one_tick(
    store: Store, terminal: Terminal, as_of: datetime
):
    """Two datacenters over an hour, one of them out for three minutes."""
    start, end = as_of - 60 * MINUTE, as_of - MINUTE
    with serving(store) as connection:
        write(connection, "search", start, end, cells(c41=5_998, c82=2), datacenter="dc1")
        write(connection, "search", start, end, cells(c41=4_000), datacenter="dc2")
        out = start + 20 * MINUTE
        write(connection, "search", out, out + 2 * MINUTE, cells(), errors=4_000, datacenter="dc2")
    tick(terminal)

    found = evidence(terminal, "search", as_of)

    letters, errors, slow = 600_000, 12_000, 120
    answered = letters - errors
    assert (found["letters"], found["errors"], found["slow"]) == (letters, errors, slow)
    assert found["state"] == "ok"
    assert found["availability"] == 0.98
    assert found["latency_sli"] == float(1 - Fraction(slow, answered))
    assert found["coverage"] == 1
    assert found["budget"] == {"allowed": 60, "bad": 12_000, "remaining": -199}
    allowed = Fraction(answered, 10_000)
    assert found["budget_latency"]["allowed"] == float(allowed)
    assert found["budget_latency"]["remaining"] == float(1 - slow / allowed)
    assert found["burn"]["availability"]["1h"] == 200
    assert found["burn"]["availability"]["5m"] == 0
    assert found["burn"]["latency"]["5m"] == 2  # 10 of 50,000
    assert found["burn"]["latency"]["1h"] == float(Fraction(slow * 10_000, answered))
    alerts = found["alerts"]["availability"]
    assert alerts["page_fast"] is False  # it is over: nothing burns in the short window
    assert alerts["page_slow"] is False
    assert alerts["ticket_day"] is True
    assert found["load"]["mean_rpm"] == 10_000
    assert found["load"]["peak_rpm"] == 10_000
    assert found["load"]["peak_rpm_within_slo"] is None  # 2 of 10,000 are slow in every minute
    p50, p9999 = found["percentiles"]["p50"], found["percentiles"]["p99.99"]
    assert math.isclose(p50, cell_value(41), rel_tol=1e-12)
    assert math.isclose(p9999, cell_value(82), rel_tol=1e-12)
    assert found["data_through"] == (as_of - MINUTE).strftime("%Y-%m-%dT%H:%MZ")


def test_percentiles_are_those_of_all_letters_and_not_averages(
    store: Store, terminal: Terminal, as_of: datetime
):
    """One datacenter's p99 is in cell 61, the other's in 101: that of both is in neither."""
    start, end = as_of - 60 * MINUTE, as_of - MINUTE
    with serving(store) as connection:
        write(connection, "mix", start, end, cells(c41=980, c61=20), datacenter="dc1")
        write(connection, "mix", start, end, cells(c41=975, c81=15, c101=10), datacenter="dc2")
    tick(terminal)

    found = evidence(terminal, "mix", as_of)

    assert math.isclose(found["percentiles"]["p99"], cell_value(81), rel_tol=1e-12)
    average = (cell_value(61) + cell_value(81)) / 2
    assert not math.isclose(found["percentiles"]["p99"], average, rel_tol=0.01)


def test_a_burn_of_exactly_the_factor_does_not_fire(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        first = as_of - 60 * MINUTE
        write(connection, "exact", first, as_of - MINUTE, cells(c41=99_856), errors=144)
    tick(terminal)
    found = evidence(terminal, "exact", as_of)
    assert found["burn"]["availability"]["1h"] == found["burn"]["availability"]["5m"] == 14.4
    assert found["alerts"]["availability"]["page_fast"] is False
    assert found["alerts"]["availability"]["page_slow"] is True

    with serving(store) as connection:  # a corrected row: one more letter failed
        last = as_of - MINUTE
        write(connection, "exact", last, last, cells(c41=99_855), errors=145)
    tick(terminal)
    assert evidence(terminal, "exact", as_of)["alerts"]["availability"]["page_fast"] is True


def test_a_gap_in_the_short_window_holds_the_alert_as_unknown(
    store: Store, terminal: Terminal, as_of: datetime
):
    first = as_of - 60 * MINUTE
    with serving(store) as connection:
        write(connection, "gap", first, as_of - 4 * MINUTE, cells(c41=900), errors=100)
        write(connection, "gap", as_of - 2 * MINUTE, as_of - MINUTE, cells(c41=900), errors=100)
    tick(terminal)
    found = evidence(terminal, "gap", as_of)
    assert found["alerts"]["availability"]["page_fast"] is None
    assert found["coverage"] == float(Fraction(59, 60))
    assert found["letters"] == 59_000


def test_rows_without_letters_are_no_traffic_and_not_good(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        write(connection, "idle", as_of - 60 * MINUTE, as_of - MINUTE, cells())
    tick(terminal)
    found = evidence(terminal, "idle", as_of)
    assert found["state"] == "no_traffic"
    assert found["availability"] is None
    assert found["budget"]["remaining"] is None
    assert set(found["percentiles"].values()) == {None}
    assert found["status"] == {"availability": "NO_DATA", "latency": "NO_DATA"}


def test_as_of_shows_what_was_known_of_the_past(store: Store, terminal: Terminal, as_of: datetime):
    with serving(store) as connection:
        write(connection, "search", as_of - 60 * MINUTE, as_of - 31 * MINUTE, cells(c41=100))
        write(connection, "search", as_of - 30 * MINUTE, as_of - MINUTE, cells(c41=90), errors=10)
    tick(terminal)
    before = evidence(terminal, "search", as_of - 30 * MINUTE, "30m")
    assert (before["letters"], before["errors"], before["availability"]) == (3_000, 0, 1)
    assert evidence(terminal, "search", as_of, "30m")["errors"] == 300
    assert evidence(terminal, "search", as_of - 2 * 60 * MINUTE)["state"] == "no_data"
