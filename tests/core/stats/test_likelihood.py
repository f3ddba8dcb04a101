"""Profile likelihood bounds, against brute force that knows nothing of how they are found."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit, xlog1py, xlogy

from core.stats.likelihood import Ratio, bound
from core.stats.measures import MEASURES, Measure
from core.stats.strata import Strata

Z = 1.959963984540054


def ratio_of(measure: Measure, letters, labels, positives, decided) -> Ratio:
    size, n, k = (np.asarray(column, dtype=float) for column in (letters, labels, positives))
    top_0, top, bottom_0, bottom = measure.coefficients(size, np.asarray(decided, dtype=bool))
    return Ratio(top, bottom, top_0.sum(-1), bottom_0.sum(-1), n, k)


def brute_force(ratio: Ratio, sign: int) -> float:
    """The extreme of the ratio where the likelihood allows it, by steps in the shares' logits.

    From several starts, since a step may run into a corner.
    """
    share = ratio.k / ratio.n

    def distance(q):
        back = xlogy(ratio.k, share) + xlog1py(ratio.n - ratio.k, -share)
        return 2 * (back - xlogy(ratio.k, q) - xlog1py(ratio.n - ratio.k, -q)).sum()

    inside = (0.5 + ratio.k) / (1 + ratio.n)
    found = []
    for mixed in (0.02, 0.2, 0.6, 0.95):
        done = minimize(
            lambda x: -sign * float(ratio.value(expit(x))),
            logit((1 - mixed) * np.clip(share, 1e-9, 1 - 1e-9) + mixed * inside),
            method="SLSQP",
            bounds=[(-25, 25)] * len(share),
            constraints={"type": "ineq", "fun": lambda x: Z**2 - distance(expit(x))},
            options={"maxiter": 1_000, "ftol": 1e-14},
        )
        end = expit(done.x)
        # A step may end a little outside: back along the line to the most likely shares, until
        # the likelihood allows it.
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            allowed = distance(share + middle * (end - share)) <= Z**2
            low, high = (middle, high) if allowed else (low, middle)
        found.append(float(ratio.value(share + low * (end - share))))
    return max(found, key=lambda value: sign * value)


CASES = {
    "two strata": ([500, 9_500], [80, 120], [78, 6], [1, 0]),
    "three strata, one clean": ([300, 200, 9_500], [40, 60, 120], [40, 57, 6], [1, 1, 0]),
    "four strata": ([300, 200, 500, 9_000], [40, 60, 50, 90], [39, 55, 12, 1], [1, 1, 0, 0]),
    "a giant one without a positive label": (
        [600, 400, 90_000],
        [50, 50, 200],
        [49, 9, 0],
        [1, 0, 0],
    ),
    "few labels": ([600, 400], [4, 5], [3, 1], [1, 0]),
}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("sign", [-1, 1], ids=["low", "high"])
def test_a_bound_is_the_extreme_that_the_likelihood_allows(measure: Measure, case, sign: int):
    ratio = ratio_of(measure, *case)
    found = float(bound(ratio, Z, np.asarray(float(sign))))
    assert found == pytest.approx(brute_force(ratio, sign), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(("n", "k"), [(30, 30), (300, 0), (300, 297), (40_000, 39_600), (1, 1)])
def test_one_stratum_is_the_binomial(n: int, k: int):
    """With one stratum the bound solves D(q) = z^2, or is the end of the scale."""
    one, nothing = np.ones(1), np.zeros(())
    ratio = Ratio(one, 0 * one, nothing, nothing + 1, one * n, one * k)
    for sign in (-1.0, 1.0):
        q = float(bound(ratio, Z, nothing + sign))
        if k == (0 if sign < 0 else n):
            assert q == k / n
        else:
            back = xlogy(k, k / n) + xlog1py(n - k, -k / n)
            assert 2 * (back - xlogy(k, q) - xlog1py(n - k, -q)) == pytest.approx(Z**2, rel=1e-6)


def test_no_error_among_n_bounds_the_error_by_half_of_z_squared_over_n():
    one, nothing = np.ones(1), np.zeros(())
    ratio = Ratio(one, 0 * one, nothing, nothing + 1, 1_000 * one, 1_000 * one)
    low = float(bound(ratio, Z, nothing - 1))
    assert low == pytest.approx(np.exp(-(Z**2) / 2_000), rel=1e-9)


@pytest.mark.parametrize("name", MEASURES)
def test_many_slices_at_once_are_the_slices_one_by_one(name: str):
    generator = np.random.default_rng(6)
    labels = generator.integers(1, 200, (50, 8))
    strata = Strata(
        labels + generator.integers(0, 10**8, (50, 8)),
        labels,
        generator.binomial(labels, generator.choice([0, 0.01, 0.5, 0.99, 1], (50, 8))),
        np.broadcast_to(np.arange(8) < 4, (50, 8)),
        labels,
    )
    columns = (strata.letters, strata.labels, strata.positives, strata.decided)
    together = ratio_of(MEASURES[name], *columns)
    for sign in (-1.0, 1.0):
        found = bound(together, Z, np.full(50, sign))
        for at in range(50):
            alone = ratio_of(MEASURES[name], *(column[at] for column in columns))
            np.testing.assert_allclose(
                found[at], bound(alone, Z, np.asarray(sign)), rtol=1e-6, atol=1e-12
            )


def test_a_wider_level_gives_a_wider_interval():
    ratio = ratio_of(MEASURES["recall"], *CASES["four strata"])
    lows = [float(bound(ratio, z, np.asarray(-1.0))) for z in (0.5, 1, 2, 4, 6)]
    highs = [float(bound(ratio, z, np.asarray(1.0))) for z in (0.5, 1, 2, 4, 6)]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)
    assert lows[-1] < 0.2
    assert highs[-1] > 0.95


def test_an_undefined_ratio_has_no_bound():
    ratio = ratio_of(MEASURES["recall"], [5, 5], [3, 3], [0, 0], [1, 0])
    assert np.isnan(bound(ratio, Z, np.asarray(1.0)))
