"""What the terminal prints of the reliability report, as plain values."""

import json
from collections.abc import Sequence
from fractions import Fraction

import pytest

from core.reliability import ReliabilityReport, evidence, report
from core.timeframe import Window
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, outage, steady

#: design.md, section 6.
PROMISED = {
    "letters",
    "errors",
    "slow",
    "availability",
    "latency_sli",
    "coverage",
    "state",
    "budget",
    "burn",
    "alerts",
    "percentiles",
    "load",
    "data_through",
}
ROWS = tuple(outage(steady(-480, 0, datacenters=("dc1", "dc2")), -3, -1, share=Fraction(1, 4)))


def seen(rows: Sequence[Row]) -> ReliabilityReport:
    return report(FakeReliabilityReader(rows), SERVICE, Window.parse("1h"), at(0))


def test_it_has_every_key_that_was_promised():
    values = evidence(seen(ROWS))
    assert set(values) >= PROMISED
    assert set(values["budget"]) == {"allowed", "bad", "remaining"}
    assert {"mean_rpm", "peak_rpm", "peak_rpm_within_slo"} <= set(values["load"])
    policies = {"page_fast", "page_slow", "ticket_day", "ticket_slow"}
    for kind in ("availability", "latency"):
        assert set(values["alerts"][kind]) == policies
        assert set(values["burn"][kind]) == {"5m", "30m", "1h", "2h", "6h", "1d", "3d"}
    assert list(values["percentiles"]) == ["p50", "p95", "p99", "p99.9", "p99.99"]


def test_its_numbers_are_in_full_precision():
    values = evidence(seen(ROWS))
    assert values["letters"] == 120_000
    assert values["errors"] == 1_000
    assert values["slow"] == 0
    assert values["availability"] == 119_000 / 120_000
    assert values["latency_sli"] == 1
    assert values["budget"] == {"allowed": 12, "bad": 1_000, "remaining": 1 - 1_000 / 12}
    assert values["burn"]["availability"]["1h"] == pytest.approx(10_000 / 120)
    assert values["alerts"]["availability"]["page_fast"] is True
    assert values["alerts"]["latency"]["page_fast"] is False
    assert values["percentiles"]["p99"] == pytest.approx(5, rel=0.0217)
    assert values["load"]["peak_rpm"] == 2_000
    assert values["coverage"] == 1
    assert values["state"] == "ok"
    assert values["data_through"] == "2026-06-01T11:59Z"


def test_errors_and_slow_letters_are_apart():
    values = evidence(seen(steady(-60, 0, 1_000, 20, 7)))
    assert (values["letters"], values["errors"], values["slow"]) == (60_000, 1_200, 420)
    assert values["latency_sli"] == 1 - 420 / 58_800
    assert values["budget_latency"]["bad"] == 420


@pytest.mark.parametrize(
    "rows",
    [ROWS, (), tuple(steady(-60, 0, letters=0)), tuple(outage(steady(-60, 0), -60, 0))],
    ids=["an incident", "no rows", "no letters", "no answers"],
)
def test_it_is_json_without_nan(rows: Sequence[Row]):
    values = evidence(seen(rows))
    assert json.loads(json.dumps(values, allow_nan=False)) == values


def test_what_is_not_known_is_null_and_never_zero():
    values = evidence(seen([]))
    for name in ("availability", "latency_sli", "coverage", "data_through"):
        assert values[name] is None
    assert values["budget"]["remaining"] is None
    assert set(values["percentiles"].values()) == {None}
    assert set(values["alerts"]["availability"].values()) == {None}
    assert set(values["burn"]["latency"].values()) == {None}
    assert values["load"]["mean_rpm"] is None
    assert values["state"] == "no_data"
