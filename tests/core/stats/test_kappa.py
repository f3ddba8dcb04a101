"""Agreement of two classifiers, against hand-made tables, a peer, and by simulation."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from core.stats.kappa import agreement, kappa, more_positive, pooled, second_alone

SEED = 20261126


def test_ninety_six_percent_alike_can_be_less_than_chance():
    table = [0, 2, 2, 96]
    assert float(agreement(table)) == 0.96
    assert float(kappa(table)) == pytest.approx(-0.0204, abs=1e-4)


def test_kappa_is_what_scikit_learn_computes():
    draw = np.random.default_rng(SEED)
    for _ in range(20):
        first = draw.random(300) < 0.3
        second = np.where(draw.random(300) < 0.85, first, ~first)
        table = [
            int((first & second).sum()),
            int((first & ~second).sum()),
            int((~first & second).sum()),
            int((~first & ~second).sum()),
        ]
        assert float(kappa(table)) == pytest.approx(cohen_kappa_score(first, second))


def test_tables_of_billions_do_not_overflow():
    a, b, c, d = 4_331_573_809, 73_945_797, 140_331_233, 5_889_122_793  # whole numbers: exact
    exact = Fraction(2 * (a * d - b * c), (a + b) * (b + d) + (a + c) * (c + d))
    assert float(kappa([a, b, c, d])) == pytest.approx(float(exact), rel=1e-12)


def test_what_always_goes_one_way_has_no_kappa():
    assert np.isnan(kappa([0, 0, 0, 100]))
    found = pooled([[0, 0, 0, 100]] * 6, kappa, (-1, 1))
    assert (found.value, found.low, found.high) == (None, None, None)


def test_the_direction_of_what_differs_is_held_against_one_half():
    table = [50, 10, 30, 10]
    assert float(second_alone(table)) == 0.75
    assert float(more_positive(table)) == 0.2
    assert np.isnan(second_alone([1, 0, 0, 1]))


def test_few_blocks_have_a_value_and_no_interval():
    found = pooled([[40, 5, 5, 50]] * 4, agreement, (0, 1))
    assert (found.value, found.low, found.high, found.blocks) == (0.9, None, None, 4)


def test_blocks_without_anything_are_no_blocks():
    found = pooled([[40, 5, 5, 50]] * 4 + [[0, 0, 0, 0]], agreement, (0, 1))
    assert found.blocks == 4


def test_an_interval_stays_within_its_bounds():
    found = pooled([[50, 0, 0, 50]] * 5 + [[48, 2, 2, 48]], agreement, (0, 1))
    assert found.value is not None
    assert found.high == 1.0
    assert found.low is not None
    assert found.low < found.value


@pytest.mark.parametrize(("statistic", "bounds"), [(agreement, (0, 1)), (kappa, (-1, 1))])
def test_intervals_cover_what_days_have_in_common(statistic, bounds):
    """Days that differ more than independent letters: 7 and 28 of them, 600 runs each."""
    draw = np.random.default_rng(SEED)
    base = np.array([0.40, 0.01, 0.02, 0.57])
    truth = float(statistic(np.round(base * 1_000_000)))
    for days in (7, 28):
        hits = 0
        for _ in range(600):
            shares = draw.dirichlet(base * 2_000, size=days)
            tables = draw.poisson(shares * draw.uniform(50_000, 150_000, (days, 1)))
            found = pooled(tables, statistic, bounds)
            assert found.low is not None
            assert found.high is not None
            hits += found.low <= truth <= found.high
        assert 0.91 <= hits / 600 <= 0.98, days


def test_independent_letters_would_claim_too_much_of_such_days():
    """Why whole days are left out: the binomial interval covers far less often than it says."""
    draw = np.random.default_rng(SEED)
    base = np.array([0.40, 0.01, 0.02, 0.57])
    truth, hits = 0.97, 0
    for _ in range(300):
        tables = draw.poisson(draw.dirichlet(base * 2_000, size=7) * 100_000)
        whole = tables.sum(axis=0)
        value, total = float(agreement(whole)), whole.sum()
        half = 1.96 * float(np.sqrt(value * (1 - value) / total))
        hits += value - half <= truth <= value + half
    assert hits / 300 < 0.5


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="cells"):
        agreement([1, 2, 3])
    with pytest.raises(ValueError, match="must not be below 0"):
        kappa([1, -2, 3, 4])
    with pytest.raises(ValueError, match="blocks"):
        pooled([1, 2, 3, 4], kappa, (-1, 1))
    with pytest.raises(ValueError, match="confidence"):
        pooled([[1, 2, 3, 4]], kappa, (-1, 1), confidence=1)
