"""Strata cut by labels: where they end, and where nothing stands for letters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.joining import FEWEST, join_bins, unlabelled_bins
from tests.core.seeded import seeded

BINS = st.lists(
    st.tuples(st.integers(1, 10**9), st.one_of(st.just(0), st.integers(0, 60))),
    min_size=1,
    max_size=40,
)


def held(letters: list[int], labels: list[int], fewest: int = FEWEST) -> list[float]:
    """Labels of each stratum."""
    return np.bincount(join_bins(letters, labels, fewest), weights=labels).tolist()


def test_neighbours_join_from_the_lowest_bin_until_thirty_labels_are_together():
    assert join_bins([100] * 6, [10, 10, 10, 29, 1, 30]).tolist() == [0, 0, 0, 1, 1, 2]


def test_a_rest_with_too_few_labels_joins_the_stratum_before_it():
    assert join_bins([100] * 5, [30, 30, 5, 1, 20]).tolist() == [0, 1, 1, 1, 1]


def test_too_few_labels_in_all_are_one_stratum():
    assert join_bins([100] * 4, [1, 0, 1, 0]).tolist() == [0, 0, 0, 0]


def test_without_any_label_there_is_one_stratum_without_labels():
    assert join_bins([5, 6, 7], [0, 0, 0]).tolist() == [0, 0, 0]
    assert unlabelled_bins(np.array([5.0]), np.array([0.0])).tolist() == [True]


def test_no_bins_are_no_strata():
    assert join_bins([], []).shape == (0,)


def test_a_giant_band_without_labels_is_a_stratum_of_its_own():
    letters, labels = [1_000, 1_000, 10**9, 10**9, 1_000], [40, 40, 0, 0, 40]
    assert join_bins(letters, labels).tolist() == [0, 1, 2, 2, 3]
    assert held(letters, labels) == [40, 40, 0, 40]


@pytest.mark.parametrize(("letters", "bare"), [(7_000, True), (6_999, False)])
def test_a_run_is_bare_from_seven_expected_labels_on(letters: int, bare: bool):
    """30 labels among 30,000 letters on either side: one label a thousand letters."""
    size = np.array([15_000.0, 15_000, letters, 15_000, 15_000])
    assert unlabelled_bins(size, np.array([15, 15, 0, 15, 15.0]))[2] == bare


def test_the_side_with_fewer_labels_a_letter_decides():
    """A dense side alone would expect 60 labels in the run, the sparse one expects 6."""
    size, labels = np.array([1_000.0, 2_000, 10_000]), np.array([30.0, 0, 30])
    assert not unlabelled_bins(size, labels).any()


def test_only_thirty_labels_on_a_side_are_its_neighbourhood():
    """Far from the run labels are dense, near it sparse: near counts."""
    size = np.array([1_000.0, 30_000, 6_000])
    assert not unlabelled_bins(size, np.array([5_000.0, 30, 0])).any()
    assert unlabelled_bins(size, np.array([5_000.0, 29, 0]))[2]


def test_a_bare_band_does_not_thin_its_neighbourhood():
    """The run in the middle is found out although a giant bare one is among its neighbours."""
    size = np.array([10_000.0, 10**9, 10_000, 10**5, 10_000])
    labels = np.array([1_000.0, 0, 10, 0, 1_000])
    assert unlabelled_bins(size, labels).tolist() == [False, True, False, True, False]


def test_a_stretch_between_bare_bands_keeps_its_single_label():
    letters, labels = [1_000, 10**9, 10, 10**9, 1_000], [50, 0, 1, 0, 50]
    assert held(letters, labels) == [50, 0, 1, 0, 50]


@seeded
@given(BINS)
def test_strata_are_runs_of_bins_and_hold_enough_labels_or_none(bins: list[tuple[int, int]]):
    letters, labels = (list(column) for column in zip(*bins, strict=True))
    strata = join_bins(letters, labels)
    assert strata[0] == 0
    assert set(np.diff(strata).tolist()) <= {0, 1}
    bare = unlabelled_bins(np.array(letters, float), np.array(labels, float))
    assert not np.array(labels)[bare].any()
    for number in range(strata[-1] + 1):
        here = strata == number
        assert bare[here].all() or not bare[here].any()
        if bare[here].any():
            continue
        edges = np.flatnonzero(here)[[0, -1]]
        alone = all(
            beside in {-1, len(letters)} or bare[beside] for beside in edges + np.array([-1, 1])
        )
        count = np.array(labels)[here].sum()
        assert count >= FEWEST or alone


@seeded
@given(BINS)
def test_what_the_labels_say_has_no_say_and_scale_does_not_matter(bins: list[tuple[int, int]]):
    letters, labels = (np.array(column, float) for column in zip(*bins, strict=True))
    np.testing.assert_array_equal(join_bins(letters * 8, labels), join_bins(letters, labels))
    if labels.any():
        mirrored = unlabelled_bins(letters[::-1], labels[::-1])[::-1]
        np.testing.assert_array_equal(mirrored, unlabelled_bins(letters, labels))


def test_random_labels_seldom_leave_a_band_bare_by_chance():
    """Two thousand labels at random over 200 very uneven bins; 400 samples."""
    generator = np.random.default_rng(11)
    letters = np.exp(generator.normal(10, 2, 200))
    samples = generator.multinomial(2_000, letters / letters.sum(), size=400)
    bare = [unlabelled_bins(letters, labels.astype(float)).any() for labels in samples]
    assert np.mean(bare) <= 0.04


@pytest.mark.parametrize(
    ("letters", "labels", "fewest", "message"),
    [
        ([1, 2], [1], 30, r"labels.shape == \(1,\)"),
        ([1, 0], [1, 1], 30, "letters must be positive"),
        ([1, 1], [1, -1], 30, "labels not negative"),
        ([1, 1], [1, 1], 0, "fewest == 0, must be at least 1"),
    ],
)
def test_what_cannot_be_bins_is_refused(letters, labels, fewest: int, message: str):
    with pytest.raises(ValueError, match=message):
        join_bins(letters, labels, fewest)
