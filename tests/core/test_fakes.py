"""The fakes count what they are given, and refuse what a real reader refuses."""

import numpy as np
import pytest

from core.ports import (
    GoalReader,
    Maintenance,
    OverviewReader,
    ProductSeries,
    ReliabilityReader,
    TableFreshness,
)
from core.timeframe import HOUR, MINUTE
from tests.fakes import (
    BEGIN,
    SERVICE,
    FakeGoalReader,
    FakeOverviewReader,
    FakeReliabilityReader,
    at,
    gap,
    goal,
    life,
    outage,
    release,
    row,
    slowness,
    steady,
)

READER: ReliabilityReader = FakeReliabilityReader(
    [
        row(0, 100, 10, 5),
        row(1, 200, version="v2"),
        row(1, 50, datacenter="dc2", instance="b"),
        row(130, 7),
        row(0, 10**6, service="spambase"),
    ],
    [life(0, 10)],
    [release(90, "v2"), release(0, "v1")],
    [Maintenance(at(5), at(10), "", "")],
)


@pytest.mark.parametrize("protocol", [ReliabilityReader, GoalReader, OverviewReader])
def test_a_fake_answers_every_question_of_its_protocol(protocol: type):
    fake = {
        ReliabilityReader: FakeReliabilityReader(),
        GoalReader: FakeGoalReader(),
        OverviewReader: FakeOverviewReader(),
    }[protocol]
    asked = [name for name in vars(protocol) if not name.startswith("_")]
    assert asked
    assert all(callable(getattr(fake, name)) for name in asked)


def test_minutes_are_counted_by_datacenter_with_gaps_as_zero():
    found = READER.minutes(SERVICE, at(0), at(3))
    assert found.datacenters == ("dc1", "dc2")
    assert found.rows.tolist() == [[1, 1, 0], [0, 1, 0]]
    assert found.letters.tolist() == [[100, 200, 0], [0, 50, 0]]
    assert found.errors.tolist() == [[10, 0, 0], [0, 0, 0]]
    assert found.slow.tolist() == [[5, 0, 0], [0, 0, 0]]


def test_a_trend_begins_at_a_multiple_of_its_step_and_is_cut_to_the_span():
    found = READER.trend(SERVICE, at(1), at(131), HOUR)
    assert found.times == (BEGIN, BEGIN + HOUR, BEGIN + 2 * HOUR)
    assert found.minutes.tolist() == [1, 0, 1]
    assert found.letters.tolist() == [250, 0, 7]
    assert found.cells.sum(axis=1).tolist() == [250, 0, 7]


@pytest.mark.parametrize(
    ("by", "letters"),
    [
        ("datacenter", {"dc1": 307, "dc2": 50}),
        ("instance", {"dc1/a": 307, "dc2/b": 50}),
        ("model_version", {"v1": 157, "v2": 200}),
    ],
)
def test_slices_are_sums_by_name(by: str, letters: dict[str, int]):
    found = READER.slices(SERVICE, at(0), at(131), by)
    assert {part.key: part.letters for part in found} == letters
    assert sum(int(part.cells.sum()) for part in found) == 357 - 10


def test_the_last_minutes_are_those_before_a_moment():
    assert READER.last_minutes(SERVICE, at(130)) == {("dc1", "a"): at(1), ("dc2", "b"): at(1)}
    assert READER.last_minutes(SERVICE, at(0)) == {}


def test_releases_and_maintenance_are_of_the_span():
    assert [one.model_version for one in READER.releases(SERVICE, at(0), at(91))] == ["v1", "v2"]
    assert READER.releases(SERVICE, at(1), at(90)) == ()
    assert len(READER.maintenance(SERVICE, at(9), at(20))) == 1
    assert READER.maintenance(SERVICE, at(10), at(20)) == ()


def test_another_service_is_told_nothing():
    assert READER.minutes("nobody", at(0), at(3)).datacenters == ()
    assert READER.lifetimes("nobody") == READER.releases("nobody", at(0), at(91)) == ()


@pytest.mark.parametrize(("start", "end"), [(3, 3), (3, 0), (0.5, 3), (0, 2.5)])
def test_what_is_no_span_is_refused(start: float, end: float):
    with pytest.raises(ValueError, match="must be whole minutes, start before end"):
        READER.minutes(SERVICE, at(start), at(end))


def test_an_outage_turns_letters_into_errors_and_out_of_the_histogram():
    rows = outage(steady(0, 4, 1_000), 1, 3)
    assert [one.errors for one in rows] == [0, 1_000, 1_000, 0]
    assert [int(one.latency.sum()) for one in rows] == [1_000, 0, 0, 1_000]


def test_slowness_moves_letters_past_20_ms():
    rows = slowness(steady(0, 3, 1_000, errors=100), 1, 2)
    assert [one.slow for one in rows] == [0, 900, 0]
    assert [int(one.latency[81:].sum()) for one in rows] == [0, 900, 0]
    assert all(one.latency.sum() == one.letters - one.errors for one in rows)


def test_a_gap_takes_rows_from_everyone_or_from_one():
    rows = steady(0, 3, datacenters=("dc1", "dc2"), instances=("a", "b"))
    assert len(gap(rows, 1, 2)) == 8
    assert len(gap(rows, 1, 2, datacenter="dc1")) == 10
    assert len(gap(rows, 1, 2, datacenter="dc1", instance="b")) == 11


def test_goals_with_criteria_come_first():
    kept = [goal(goal_id="bare", due_on=BEGIN.date())]
    assert FakeGoalReader(kept).goals(SERVICE)[0].goal_id == "bare"
    assert FakeGoalReader(kept).goals("nobody") == ()


def test_product_metrics_are_cut_to_the_days_that_were_asked_for():
    today = BEGIN.date()
    metric = ProductSeries("letters", (today,), (1.0,))
    reader = FakeOverviewReader(series=[metric])
    assert reader.product(SERVICE, today, today)[0].values == (1.0,)
    assert reader.services() == (SERVICE,)


def test_a_table_that_is_newer_than_as_of_is_the_tests_mistake():
    table = TableFreshness("serving_minute", at(1), None, MINUTE)
    with pytest.raises(ValueError, match="must not be newer than as_of"):
        FakeOverviewReader(tables=[table]).freshness(SERVICE, at(0))


def test_counts_are_integers():
    assert READER.minutes(SERVICE, at(0), at(3)).letters.dtype == np.int64
