"""Burning budgets: the sentence for who is woken by it, and where it says that the fault is."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from core.alerts.checks.slo import burn
from core.alerts.inputs import Inputs
from core.alerts.parameters import POLICY_NAMES, Burn
from core.alerts.serving import serving
from core.ports import Release
from core.ports.alerts import Signal
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, outage, release, slowness, steady
from tests.fakes_alerts import rule_named

DCS = ("dc1", "dc2", "dc3")


def signals(
    rows: Sequence[Row], minute: float, releases: Sequence[Release] = (), sli: str = "availability"
) -> dict[str, Signal]:
    """What the rule says by policy."""
    reader = FakeReliabilityReader(rows, (), releases)
    inputs = Inputs(SERVICE, at(minute), serving=serving(reader, SERVICE, at(minute)))
    rule = rule_named(f"slo-{sli}")
    answer = burn(rule, Burn(sli, POLICY_NAMES), inputs)
    assert answer.complete
    return {one.labels["policy"]: one for one in answer.signals}


def versions(start: int, change: int, end: int) -> list[Row]:
    """Version 40 before a minute, 41 from it on, in three datacenters."""
    return [
        *steady(start, change, datacenters=DCS, version="40"),
        *steady(change, end, datacenters=DCS, version="41"),
    ]


def test_the_sentence_says_how_fast_since_when_where_since_which_release_and_how_long_it_lasts():
    rows = outage(versions(-120, -8, 30), 0, 30, share=Fraction(2, 100), datacenter="dc2")
    told = signals(rows, 14, [release(-8, "41")])["page_fast"]
    # 14 minutes of 20 bad letters among the 180,000 of the last hour.
    assert told.value == pytest.approx(280 / 180_000 * 10_000)
    assert told.where == ("dc2",)
    assert told.sentence == (
        "Availability of newsletters burns 15.6 times too fast since 12:12 UTC, dc2 only, "
        "since release 41; the 30-day budget is spent"
    )
    assert told.severity == "page"
    assert told.threshold == 14.4
    assert told.evidence["release"] == "41@-8"


def test_how_long_the_budget_lasts_is_told_from_the_last_hour():
    # 29 days of letters before: the budget of the period is nearly whole.
    rows = outage(steady(-120, 30), 0, 30, share=Fraction(2, 100))
    big = steady(-28_000, -27_999, 40_000_000)
    told = signals([*big, *rows], 10)["page_fast"]
    assert told.active
    # 200 bad of 40,130,000 letters: 4,013 allowed. 200 of the last hour's 60,000 burn 33.4 times.
    assert told.sentence.endswith("; the budget lasts 20 hours")
    assert told.evidence["budget_lasts_seconds"] == int(
        (1 - Fraction(200, 4_013)) * 30 * 86_400 / Fraction(200 * 10_000, 60_000)
    )


def test_a_time_of_another_day_has_its_date():
    """The fifth minute of 2 % makes it 100 of the hour's 60,000: 16.7 times too fast."""
    rows = outage(steady(-1_000, 30), -900, 30, share=Fraction(2, 100))
    told = signals(rows, 10)["page_fast"]
    assert "since 31 May 2026 21:04 UTC" in told.sentence


def test_a_fault_everywhere_names_no_place():
    told = signals(outage(steady(-120, 30, datacenters=DCS), 0, 30), 5)["page_fast"]
    assert told.where == ()
    assert "only" not in told.sentence


@pytest.mark.parametrize(("lost", "where"), [(80, ()), (90, ("dc2",))])
def test_a_place_with_less_than_nine_tenths_is_not_named(lost: int, where: tuple[str, ...]):
    """dc2 loses so many a minute; dc1 loses ten of 10,000, which the policy allows."""
    rows = [
        *outage(steady(-120, 30, 10_000), 0, 30, share=Fraction(1, 1_000)),
        *outage(steady(-120, 30, datacenters=("dc2",)), 0, 30, share=Fraction(lost, 1_000)),
    ]
    told = signals(rows, 29)["page_fast"]
    assert told.active
    assert told.where == where


