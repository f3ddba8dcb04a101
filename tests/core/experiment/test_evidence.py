"""The JSON of an experiment."""

from __future__ import annotations

import json

import pytest

from core.experiment import evidence, report
from tests.fakes import SERVICE
from tests.fakes_experiment import FakeExperimentReader, World, defined, on_day

PROMISED = {
    "lift", "fixed", "always_valid", "p_margin", "srm", "days", "days_to_decision", "verdict",
    "guardrails", "segments", "warnings", "service", "experiment", "as_of", "data_through",
    "definition", "denominators", "cuped", "novelty", "detectable", "planning",
}  # fmt: skip
ROWS = [
    *World(lifts={"treatment": -0.2}).rows(19),
    *World(lifts={"treatment": -0.2}).rows(19, dimension="platform", value="web"),
]


def values(number: int, *, rows: object = None) -> dict[str, object]:
    reader = FakeExperimentReader(ROWS if rows is None else rows, [defined()])
    return evidence(report(reader, SERVICE, on_day(number)))


@pytest.mark.parametrize("number", [1, 2, 5, 10, 20])
def test_every_promised_field_is_there_at_any_time_and_json_carries_it(number: int):
    found = values(number)
    assert set(found) >= PROMISED
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_without_rows_everything_is_unknown_and_nothing_zero():
    found = values(5, rows=[])
    assert found["lift"] is None
    assert found["p_margin"] is None
    assert found["fixed"] == {"low": None, "high": None, "confidence": None}
    assert found["verdict"] == "no data"
    assert found["days_to_decision"] is None
    assert found["srm"]["p"] is None


def test_a_decided_test_says_when_and_needs_no_more_days():
    found = values(20)
    assert found["verdict"] == "met"
    assert found["status"] == "ON_TARGET"
    assert found["decision"]["number"] == 14
    assert found["days_to_decision"] == 0
    assert found["deciding"]["high"] < -0.05
    assert found["as_of"] == "2026-06-20T12:00Z"
    assert found["data_through"] == "2026-06-19"


def test_it_says_whether_it_was_defined_and_how():
    found = values(20)["definition"]
    assert found["is_default"] is False
    assert found["ends_on"] == "2026-06-28"
    assert found["primary"] == {
        "metric": "complaints_per_letter",
        "margin": -0.05,
        "direction": "down",
    }
    plain = evidence(report(FakeExperimentReader(ROWS), SERVICE, on_day(20)))
    assert plain["definition"]["is_default"] is True


def test_the_daily_series_ends_with_the_numbers_of_the_report():
    found = values(20)
    last = found["daily"][-1]
    assert len(found["daily"]) == found["day"] == 19
    assert last["lift"] == found["lift"]
    assert last["p_margin"] == found["p_margin"]
    assert last["fixed"]["low"] == found["fixed"]["low"]
    assert last["always_valid"]["high"] == found["always_valid"]["high"]
    assert found["daily"][0]["always_valid"]["low"] is None


def test_segments_and_guardrails_carry_their_numbers():
    found = values(20)
    (segment,) = found["segments"]
    assert (segment["dimension"], segment["value"]) == ("platform", "web")
    assert segment["lift"] == found["lift"]
    first = found["guardrails"][0]
    assert first["metric"] == "sessions_per_user"
    assert first["state"] in {"held", "open"}
    assert first["margin"] == -0.01
