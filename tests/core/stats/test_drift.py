"""Distances between score histograms, against scipy and numbers by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from core.stats.drift import jensen_shannon_distance, population_stability_index
from tests.core.seeded import seeded

COUNTS = st.lists(st.integers(0, 10**9), min_size=8, max_size=8).filter(any)


@seeded
@given(COUNTS, COUNTS)
def test_the_distance_is_scipys(now: list[int], reference: list[int]):
    found = float(jensen_shannon_distance(now, reference))
    assert found == pytest.approx(jensenshannon(now, reference, base=2), abs=1e-7)
    assert 0 <= found <= 1


def test_nothing_in_common_is_as_far_as_it_gets_and_the_same_is_no_distance():
    assert float(jensen_shannon_distance([9, 0], [0, 4])) == 1
    assert float(jensen_shannon_distance([9, 3], [90, 30])) == 0


def test_the_index_is_the_sum_over_groups_by_hand():
    now, reference = [1_000, 3_000, 6_000], [4_000, 4_000, 2_000]
    p = np.array([1_000.5, 3_000.5, 6_000.5]) / 10_001.5
    r = np.array([4_000.5, 4_000.5, 2_000.5]) / 10_001.5
    by_hand = ((p - r) * np.log(p / r)).sum()
    assert float(population_stability_index(now, reference)) == pytest.approx(by_hand, rel=1e-12)


def test_groups_hold_about_equally_many_letters_of_the_reference():
    """Two hundred bins in four groups: only moves between the groups count."""
    reference = np.ones(200)
    within, across = reference.copy(), reference.copy()
    within[:25], within[25:50] = 2, 0
    across[:50], across[50:100] = 2, 0
    assert float(population_stability_index(within, reference, groups=4)) == 0
    assert float(population_stability_index(across, reference, groups=4)) > 0.25


def test_an_emptied_group_is_far_and_not_infinite():
    found = float(population_stability_index([0, 100_000], [50_000, 50_000], groups=2))
    assert 0.25 < found < 10


@seeded
@given(COUNTS, COUNTS, st.integers(1, 30))
def test_the_index_is_never_negative_and_zero_for_the_same_letters(now, reference, groups: int):
    assert float(population_stability_index(now, reference, groups)) >= -1e-12
    assert float(population_stability_index(now, now, groups)) == 0


def test_chance_alone_is_no_drift():
    generator = np.random.default_rng(2)
    shares = np.exp(-0.5 * ((np.arange(200) - 90) / 30) ** 2)
    now, reference = generator.multinomial(20_000, shares / shares.sum(), size=2)
    assert float(population_stability_index(now, reference)) < 0.02


@pytest.mark.parametrize("distance", [population_stability_index, jensen_shannon_distance])
def test_an_empty_side_leaves_nothing_to_compare(distance):
    found = distance([[0, 0], [5, 5], [5, 5]], [[3, 3], [0, 0], [5, 5]])
    assert np.isnan(found).tolist() == [True, True, False]


@pytest.mark.parametrize("distance", [population_stability_index, jensen_shannon_distance])
def test_slices_at_once_are_the_slices_one_by_one(distance):
    generator = np.random.default_rng(8)
    now, reference = generator.integers(0, 50, (3, 4, 40)), generator.integers(0, 50, (4, 40))
    together = distance(now, reference)
    for at in np.ndindex(3, 4):
        assert float(together[at]) == pytest.approx(float(distance(now[at], reference[at[1]])))


@pytest.mark.parametrize("distance", [population_stability_index, jensen_shannon_distance])
@pytest.mark.parametrize("bad", [[-1, 2], [np.nan, 2]])
def test_what_are_no_counts_is_refused(distance, bad):
    with pytest.raises(ValueError, match="reference must be finite and not negative"):
        distance([1, 2], bad)


def test_no_groups_are_refused():
    with pytest.raises(ValueError, match="groups == 0, must be at least 1"):
        population_stability_index([1], [1], groups=0)
