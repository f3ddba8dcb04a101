"""Stretches in which something was wrong, and what each cost."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from core.reliability import report
from core.reliability.episodes import KEPT, Episode, episodes
from core.timeframe import Span, Window
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, gap, outage, slowness, steady

THREE = ("dc1", "dc2", "dc3")


def found(rows: Sequence[Row], last: int = 120) -> tuple[Episode, ...]:
    return report(FakeReliabilityReader(rows), SERVICE, Window.parse("2h"), at(last)).episodes


def everywhere() -> list[Row]:
    return steady(-120, 120, 1_000, datacenters=THREE)


def test_a_lost_datacenter_is_named():
    (episode,) = found(outage(everywhere(), 10, 16, datacenter="dc2"))
    assert (episode.kind, episode.where) == ("availability", "dc2")
    assert episode.span == Span(at(10), at(16))
    assert episode.bad == 6_000
    assert episode.share == Fraction(6_000, 720_000) * 10_000


def test_an_outage_everywhere_names_no_datacenter():
    (episode,) = found(outage(everywhere(), 10, 16))
    assert episode.where == ""
    assert episode.bad == 18_000


@pytest.mark.parametrize(("elsewhere", "where"), [(Fraction(1, 8), "dc2"), (Fraction(1, 7), "")])
def test_four_fifths_of_the_bad_letters_name_a_datacenter(elsewhere: Fraction, where: str):
    rows = outage(everywhere(), 10, 16, datacenter="dc2")
    for other in ("dc1", "dc3"):
        rows = outage(rows, 10, 16, datacenter=other, share=elsewhere)
    (episode,) = found(rows)
    assert episode.where == where


def test_a_service_of_one_datacenter_names_none():
    (episode,) = found(outage(steady(-120, 120), 10, 16))
    assert episode.where == ""


@pytest.mark.parametrize(("again", "number"), [(15, 1), (16, 2)])
def test_bad_minutes_five_apart_are_one_episode_and_six_apart_are_two(again: int, number: int):
    rows = outage(outage(everywhere(), 10, 11), again, again + 1)
    spans = [episode.span for episode in found(rows)]
    assert len(spans) == number
    assert spans[0].start == at(10)
    assert spans[-1].end == at(again + 1)


def test_slow_answers_are_an_episode_of_their_own():
    (episode,) = found(slowness(everywhere(), 10, 16, datacenter="dc3"))
    assert (episode.kind, episode.where, episode.bad) == ("latency", "dc3", 6_000)


def test_a_minute_at_exactly_the_fastest_policys_burn_is_not_bad():
    steady_burn = steady(-120, 120, 100_000, 144)
    assert found(steady_burn) == ()
    assert len(found(steady(-120, 120, 100_000, 145))) == 1


def test_a_thin_minute_is_not_an_episode():
    assert found(outage(steady(-120, 120, 9), 10, 11)) == ()
    assert len(found(outage(steady(-120, 120, 10), 10, 11))) == 1


def test_a_gap_is_missing_and_costs_nothing_that_is_known():
    (episode,) = found(gap(everywhere(), 30, 40))
    assert episode == Episode("missing", Span(at(30), at(40)), "", 0, Fraction(0))


def test_a_datacenter_that_is_missing_is_no_gap():
    assert found(gap(everywhere(), 30, 40, datacenter="dc1")) == ()


def test_an_outage_between_gaps_keeps_the_order_of_time():
    rows = gap(gap(outage(everywhere(), 30, 35), 10, 20), 50, 60)
    kinds = [(episode.kind, episode.span.start) for episode in found(rows)]
    assert kinds == [("missing", at(10)), ("availability", at(30)), ("missing", at(50))]


def test_the_costliest_are_kept():
    rows = everywhere()
    for number in range(30):
        rows = outage(rows, -116 + 7 * number, -115 + 7 * number, share=Fraction(number + 10, 100))
    grid = FakeReliabilityReader(rows).minutes(SERVICE, at(-120), at(120))
    objectives = dict.fromkeys(("availability", "latency"), Fraction(9_999, 10_000))
    allowed = dict.fromkeys(objectives, Fraction(72))
    kept = episodes(grid, np.zeros(240, dtype=bool), objectives, allowed)
    assert len(kept) == KEPT == 20
    assert [episode.bad for episode in kept] == [30 * (number + 10) for number in range(10, 30)]


def test_without_a_budget_an_episode_has_no_share():
    grid = FakeReliabilityReader(outage(everywhere(), 10, 12)).minutes(SERVICE, at(0), at(60))
    objectives = dict.fromkeys(("availability", "latency"), Fraction(9_999, 10_000))
    (episode,) = episodes(
        grid, np.zeros(60, dtype=bool), objectives, dict.fromkeys(objectives, Fraction(0))
    )
    assert episode.share == 0


def test_an_episode_that_began_before_the_window_is_cut_to_it():
    (episode,) = found(outage(everywhere(), -10, 10))
    assert episode.span == Span(at(0), at(10))
