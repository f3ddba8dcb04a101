"""Load: what came, what was carried within the SLO, and what is left without a datacenter."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from core.reliability.load import Carried, Headroom, Load, load
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, gap, outage, row, slowness, steady

FOUR_NINES = Fraction(9_999, 10_000)
THREE = ("dc1", "dc2", "dc3")


def found(rows: Sequence[Row], first: int = 0, last: int = 60) -> Load:
    grid = FakeReliabilityReader(rows).minutes(SERVICE, at(first), at(last))
    return load(grid, FOUR_NINES, FOUR_NINES)


def test_the_mean_and_the_peak_are_letters_a_minute_over_minutes_with_rows():
    rows = [*steady(0, 30, 1_000_000), row(45, 2_000_000)]
    of = found(rows)
    assert of.mean_rpm == Fraction(32_000_000, 31)
    assert (of.peak_rpm, of.peak_at) == (2_000_000, at(45))


def test_the_peak_of_a_minute_is_the_sum_of_its_datacenters():
    assert found(steady(0, 60, 700, datacenters=THREE, instances=("a", "b"))).peak_rpm == 4_200


def test_a_load_is_carried_when_it_is_held_for_five_minutes():
    rows = [*steady(0, 30, 1_000), *steady(30, 35, 2_000), *steady(35, 60, 1_000)]
    assert found(rows).carried == Carried(2_000, at(30))


def test_four_minutes_at_a_load_do_not_carry_it():
    rows = [*steady(0, 30, 1_000), *steady(30, 34, 2_000), *steady(34, 60, 1_000)]
    assert found(rows).carried == Carried(1_800, at(29))


def test_a_mean_of_five_minutes_is_cut_to_a_whole_letter():
    rows = [row(0, 10), row(1, 10), row(2, 10), row(3, 10), row(4, 14)]
    assert found(rows).carried == Carried(10, at(0))


@pytest.mark.parametrize("harm", [outage, slowness], ids=["errors", "slow answers"])
def test_a_higher_load_that_was_offered_and_not_held_is_named(harm):
    """2 in 10,000 fail at 2M: one such minute of five is 400 bad of 600 allowed, two 800 of 700."""
    rows = [*steady(0, 30, 1_000_000), *steady(30, 60, 2_000_000)]
    of = found(harm(rows, 30, 60, share=Fraction(2, 10_000)))
    assert of.carried is not None
    assert of.carried.rpm == 1_200_000
    assert of.first_failed_rpm == 1_400_000


def test_bad_letters_within_the_slo_do_not_fail_a_load():
    rows = outage(steady(0, 10, 1_000_000), 0, 10, share=Fraction(1, 10_000))
    assert found(rows).carried == Carried(1_000_000, at(0))
    worse = [*rows[:-1], row(9, 1_000_000, 101)]
    assert found(worse).carried == Carried(1_000_000, at(0))
    assert found(worse).mean_rpm_within_slo == 900_000


def test_the_latency_of_a_load_is_about_its_answered_letters():
    """100 slow of a million letters are the SLO; of the 999,900 that were answered they are not."""
    held = [row(minute, 1_000_000, 0, 100) for minute in range(5)]
    assert found(held).carried == Carried(1_000_000, at(0))
    assert found([row(minute, 1_000_000, 100, 100) for minute in range(5)]).carried is None


def test_a_lower_load_that_failed_does_not_bound_a_higher_one_that_held():
    rows = outage([*steady(0, 30, 500), *steady(30, 60, 1_000)], 5, 25)
    assert found(rows).first_failed_rpm is None


def test_minutes_outside_of_the_slo_count_as_time_and_carry_nothing():
    rows = outage(steady(0, 60, 1_000_000), 10, 25)
    assert found(rows).mean_rpm == 1_000_000
    assert found(rows).mean_rpm_within_slo == 750_000


def test_five_minutes_across_a_gap_carry_nothing():
    rows = gap(steady(0, 9), 4, 5)
    of = found(rows)
    assert of.carried is None
    assert of.first_failed_rpm is None
    assert of.mean_rpm == 1_000


def test_minutes_without_letters_carry_no_load():
    of = found(steady(0, 60, letters=0))
    assert (of.mean_rpm, of.peak_rpm, of.carried) == (0, 0, None)


@pytest.mark.parametrize("minutes", [1, 4])
def test_fewer_than_five_minutes_carry_nothing(minutes: int):
    of = found(steady(0, minutes), last=minutes)
    assert of.carried is None
    assert of.peak_rpm == 1_000


def test_without_rows_nothing_is_known_of_the_load():
    assert found([]) == Load(None, None, None, None, None, None, {}, ())
    assert found([]).worst_loss is None


class TestHeadroom:
    """What is left if one datacenter is lost."""

    rows = (
        *steady(0, 60, 500, datacenters=("dc1",)),
        *steady(0, 30, 300, datacenters=("dc2",)),
        *steady(30, 60, 800, datacenters=("dc2",)),
        *steady(0, 60, 400, datacenters=("dc3",)),
    )

    def test_each_datacenter_is_held_to_its_own_five_minutes(self):
        of = found(self.rows)
        assert {name: one and one.rpm for name, one in of.by_datacenter.items()} == {
            "dc1": 500,
            "dc2": 800,
            "dc3": 400,
        }

    def test_the_others_carry_what_they_have_carried(self):
        assert found(self.rows).headroom == (
            Headroom("dc1", 1_200, 1_700),
            Headroom("dc2", 900, 1_700),
            Headroom("dc3", 1_300, 1_700),
        )

    def test_the_worst_loss_leaves_the_least(self):
        worst = found(self.rows).worst_loss
        assert worst is not None
        assert worst.lost == "dc2"
        assert not worst.enough

    def test_as_much_as_the_peak_is_enough(self):
        assert Headroom("dc1", 1_700, 1_700).enough

    def test_a_datacenter_that_held_nothing_leaves_nothing(self):
        of = found(outage(self.rows, 0, 60, datacenter="dc2"))
        assert of.by_datacenter["dc2"] is None
        assert of.headroom[0] == Headroom("dc1", 400, 1_700)

    def test_one_datacenter_alone_has_no_headroom(self):
        assert found(steady(0, 60)).headroom == ()
