"""Thresholds: the curve, where walks start, and how seldom one is certified that should not be."""

import numpy as np
import pytest

from core.stats import intervals
from core.stats.intervals import one_sided
from core.stats.scores import ALL_BINS, score_at
from core.stats.stratified import Strata, point
from core.stats.threshold import (
    Walk,
    certified_threshold,
    curve,
    starting_edges,
    strata_by_edge,
)
from tests.core.stats.simulation_quality import (
    designs,
    falsely_certified,
    population,
    run_bands,
    sample,
)

EDGES = [0.0, 0.2, 0.4, 0.6, 0.8]


def bands(*positives: int, labels: int = 2_000) -> Strata:
    """Five bands of a hundred thousand letters with so many positive labels."""
    return Strata([1e5] * 5, [labels] * 5, list(positives), [False], [labels] * 5)


FALLING = bands(100, 1_500, 1_985, 1_999, 2_000)


def test_each_edge_decides_the_bands_from_it_on_positive():
    found = strata_by_edge(FALLING)
    assert found.shape == (5, 5)
    np.testing.assert_array_equal(found.decided, np.triu(np.ones((5, 5), dtype=bool)))
    np.testing.assert_array_equal(found.broadcast().positives[3], FALLING.positives)


def test_a_curve_has_at_each_edge_what_a_report_of_that_threshold_would_have():
    found = curve(EDGES, FALLING)
    for at in range(5):
        alone = Strata(
            FALLING.letters, FALLING.labels, FALLING.positives, np.arange(5) >= at, FALLING.counted
        )
        expected = intervals.precision(alone), intervals.recall(alone)
        for one, other in zip((found.precision, found.recall), expected, strict=True):
            assert float(one.value[at]) == pytest.approx(float(other.value), abs=1e-12)
            assert float(one.low[at]) == pytest.approx(float(other.low), abs=1e-7)
            assert float(one.high[at]) == pytest.approx(float(other.high), abs=1e-7)
            assert one.n[at] == other.n


def test_recall_falls_along_the_curve_and_is_one_at_the_lowest_edge():
    recall = curve(EDGES, FALLING).recall
    assert recall.value[0] == recall.low[0] == 1
    assert (np.diff(recall.value) < 0).all()


def test_a_walk_ends_at_the_first_edge_that_fails():
    found = certified_threshold(EDGES, FALLING, 0.99, [4, 3])
    assert found.walks == (Walk(4, 2), Walk(3, 2))
    assert (found.edge_index, found.edge) == (2, 0.4)


def test_a_walk_does_not_jump_over_a_failure():
    """Edges 3 and 1 pass, 2 would not: its band is bad, and those below make up for it."""
    dented = bands(2_000, 2_000, 1_900, 2_000, 2_000)
    passed = one_sided(strata_by_edge(dented), 0.982, "precision", 0.05).tolist()
    assert passed == [True, True, False, True, True]
    assert certified_threshold(EDGES, dented, 0.982, [4]).edge_index == 3
    assert certified_threshold(EDGES, dented, 0.982, [4, 1]).walks == (Walk(4, 3), Walk(1, 0))
    assert certified_threshold(EDGES, dented, 0.982, [4, 1]).edge_index == 0


def test_no_start_that_passes_is_no_threshold():
    found = certified_threshold(EDGES, bands(0, 0, 0, 1_000, 1_900), 0.99, [4, 3, 2])
    assert (found.edge_index, found.edge) == (None, None)
    assert found.walks == (Walk(4, None), Walk(3, None), Walk(2, None))


def test_walks_share_the_level():
    """340 labels without an error certify 99 % at 5 %, and at a third of that 448 do."""
    few = bands(0, 0, 0, 0, 340, labels=340)
    assert certified_threshold(EDGES, few, 0.99, [4]).edge_index == 4
    assert certified_threshold(EDGES, few, 0.99, [4, 3, 2]).edge_index is None
    more = bands(0, 0, 0, 0, 450, labels=450)
    assert certified_threshold(EDGES, more, 0.99, [4, 3, 2]).edge_index == 4


def test_a_band_without_labels_above_the_threshold_certifies_nothing():
    blind = Strata([1e5] * 3, [2_000, 2_000, 0], [2_000, 2_000, 0], [False], [2_000, 2_000, 0])
    assert certified_threshold([0.0, 0.5, 0.9], blind, 0.99, [2, 1, 0]).edge_index is None


def test_the_middle_start_is_where_scores_let_expect_half_of_the_positive_letters():
    middles = score_at(ALL_BINS, 0.5)
    letters = population().letters
    first = score_at(ALL_BINS, 0.0)
    high, centre, low = starting_edges(middles, letters, first)
    expected = letters * middles
    assert expected[centre:].sum() / expected.sum() == pytest.approx(0.5, abs=0.02)
    assert (high, low) == (centre + 5, centre - 5)
    # Scores that are probabilities, as these are, tell recall.
    assert population().truth(centre)[1] == pytest.approx(0.5, abs=0.02)


def test_starts_know_nothing_of_what_labels_say():
    """They are a function of scores and letters alone: a band's edge at or above its bin."""
    middles = [0.1, 0.3, 0.5, 0.7, 0.9]
    assert starting_edges(middles, [9, 9, 9, 9, 9], [0.0, 0.6], apart=1) == (1,)
    assert starting_edges(middles, [9, 9, 9, 9, 9], [0.0, 0.2, 0.4, 0.6, 0.8], apart=9) == (4, 3, 0)


@pytest.mark.parametrize(("letters", "edges"), [([0, 0], [0.0]), ([5, 5], [])])
def test_without_letters_or_edges_there_is_no_start(letters, edges):
    assert starting_edges([0.2, 0.8], letters, edges) == ()


@pytest.mark.parametrize(
    ("edges", "starts", "message"),
    [
        (EDGES, [], "starts must not be empty"),
        (EDGES, [5], "start == 5, must be the index of one of 5 edges"),
        (EDGES[:4], [1], r"edges.shape == \(4,\), must be \(5,\)"),
        (EDGES[::-1], [1], "edges must ascend"),
    ],
)
def test_what_is_no_walk_is_refused(edges, starts, message: str):
    with pytest.raises(ValueError, match=message):
        certified_threshold(edges, FALLING, 0.99, starts)


def test_slices_of_bands_are_refused():
    with pytest.raises(ValueError, match=r"bands.shape == \(1, 2\)"):
        strata_by_edge(Strata([[5, 5]], [[1, 1]], [[1, 1]], [[True, True]], [[1, 1]]))


@pytest.mark.parametrize("total", [2_000, 10_000])
def test_a_threshold_below_the_target_is_seldom_certified(total: int):
    """At most .05; over 150 runs .05 could be .10 by chance, with three standard errors."""
    of = population()
    drawn = sample(of, designs(of, total)["equal"], 150, np.random.default_rng(total))
    wrong, any_ = falsely_certified(of, drawn, 0.99)
    assert wrong <= 0.05
    assert any_ > 0.6


def test_the_best_looking_point_of_the_curve_is_often_below_the_target():
    """What certification is for: with 2,000 labels, more than a fifth of the time."""
    of = population()
    drawn = sample(of, designs(of, 2_000)["equal"], 200, np.random.default_rng(4))
    below = []
    for labels, positives in zip(drawn.labels, drawn.positives, strict=True):
        first, strata = run_bands(of, labels, positives, drawn.weight)
        reached = np.flatnonzero(point(strata_by_edge(strata)).precision >= 0.99)
        below.append(of.truth(int(first[reached[0]]))[0] < 0.99)
    assert np.mean(below) > 0.2
