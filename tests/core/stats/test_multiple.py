"""Holm's p-values against statsmodels, and how they behave."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from core.stats.multiple import each_alpha, holm
from tests.core.seeded import seeded


@seeded
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_those_of_statsmodels(p: list[float]):
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-9, atol=1e-12)


def test_holm_finds_at_least_what_bonferroni_finds():
    p = np.array([0.001, 0.009, 0.012, 0.04, 0.5])
    assert (holm(p) <= np.minimum(p * p.size, 1)).all()
    assert (holm(p) < 0.05).sum() > (p * p.size < 0.05).sum()


def test_a_comparison_that_could_not_be_made_does_not_count():
    assert holm([0.02, math.nan, 0.04]).tolist()[::2] == holm([0.02, 0.04]).tolist()
    assert math.isnan(holm([0.02, math.nan])[1])


def test_nothing_to_compare_is_nothing():
    assert holm([]).size == 0
    assert np.isnan(holm([math.nan])).all()


@pytest.mark.parametrize("wrong", [-0.1, 1.1])
def test_what_is_no_p_value_is_refused(wrong: float):
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        holm([0.5, wrong])
    with pytest.raises(ValueError, match=r"p\.shape"):
        holm([[0.5]])


def test_an_interval_of_several_gets_its_share_of_alpha():
    assert each_alpha(0.05, 1) == each_alpha(0.05, 0) == 0.05
    assert each_alpha(0.05, 5) == pytest.approx(0.01)
