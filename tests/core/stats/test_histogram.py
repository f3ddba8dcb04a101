"""The latency histogram: exact edges, percentiles within 2.17 %, and never averaged."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.histogram import (
    BASE,
    CELLS,
    RELATIVE_ERROR,
    UPPER_EDGES,
    cells_within,
    latency_cells,
    quantile,
    quantiles,
)
from tests.core.seeded import seeded

#: Cells as SQL counts them, from 1.
CELL_OF_20_MS, CELL_ABOVE_20_MS = 81, 82


def sql_cell(milliseconds: float) -> int:
    return int(np.flatnonzero(latency_cells([milliseconds]))[0]) + 1


def test_there_are_161_edges_at_20_times_powers_of_the_sixteenth_root_of_two():
    assert len(UPPER_EDGES) == 161
    for cell, edge in enumerate(UPPER_EDGES.tolist(), start=1):
        k = cell - 2
        assert math.isclose(edge, 20 * 2 ** ((k - 79) / 16), rel_tol=4e-16)
        assert (edge == 20 * 2.0 ** ((k - 79) // 16)) == ((k - 79) % 16 == 0)


def test_twenty_milliseconds_is_an_edge_to_the_last_bit():
    assert UPPER_EDGES[CELL_OF_20_MS - 1] == 20.0
    assert sql_cell(20.0) == CELL_OF_20_MS
    assert sql_cell(np.nextafter(20.0, 21.0)) == CELL_ABOVE_20_MS
    assert cells_within(20) == CELL_OF_20_MS


def test_multiplying_up_from_0_625_would_miss_twenty():
    assert 0.625 * BASE**80 != 20.0


def test_every_edge_belongs_to_the_cell_below_it():
    for cell, edge in enumerate(UPPER_EDGES.tolist(), start=1):
        assert sql_cell(edge) == cell
        assert sql_cell(np.nextafter(edge, np.inf)) == cell + 1


@pytest.mark.parametrize(
    ("milliseconds", "cell"), [(0.0, 1), (0.625, 1), (640.0, 161), (640.001, 162), (1e9, 162)]
)
def test_the_first_and_last_cell_take_what_lies_beyond(milliseconds: float, cell: int):
    assert sql_cell(milliseconds) == cell


@pytest.mark.parametrize("wrong", [-0.1, math.nan, math.inf])
def test_what_is_no_latency_is_refused(wrong: float):
    with pytest.raises(ValueError, match="milliseconds must be finite and not negative"):
        latency_cells([1.0, wrong])


@pytest.mark.parametrize("between", [19.9, 20.1, 0.0, 641.0])
def test_a_target_between_edges_is_refused_by_its_value(between: float):
    with pytest.raises(ValueError, match=rf"target_ms == {between}"):
        cells_within(between)


def test_at_most_20_ms_is_the_exact_sum_of_the_first_81_cells():
    latencies = [19.999999, 20.0, 20.0, 20.0000001, 35.0]
    assert int(latency_cells(latencies)[: cells_within(20)].sum()) == 3


@seeded
@given(
    st.lists(st.floats(0.625, 640, exclude_min=True), min_size=1, max_size=300),
    st.sampled_from([0.5, 0.95, 0.99, 0.999, 0.9999, 1.0]),
)
def test_a_quantile_is_within_2_17_percent_of_the_exact_order_statistic(
    latencies: list[float], q: float
):
    exact = sorted(latencies)[math.ceil(Fraction(str(q)) * len(latencies)) - 1]
    found = quantile(latency_cells(latencies), q)
    assert found is not None
    assert abs(found - exact) <= RELATIVE_ERROR * exact * (1 + 1e-12)
    assert RELATIVE_ERROR < 0.0217


@pytest.mark.parametrize("end", [0, 1], ids=["lower edge", "upper edge"])
def test_the_error_reaches_its_bound_at_both_edges_of_a_cell(end: int):
    low, high = UPPER_EDGES[80], UPPER_EDGES[81]
    exact = float([low, high][end])
    found = quantile(latency_cells([high]), 0.5)
    assert found is not None
    assert abs(found - exact) / exact == pytest.approx(RELATIVE_ERROR, rel=1e-9)


def test_two_p99s_average_wrongly_and_their_sum_tells_the_truth():
    """Exact p99s of 18.50 and 20.24 ms average to 19.37, within 20; the p99 of all is 20.13."""
    few = [10.0] * 989 + [18.50] + [18.6] * 10
    many = [10.0] * 8_899 + [20.13] * 10 + [20.24] * 91
    exact = [np.percentile(of, 99, method="inverted_cdf") for of in (few, many, few + many)]
    assert exact == [18.50, 20.24, 20.13]
    assert sum(exact[:2]) / 2 == pytest.approx(19.37)

    cells = [latency_cells(few), latency_cells(many)]
    first, second = (quantile(part, 0.99) for part in cells)
    together = quantile(np.sum(cells, axis=0), 0.99)
    assert first is not None
    assert second is not None
    assert together is not None
    assert (first + second) / 2 < 20 < together
    assert together == pytest.approx(20.13, rel=RELATIVE_ERROR)


def test_an_empty_histogram_has_no_quantile():
    assert quantile(np.zeros(CELLS, int), 0.5) is None
    assert np.isnan(quantiles(np.zeros((1, CELLS), int), [0.5])).all()


def test_no_histograms_have_no_quantiles_and_keep_their_shape():
    assert quantiles(np.zeros((0, CELLS), int), [0.5, 0.9]).shape == (0, 2)


@pytest.mark.parametrize(
    ("q", "hundred", "expected"),
    [(0.07, 100, 7), (0.5, 100, 50), (0.99, 100, 99), (0.9999, 100, 100), (0.001, 100, 1)],
)
def test_the_rank_is_not_raised_by_the_rounding_of_a_float(q: float, hundred: int, expected: int):
    cells = np.zeros(CELLS, int)
    cells[40 : 40 + hundred] = 1
    rank = quantile(cells, q)
    one_by_one = [quantile(np.eye(CELLS, dtype=int)[40 + at], 1.0) for at in range(hundred)]
    assert one_by_one.index(rank) + 1 == expected


def test_more_letters_than_a_float_can_count_stay_in_their_cell():
    cells = np.zeros(CELLS, dtype=np.int64)
    cells[40] = 2**53 + 3
    assert quantile(cells, 1.0) == quantile(latency_cells([UPPER_EDGES[40]]), 1.0)


@pytest.mark.parametrize("q", [0.0, -0.5, 1.0001])
def test_a_quantile_outside_of_its_range_is_refused(q: float):
    with pytest.raises(ValueError, match=r"qs must lie in \(0, 1\]"):
        quantile(np.ones(CELLS, int), q)


def test_a_histogram_of_another_length_is_refused_by_its_shape():
    with pytest.raises(ValueError, match=r"cells.shape == \(1, 161\)"):
        quantile(np.ones(161, int), 0.5)
