"""The contract's score bins."""

import doctest
import math

import numpy as np
import pytest

from core.stats import scores


def test_doctests_hold() -> None:
    assert doctest.testmod(scores).failed == 0


def test_bins_agree_with_the_contract_formula_inside_bins() -> None:
    generator = np.random.default_rng(7)
    values = generator.uniform(0.00001, 0.99999, 50_000)
    exact = 10 * np.log(values / (1 - values))
    inside = np.abs(exact - np.rint(exact)) > 1e-9
    expected = np.floor(exact).clip(-100, 99)
    assert inside.sum() > 49_000
    np.testing.assert_array_equal(scores.score_bins(values)[inside], expected[inside])


def test_the_ends_are_clamped() -> None:
    assert scores.score_bins([0.0, 1e-300, 1 - 1e-16, 1.0]).tolist() == [-100, -100, 99, 99]


@pytest.mark.parametrize("number", range(-100, 100))
def test_a_lower_edge_belongs_to_its_bin_and_not_to_the_one_below(number: int) -> None:
    edge = scores.lower_edge(number)
    assert scores.score_bins(edge) == number
    if number > scores.LOWEST_BIN:
        assert scores.score_bins(math.nextafter(edge, 0)) == number - 1


def test_a_score_made_inside_a_bin_is_found_in_it() -> None:
    position = np.random.default_rng(3).uniform(0, 1, (40, 200))
    made = scores.score_at(scores.ALL_BINS, position)
    np.testing.assert_array_equal(
        scores.score_bins(made), np.broadcast_to(scores.ALL_BINS, made.shape)
    )


@pytest.mark.parametrize("bad", [-0.01, 1.01, float("nan")])
def test_a_score_outside_of_the_unit_interval_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="scores must lie in"):
        scores.score_bins([0.5, bad])


def test_a_bin_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="number == 100"):
        scores.lower_edge(100)
    with pytest.raises(ValueError, match="bins must lie in"):
        scores.score_at([-101], 0.5)
    with pytest.raises(ValueError, match="position must lie in"):
        scores.score_at([0], 1.0)