def test_a_place_is_not_named_while_the_others_burn_too():
    """dc2 has 98 % of the bad letters, and the others still burn 50 times too fast."""
    rows = outage(steady(-120, 30, datacenters=DCS), 0, 30, share=Fraction(1), datacenter="dc2")
    for other in ("dc1", "dc3"):
        rows = outage(rows, 0, 30, share=Fraction(5, 1000), datacenter=other)
    assert signals(rows, 5)["page_fast"].where == ()


def test_the_only_place_there_is_is_no_place_to_name():
    told = signals(outage(steady(-120, 30), 0, 30), 5)["page_fast"]
    assert told.where == ()


def test_one_of_several_instances_is_named_with_its_datacenter():
    rows = steady(-120, 30, datacenters=("dc1", "dc2"), instances=("a", "b"))
    rows = [
        outage([one], 0, 30)[0] if (one.datacenter, one.instance) == ("dc2", "b") else one
        for one in rows
    ]
    assert signals(rows, 5)["page_fast"].where == ("dc2/b",)


def test_a_datacenter_is_named_where_several_of_its_instances_fail():
    rows = steady(-120, 30, datacenters=("dc1", "dc2"), instances=("a", "b"))
    told = signals(outage(rows, 0, 30, datacenter="dc2"), 5)["page_fast"]
    assert told.where == ("dc2",)
    assert ", dc2 only" in told.sentence


def test_a_canary_is_named_as_a_version():
    rows = [
        *steady(-120, 30, datacenters=DCS, version="40"),
        *steady(-60 * 30, 30, instances=("c",), version="41"),
    ]
    rows = [outage([one], 0, 30)[0] if one.model_version == "41" else one for one in rows]
    told = signals(rows, 5, [release(-60 * 30, "41", "canary")])["page_fast"]
    assert told.where == ("dc1/c", "41")
    # It went out more than an hour before: that is no coincidence any more.
    assert "since release" not in told.sentence


@pytest.mark.parametrize(
    ("releases", "named"),
    [
        ([release(-3, "41")], True),
        ([release(-59, "41")], True),
        ([release(-61, "41")], False),
        ([release(-3, "41", "shadow")], False),
        ([release(5, "41")], False),
        # Another one after it: which of the two is it?
        ([release(-30, "41"), release(-3, "42")], False),
    ],
)
def test_a_release_is_named_if_it_came_shortly_before_and_its_version_carries_the_fault(
    releases: list[Release], named: bool
):
    rows = outage(versions(-240, -100, 30), 0, 30)
    told = signals(rows, 8, releases)["page_fast"]
    assert ("since release 41" in told.sentence) is named


@pytest.mark.parametrize(("began", "permille", "minute"), [(-30, 2, 20), (-6, 4, 30)])
def test_a_release_into_a_fault_is_not_the_reason(began: int, permille: int, minute: int):
    """The fault is there from 27 minutes, or from three, before the release at -3."""
    rows = outage(versions(-240, -3, 60), began, 60, share=Fraction(permille, 1000))
    told = signals(rows, minute, [release(-3, "41")])["page_fast"]
    assert told.active
    assert "since release" not in told.sentence


def test_a_release_that_carries_little_of_the_fault_is_not_the_reason():
    """A canary of 41 came three minutes before; 40 fails as well, with twenty times the letters."""
    canary = steady(-3, 30, 50, instances=("c",), version="41")
    rows = outage([*steady(-120, 30, version="40"), *canary], 0, 30)
    told = signals(rows, 8, [release(-3, "41", "canary")])["page_fast"]
    assert told.active
    assert "since release" not in told.sentence


def test_slow_answers_are_told_as_latency():
    told = signals(slowness(steady(-120, 30), 0, 30), 3, sli="latency")["page_fast"]
    assert told.sentence.startswith("Latency of newsletters burns ")


def test_the_severity_is_the_policys():
    told = signals(steady(-120, 30), 5)
    assert {name: one.severity for name, one in told.items()} == {
        "page_fast": "page",
        "page_slow": "page",
        "ticket_day": "ticket",
        "ticket_slow": "ticket",
    }


def test_a_rule_may_name_some_policies():
    reader = FakeReliabilityReader(steady(-120, 30))
    inputs = Inputs(SERVICE, at(5), serving=serving(reader, SERVICE, at(5)))
    answer = burn(rule_named("slo-latency"), Burn("latency", ("page_fast",)), inputs)
    assert [one.labels for one in answer.signals] == [{"sli": "latency", "policy": "page_fast"}]
