"""Errors, load, traffic that vanished: counts out of their range."""

from dataclasses import replace
from fractions import Fraction

import pytest

from core.alerts.checks.counters import errors, load, traffic_vanished
from core.alerts.inputs import Inputs
from core.alerts.parameters import Errors, Load, Vanished
from core.alerts.serving import Carried, carried, serving
from core.ports.alerts import Signal
from core.timeframe import DAY, MINUTE
from tests.fakes import (
    SERVICE,
    FakeReliabilityReader,
    at,
    gap,
    life,
    outage,
    slowness,
    steady,
)
from tests.fakes_alerts import GridReader, failing, rule_named, steady_grid

ONE_PERCENT = Errors(5 * MINUTE, 0.01, 10)


def looked(reader: FakeReliabilityReader | GridReader, minute: float, **more: object) -> Inputs:
    seen = serving(reader, SERVICE, at(minute))
    return Inputs(SERVICE, at(minute), serving=seen, **more)  # type: ignore[arg-type]


def error_signal(reader: FakeReliabilityReader, asked: Errors = ONE_PERCENT) -> Signal:
    (found,) = errors(rule_named("errors"), asked, looked(reader, 0)).signals
    return found


def failed(share: Fraction, letters: int = 1_000) -> FakeReliabilityReader:
    return FakeReliabilityReader(outage(steady(-60, 0, letters), -5, 0, share=share))


@pytest.mark.parametrize(("permille", "active"), [(10, False), (11, True)])
def test_more_than_the_share_is_too_many_and_exactly_the_share_is_not(permille: int, active: bool):
    found = error_signal(failed(Fraction(permille, 1000)))
    assert found.active is active
    assert found.evidence == {"errors": 5 * permille, "letters": 5_000}


def test_the_share_of_errors_is_cut_to_the_side_that_flatters_less():
    said = error_signal(failed(Fraction(11, 1000))).sentence
    assert (
        said == "1.10 % of letters of newsletters got no answer in the last 5 minutes: 55 of 5,000"
    )


def test_a_few_errors_on_a_thin_service_are_chance():
    assert error_signal(failed(Fraction(1, 2), letters=2)).active is False


def test_a_gap_is_unknown():
    reader = FakeReliabilityReader(gap(steady(-60, 0), -4, -1))
    assert error_signal(reader).active is None


def test_missing_letters_that_could_decide_make_it_unknown():
    """One of two instances is late by two minutes; its letters could be bad."""
    rows = gap(steady(-60, 0, instances=("a", "b")), -2, 0, instance="b")
    lives = [life(-60, 0), life(-60, 0, instance="b")]
    assert error_signal(FakeReliabilityReader(rows, lives)).active is None
    # Without anybody who should have written them there are no such letters.
    assert error_signal(FakeReliabilityReader(rows)).active is False


def load_signal(
    grid: GridReader | FakeReliabilityReader, rpm: int | None, minute: float = 0
) -> Signal:
    inputs = looked(grid, minute, carried=Carried(rpm, at(-60)))
    (found,) = load(rule_named("load"), Load(1.0), inputs).signals
    return found


SLOW = FakeReliabilityReader(slowness(steady(-60, 0, 2_000), -5, 0, share=Fraction(1, 100)))


@pytest.mark.parametrize(("rpm", "active"), [(1_999, True), (2_000, False), (None, None)])
def test_load_above_what_was_carried_is_told_while_it_is_not_carried(
    rpm: int | None, active: bool | None
):
    found = load_signal(SLOW, rpm)
    assert found.active is active
    if active:
        assert found.sentence == (
            "newsletters gets 2k letters a minute; the highest load carried within the SLO is 1.99k"
        )


def test_a_load_that_holds_within_the_objectives_is_carried():
    assert load_signal(FakeReliabilityReader(steady(-60, 0, 2_000)), 1_000).active is False


def test_a_factor_draws_the_line_earlier():
    inputs = looked(SLOW, 0, carried=Carried(2_400, at(-60)))
    (found,) = load(rule_named("load"), Load(0.8), inputs).signals
    assert found.active is True


def test_the_highest_load_carried_is_looked_for_in_thirty_days():
    grid = steady_grid(-10, 100, letters=700)
    assert carried(grid, SERVICE, at(60)) == Carried(700, at(60))
    assert carried(failing(grid, -10, 100, 5), SERVICE, at(60)).rpm is None


TENTH = Vanished(10 * MINUTE, 0.1, 100)
DAYS = -3 * DAY // MINUTE


def traffic(grid: GridReader, minute: int, asked: Vanished = TENTH) -> Signal:
    (found,) = traffic_vanished(rule_named("traffic-vanished"), asked, looked(grid, minute)).signals
    return found


def with_letters(first: int, end: int, letters: int) -> GridReader:
    grid = steady_grid(DAYS, 60)
    grid.letters[:, first - DAYS : end - DAYS] = letters
    return grid


@pytest.mark.parametrize(("letters", "active"), [(100, False), (99, True), (0, True)])
def test_traffic_below_a_tenth_of_the_days_before_vanished(letters: int, active: bool):
    found = traffic(with_letters(0, 60, letters), 10)
    assert found.active is active
    assert found.threshold == 1_000
    assert f"got {letters * 10:,} letters in the last 10 minutes" in found.sentence
    assert "usual at this time: 10,000" in found.sentence


def test_a_service_without_rows_is_unknown_and_not_without_traffic():
    assert traffic(steady_grid(DAYS, 60).without(5, 60), 20).active is None


def test_what_is_always_little_cannot_vanish():
    grid = steady_grid(DAYS, 60, letters=9)
    grid.letters[:, -DAYS:] = 0
    assert traffic(grid, 10).active is False


def test_without_an_earlier_day_nothing_is_usual():
    assert traffic(steady_grid(-600, 60), 10).active is None


def test_a_gap_on_an_earlier_day_is_left_out():
    day = DAY // MINUTE
    grid = with_letters(0, 60, 50).without(-day + 2, -day + 5)
    assert traffic(grid, 10).evidence["usual"] == 10_000


def half_missing(grid: GridReader, minutes: int) -> GridReader:
    """The second datacenter's last rows before minute 0 lack, though its heart beats."""
    written = grid.written.copy()
    written[1, -grid.first - minutes : -grid.first] = False
    lives = [life(grid.first, 0, datacenter=name) for name in grid.names]
    return replace(grid, written=written, lives=lives)


def test_traffic_that_missing_rows_may_hold_is_unknown():
    """1,800 letters are there and 600 may lie in missing rows; a tenth of the usual is 2,000."""
    grid = steady_grid(DAYS, 10, datacenters=2)
    grid.letters[:, -DAYS - 10 :] = 120
    late = half_missing(grid, 5)
    assert traffic(late, 0).active is None
    assert traffic(replace(late, lives=()), 0).active is True


def test_load_that_missing_rows_may_hold_is_unknown():
    """8,080 letters in five minutes are there and 2,020 may be missing; 10,000 were carried."""
    grid = steady_grid(-60, 10, 1_010, 2)
    slow = half_missing(replace(grid, slow=grid.slow + 20), 2)
    assert load_signal(slow, 2_000).active is None
    assert load_signal(replace(slow, lives=()), 2_000).active is False
