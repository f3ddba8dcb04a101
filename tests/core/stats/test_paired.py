"""Changes of a lift within the same buckets, against resampling and by their edges."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.stats.paired import Arms, change
from core.stats.ratio import lifts, ratios

Floats = NDArray[np.float64]
BUCKETS = 400


def groups(seed: int, lift: float, later: float, *, shared: bool) -> tuple[Arms, Arms]:
    """Two weeks of both arms; buckets keep their traits from one to the other, or do not."""
    draw = np.random.default_rng(seed)
    weeks: list[list[Floats]] = [[], []]
    for treated in (0.0, 1.0):
        trait = draw.lognormal(0, 0.3, BUCKETS)
        for week, change_of in enumerate((lift, later)):
            own = trait if shared else draw.lognormal(0, 0.3, BUCKETS)
            y = draw.poisson(3_000.0, BUCKETS).astype(float)
            x = draw.poisson(y * 0.02 * (1 + treated * change_of) * own).astype(float)
            weeks[week] += [x, y]
    return tuple(weeks[0]), tuple(weeks[1])


def test_the_change_is_the_quotient_of_the_two_lifts():
    first, later = groups(1, -0.1, -0.3, shared=True)
    found = change(first, later)
    one = lifts(ratios(first[0], first[1]), ratios(first[2], first[3]))
    other = lifts(ratios(later[0], later[1]), ratios(later[2], later[3]))
    assert float(found.log) == pytest.approx(float(other.log - one.log), rel=1e-12)
    assert float(found.relative) == pytest.approx(0.7 / 0.9 - 1, abs=0.05)


def test_what_buckets_have_in_common_is_taken_out():
    together, apart = (change(*groups(2, -0.1, -0.1, shared=shared)) for shared in (True, False))
    assert together.error < 0.6 * apart.error


def test_the_error_is_that_of_resampled_buckets():
    first, later = groups(3, -0.1, -0.2, shared=True)
    draw = np.random.default_rng(3)
    logs = []
    for _ in range(600):
        control, treatment = (draw.integers(0, BUCKETS, BUCKETS) for _ in range(2))
        rows = (control, control, treatment, treatment)
        parts = [tuple(column[at] for column, at in zip(arms, rows, strict=True))
                 for arms in (first, later)]  # fmt: skip
        logs.append(float(change(parts[0], parts[1]).log))
    assert np.std(logs) == pytest.approx(float(change(first, later).error), rel=0.1)


def test_its_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(300):
        found = change(*groups(seed, -0.1, -0.1, shared=True))
        held += bool(abs(found.log) < 1.966 * found.error)
    assert 0.915 <= held / 300 <= 0.98, "95 %, give or take three standard deviations of 300 runs"


def test_a_week_without_complaints_has_no_change():
    first, later = groups(4, -0.1, -0.1, shared=True)
    empty = (np.zeros(BUCKETS), later[1], later[2], later[3])
    found = change(first, empty)
    assert np.isnan(found.log)
    assert np.isnan(found.error)


def test_a_week_against_itself_has_no_spread_and_so_no_change():
    first, _ = groups(5, -0.1, -0.1, shared=True)
    assert np.isnan(change(first, first).error)
