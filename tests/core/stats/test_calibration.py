"""Precision and recall expected from scores alone: where that is exact, and where it is blind."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from core.stats.calibration import calibrate, expected
from core.stats.scores import ALL_BINS, BINS
from tests.core.seeded import seeded_few
from tests.core.stats.simulation_quality import population

OF = population()


@pytest.mark.parametrize("seed", range(5))
def test_the_fit_is_scikit_learns_but_for_one_label_beforehand(seed: int):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2_000, BINS)
    positives = generator.binomial(labels, OF.positive)
    labelled = labels > 0
    peer = IsotonicRegression(out_of_bounds="clip")
    peer.fit(ALL_BINS[labelled], (positives / np.maximum(labels, 1))[labelled], labels[labelled])
    found = calibrate(ALL_BINS, labels, positives)
    np.testing.assert_allclose(found.probability, peer.predict(ALL_BINS), atol=2e-3)
    assert found.labels == labels.sum()


@seeded_few
@given(
    st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1)), min_size=BINS, max_size=BINS).filter(
        lambda bins: any(labels for labels, _ in bins)
    )
)
def test_a_higher_score_never_means_less_and_nothing_is_certain(bins: list[tuple[int, float]]):
    labels, shares = (np.array(column) for column in zip(*bins, strict=True))
    found = calibrate(ALL_BINS, labels, np.rint(labels * shares)).probability
    assert (np.diff(found) >= -1e-12).all()
    assert found.min() > 0
    assert found.max() < 1


def test_bins_without_labels_lie_between_their_neighbours():
    found = calibrate([0, 10], [1_000, 1_000], [200, 800]).probability
    assert found[105] == pytest.approx(0.5)
    assert found[0] == found[100]
    assert found[199] == found[110]


def test_expectations_are_exact_where_scores_mean_what_they_did():
    """The mix of letters shifts, by anything that the score shows: recall and precision move."""
    moved = OF.letters * np.exp(np.linspace(-1, 3, BINS))
    positive = moved * OF.positive
    precision, recall = expected(moved, OF.decided, OF.positive)
    truth = positive[OF.decided].sum() / positive.sum()
    assert recall == pytest.approx(truth, rel=1e-12)
    assert precision == pytest.approx(positive[OF.decided].sum() / moved[OF.decided].sum())
    assert abs(truth - OF.truth()[1]) > 0.02


def test_with_estimated_meanings_they_are_close():
    generator = np.random.default_rng(5)
    labels = np.full(BINS, 500)
    found = calibrate(ALL_BINS, labels, generator.binomial(labels, OF.positive)).probability
    moved = OF.letters * np.exp(np.linspace(-0.5, 1.5, BINS))
    positive = moved * OF.positive
    precision, recall = expected(moved, OF.decided, found)
    assert precision == pytest.approx(
        positive[OF.decided].sum() / moved[OF.decided].sum(), abs=0.004
    )
    assert recall == pytest.approx(positive[OF.decided].sum() / positive.sum(), abs=0.03)


def test_they_are_blind_to_a_change_of_meaning():
    """Newsletters become likelier by one logit at the same score: recall falls, and is not seen."""
    before = expected(OF.letters, OF.decided, OF.positive)
    meant = expit(logit(np.clip(OF.positive, 1e-12, 1 - 1e-12)) + 1)
    truth = (OF.letters * meant)[OF.decided].sum() / (OF.letters * meant).sum()
    still = expected(OF.letters, OF.decided, OF.positive)
    assert still == before
    assert abs(truth - before[1]) > 0.04


def test_letters_may_be_split_by_decision():
    """A threshold inside a bin: half of the letters of every bin are decided positive."""
    split = np.stack([OF.letters / 2, OF.letters / 2])
    precision, recall = expected(split, [[False], [True]], OF.positive)
    share = (OF.letters * OF.positive).sum() / OF.letters.sum()
    assert (precision, recall) == pytest.approx((share, 0.5))


def test_nothing_decided_positive_has_no_precision_and_nothing_positive_no_recall():
    precision, recall = expected([5, 5], [False, False], [0.1, 0.9])
    assert np.isnan(precision)
    assert recall == 0
    assert np.isnan(expected([5, 5], [True, False], [0.0, 0.0])[1])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([0, 1], [5], [1]), "must be one-dimensional and of one shape"),
        (([1, 0], [5, 5], [1, 1]), r"bins must ascend within -100\.\.99"),
        (([0, 100], [5, 5], [1, 1]), r"bins must ascend within -100\.\.99"),
        (([0], [5], [6]), "positives must lie between 0 and labels"),
        (([0], [0], [0]), "labels must not all be 0"),
    ],
)
def test_what_cannot_be_history_is_refused(columns, message: str):
    with pytest.raises(ValueError, match=message):
        calibrate(*columns)
