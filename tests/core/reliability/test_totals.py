"""Letters, errors and slow letters of a stretch."""

from fractions import Fraction

import pytest

from core.reliability.totals import Totals, share_good, sli_counts
from tests.fakes import SERVICE, FakeReliabilityReader, at, steady


def test_totals_are_sums_of_slices():
    reader = FakeReliabilityReader(steady(0, 10, 100, 10, 5, datacenters=("dc1", "dc2")))
    parts = reader.slices(SERVICE, at(0), at(10), "datacenter")
    assert Totals.of(parts) == Totals(2_000, 200, 100)
    assert Totals.of(parts) - Totals.of(parts[:1]) == Totals.of(parts[1:])


def test_the_sum_of_nothing_is_nothing():
    assert Totals.of(()) == Totals(0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "counts", "good"),
    [
        ("availability", (200, 1_000), Fraction(800, 1_000)),
        ("latency", (8, 800), Fraction(792, 800)),
    ],
)
def test_latency_is_about_answered_letters(kind: str, counts: tuple[int, int], good: Fraction):
    assert sli_counts(kind, letters=1_000, errors=200, slow=8) == counts
    assert Totals(1_000, 200, 8).good(kind) == good


@pytest.mark.parametrize("kind", ["availability", "latency"])
def test_without_letters_there_is_no_share(kind: str):
    assert Totals(0, 0, 0).good(kind) is None
    assert share_good(0, 0) is None
