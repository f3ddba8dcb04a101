"""Precision, recall, F1 and false positive rate as one kind of thing."""

import numpy as np
import pytest

from core.stats.measures import F1, FALSE_POSITIVE_RATE, MEASURES, PRECISION, RECALL, Measure

LETTERS = np.array([300.0, 200.0, 4_000.0, 500.0])
DECIDED = np.array([True, True, False, False])
SHARES = np.array([0.99, 0.8, 0.01, 0.3])


def value(measure: Measure, q: np.ndarray) -> float:
    top, bottom = measure.parts(LETTERS, DECIDED, q)
    return float(top / bottom)


def test_each_is_what_its_name_says():
    tp, fp, fn, tn = 297 + 160, 3 + 40, 40 + 150, 3_960 + 350
    assert value(PRECISION, SHARES) == pytest.approx(tp / (tp + fp))
    assert value(RECALL, SHARES) == pytest.approx(tp / (tp + fn))
    assert value(F1, SHARES) == pytest.approx(2 * tp / (2 * tp + fp + fn))
    assert value(FALSE_POSITIVE_RATE, SHARES) == pytest.approx(fp / (fp + tn))


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_slope_is_what_the_value_moves_by(measure: Measure):
    now = value(measure, SHARES)
    _, bottom = measure.parts(LETTERS, DECIDED, SHARES)
    slope = measure.slope(DECIDED, np.asarray(now)) * LETTERS / bottom
    for at in range(4):
        step = np.where(np.arange(4) == at, 1e-7, 0)
        assert slope[at] * 1e-7 == pytest.approx(value(measure, SHARES + step) - now, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_what_is_called_favourable_is_the_best_of_all_corners(measure: Measure):
    corners = np.array(np.meshgrid(*[[0.001, 0.999]] * 4)).reshape(4, -1).T
    best = max(corners, key=lambda q: value(measure, q))
    about = np.isin(DECIDED, measure.sides)
    np.testing.assert_array_equal(np.rint(best)[about], measure.favourable(DECIDED)[about])


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_coefficients_are_those_of_the_value(measure: Measure):
    top_0, top, bottom_0, bottom = measure.coefficients(LETTERS, DECIDED)
    ratio = (top_0 + top * SHARES).sum() / (bottom_0 + bottom * SHARES).sum()
    assert ratio == pytest.approx(value(measure, SHARES))
