"""What each release cost."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from core.ports import Release
from core.reliability import ReliabilityReport, report
from core.timeframe import DAY, Window
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, outage, release, slowness, steady


def seen(rows: Sequence[Row], *deployed: Release, minute: int = 600) -> ReliabilityReport:
    reader = FakeReliabilityReader(rows, deployed=deployed)
    return report(reader, SERVICE, Window.parse("3d"), at(minute))


def both_versions(start: int = -60, end: int = 600) -> list[Row]:
    return [
        *steady(start, end, version="v1"),
        *steady(0, end, 100, errors=1, slow=2, version="v2", instances=("b",)),
    ]


def test_a_release_is_charged_with_the_bad_letters_of_its_version():
    found = seen(both_versions(), release(0, "v2"))
    (cost,) = found.releases
    assert cost.bad == {"availability": 600, "latency": 1_200}
    assert cost.until == at(600)
    assert cost.share["availability"] == 600 / found.slis["availability"].period.allowed
    assert cost.share["availability"] == Fraction(600 * 10_000, 660 * 1_000 + 600 * 100)


def test_a_canary_is_charged_until_its_version_goes_everywhere():
    found = seen(both_versions(), release(0, "v2", "canary"), release(60, "v2"))
    assert [(cost.release.stage, cost.bad["availability"]) for cost in found.releases] == [
        ("canary", 60),
        ("production", 540),
    ]


def test_a_release_is_charged_until_it_is_rolled_back():
    found = seen(both_versions(), release(0, "v2"), release(90, "v2", "rolled_back"))
    assert [(cost.until, cost.bad["availability"]) for cost in found.releases] == [(at(90), 90)]


def test_another_version_does_not_end_the_charge():
    found = seen(both_versions(), release(0, "v2"), release(90, "v3"))
    assert [cost.bad["availability"] for cost in found.releases] == [600, 0]


def test_a_release_is_charged_for_one_day():
    rows = steady(0, 1_500, errors=1, version="v2")
    (cost,) = seen(rows, release(0, "v2"), minute=1_500).releases
    assert cost.until == at(0) + DAY
    assert cost.bad["availability"] == 1_440


@pytest.mark.parametrize("stage", ["shadow", "retired", "rolled_back"])
def test_what_carries_no_letters_of_users_is_not_charged(stage: str):
    assert seen(both_versions(), release(0, "v2", stage)).releases == ()


def test_a_release_within_a_minute_is_charged_from_that_minute():
    (cost,) = seen(both_versions(), release(9.5, "v2")).releases
    assert cost.bad["availability"] == 591


def test_a_release_of_this_minute_is_not_charged_yet():
    assert seen(both_versions(), release(600, "v2")).releases == ()
    assert seen(both_versions(), release(600.5, "v2")).releases == ()


def test_a_release_after_as_of_is_not_known():
    assert seen(both_versions(), release(700, "v2")).releases == ()


def test_a_release_that_costs_nothing_says_so():
    (cost,) = seen(steady(-60, 600, version="v2"), release(0, "v2")).releases
    assert cost.bad == {"availability": 0, "latency": 0}
    assert cost.share == {"availability": 0, "latency": 0}


def test_without_letters_in_the_period_a_release_has_no_share():
    (cost,) = seen(steady(-60, 600, letters=0), release(0, "v1")).releases
    assert cost.share == {"availability": 0, "latency": 0}


def test_a_slow_release_costs_latency_and_no_availability():
    rows = [*steady(-60, 0), *slowness(steady(0, 600, version="v2"), 0, 20)]
    (cost,) = seen(rows, release(0, "v2")).releases
    assert cost.bad == {"availability": 0, "latency": 20_000}


def test_an_outage_of_the_version_before_is_not_charged():
    rows = [*outage(steady(-60, 300, version="v1"), 0, 20), *steady(0, 600, version="v2")]
    (cost,) = seen(rows, release(0, "v2")).releases
    assert cost.bad["availability"] == 0
