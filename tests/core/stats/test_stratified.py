"""Points and variances, against scikit-learn, against numbers by hand and by simulation."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from core.stats.stratified import Strata, from_weights, point, stacked, variances
from tests.core.seeded import seeded


def random_strata(generator: np.random.Generator, height: int) -> Strata:
    labels = generator.integers(1, 40, height)
    letters = labels + generator.integers(0, 10**6, height)
    positives = generator.binomial(labels, generator.uniform(0, 1, height))
    decided = generator.uniform(size=height) < 0.5
    decided[:2] = True, False
    positives[:2] = labels[:2]
    return Strata(letters, labels, positives, decided, labels)


@pytest.mark.parametrize("seed", range(20))
def test_points_are_those_of_scikit_learn_with_letters_over_labels_as_weights(seed: int):
    strata = random_strata(np.random.default_rng(seed), 12)
    truth, decision, weight = [], [], []
    for h in range(12):
        n, k = int(strata.labels[h]), int(strata.positives[h])
        truth += [1] * k + [0] * (n - k)
        decision += [int(strata.decided[h])] * n
        weight += [strata.letters[h] / n] * n
    found = point(strata)
    for name, score in (
        ("precision", precision_score),
        ("recall", recall_score),
        ("f1", f1_score),
    ):
        peer = score(truth, decision, sample_weight=weight)
        assert abs(float(getattr(found, name)) - peer) < 1e-12
    false, true = 1 - np.array(truth), np.array(decision)
    peer = np.average(true[false == 1], weights=np.array(weight)[false == 1]) if false.any() else 0
    assert abs(float(found.false_positive_rate) - peer) < 1e-12


def test_the_cells_of_the_confusion_matrix_add_up_to_the_letters():
    strata = random_strata(np.random.default_rng(5), 30)
    found = point(strata)
    cells = found.tp + found.fp + found.fn + found.tn
    assert float(cells) == pytest.approx(strata.letters.sum(), rel=1e-12)
    assert float(found.unlabelled) == 0


def test_unweighted_labels_would_miss_recall_by_far():
    """The worked example of the statistics: recall is .70, the labels alone say .93."""
    letters, labels, positives = [70_000, 1_000_000], [700, 1_000], [693, 29.7]
    found = point(Strata(letters, labels, positives, [True, False], [700, 1_000]))
    assert float(found.precision) == pytest.approx(0.99)
    assert float(found.recall) == pytest.approx(0.70, abs=0.001)
    assert 693 / (693 + 29.7) > 0.95


@pytest.mark.parametrize("measure", ["precision", "recall", "f1", "false_positive_rate"])
def test_a_variance_is_what_the_estimates_scatter_by(measure: str):
    """40,000 samples of three strata, labels without replacement; within 4 %."""
    generator = np.random.default_rng(3)
    letters = np.array([400, 600, 3_000])
    labels, truth = np.array([200, 100, 600]), np.array([380, 520, 300])
    positives = generator.hypergeometric(truth, letters - truth, labels, size=(40_000, 3))
    found = point(Strata(letters, labels, positives, [True, True, False], labels))
    scatter = getattr(found, measure).var()
    claimed = getattr(found, f"{measure}_variance").mean()
    assert claimed == pytest.approx(scatter, rel=0.04)


def test_the_variance_of_a_stratum_is_cochrans():
    strata = Strata([1_000], [101], [20], [True], [101])
    q = 20 / 101
    by_hand = 1_000**2 * (1 - 101 / 1_000) * q * (1 - q) / 100
    assert float(variances(strata)[0]) == pytest.approx(by_hand, rel=1e-12)
    assert float(point(strata).precision_variance) == pytest.approx(by_hand / 1_000**2, rel=1e-12)


def test_one_label_has_a_variance_by_jeffreys():
    one = variances(Strata([1_000], [1], [1], [True], [1]))
    assert float(one[0]) == pytest.approx(1_000**2 * 0.999 * 0.75 * 0.25, rel=1e-12)


def test_a_stratum_without_errors_has_a_variance_only_if_smoothed():
    strata = Strata([1_000], [50], [50], [True], [50])
    assert variances(strata).tolist() == [0.0]
    assert variances(strata, smoothed=True)[0] > 0


def test_more_labels_than_letters_are_all_letters():
    assert variances(Strata([10], [12], [5], [True], [12])).tolist() == [0.0]


UNDEFINED = [
    ("nothing at all", Strata([0], [0], [0], [True], [0]), set()),
    ("no letter decided positive", Strata([9], [5], [1], [False], [5]), {"recall", "f1", "fpr"}),
    ("no label above", Strata([9, 9], [0, 5], [0, 1], [True, False], [0, 5]), set()),
    ("no label below", Strata([9, 9], [5, 0], [4, 0], [True, False], [5, 0]), {"precision"}),
    ("no letter below", Strata([9], [5], [4], [True], [5]), {"precision", "recall", "f1", "fpr"}),
    (
        "no positive label",
        Strata([9, 9], [5, 5], [0, 0], [True, False], [5, 5]),
        {"precision", "f1", "fpr"},
    ),
]


@pytest.mark.parametrize(
    ("strata", "defined"), [case[1:] for case in UNDEFINED], ids=[c[0] for c in UNDEFINED]
)
def test_what_is_undefined_is_nan_and_nothing_else_is(strata: Strata, defined: set[str]):
    found = point(strata)
    values = {
        "precision": found.precision,
        "recall": found.recall,
        "f1": found.f1,
        "fpr": found.false_positive_rate,
    }
    assert {name for name, value in values.items() if not np.isnan(value)} == defined


def test_unlabelled_letters_are_a_share_and_leave_the_points_alone():
    labelled = Strata([100, 900], [50, 90], [49, 3], [True, False], [50, 90])
    more = Strata([100, 900, 1_000], [50, 90, 0], [49, 3, 0], [True, False, False], [50, 90, 0])
    assert float(point(more).unlabelled) == 0.5
    assert float(point(more).recall) == float(point(labelled).recall)


def test_slices_side_by_side_are_the_slices_one_by_one():
    generator = np.random.default_rng(9)
    alone = [random_strata(generator, height) for height in (3, 7, 12)]
    together = point(stacked(alone))
    for at, strata in enumerate(alone):
        for name in ("precision", "recall", "recall_variance", "f1_variance", "tn"):
            single = float(getattr(point(strata), name))
            assert float(getattr(together, name)[at]) == pytest.approx(single, rel=1e-12)


def test_axes_broadcast_against_each_other():
    base = random_strata(np.random.default_rng(2), 5)
    decided = np.array(list(product([True, False], repeat=5)))[:, None]
    found = point(Strata(base.letters, base.labels, base.positives, decided, base.counted))
    assert found.recall.shape == (32, 1)


def test_equal_weights_give_the_counts_exactly():
    generator = np.random.default_rng(4)
    labels = generator.integers(1, 5_000, 400)
    positives = generator.binomial(labels, 0.3)
    w = 1 / generator.uniform(1e-7, 1, 400)
    # Summed up as a store does, label by label.
    total = np.array([np.full(n, each).cumsum()[-1] for n, each in zip(labels, w, strict=True)])
    strata = from_weights(
        labels * 10, labels, total, labels * w**2, w * positives, np.ones(400, bool)
    )
    np.testing.assert_array_equal(strata.labels, labels)
    np.testing.assert_array_equal(strata.positives, positives)


def test_weights_that_are_nearly_alike_keep_their_share():
    w = np.array([1.0, 1 / 0.99999])
    strata = from_weights([1e9], [2], [w.sum()], [(w**2).sum()], [w[0]], [True])
    assert float(strata.share[0]) == pytest.approx(w[0] / w.sum(), abs=1e-12)


@seeded
@given(st.lists(st.tuples(st.floats(1e-6, 1), st.booleans()), min_size=1, max_size=50))
def test_unequal_weights_give_hajeks_share_and_kishs_number(drawn: list[tuple[float, bool]]):
    w = np.array([1 / probability for probability, _ in drawn])
    y = np.array([positive for _, positive in drawn])
    n = len(drawn)
    strata = from_weights([1e9], [n], [w.sum()], [(w**2).sum()], [(w * y).sum()], [True])
    assert float(strata.share[0]) == pytest.approx((w * y).sum() / w.sum(), abs=1e-12)
    assert float(strata.labels[0]) == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert strata.labels[0] <= n
    assert strata.counted.tolist() == [n]


def test_hajeks_estimate_is_right_where_plain_counts_are_not():
    """One stratum; letters of the positive kind are labelled ten times as often."""
    labels, positives = 1_100, 1_000
    weight, squared = 1_000 * 1 + 100 * 10, 1_000 * 1 + 100 * 100
    strata = from_weights([10**6], [labels], [weight], [squared], [1_000], [True])
    assert float(point(strata).precision) == pytest.approx(0.5)
    assert positives / labels > 0.9


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([1.0], [np.nan], [0], [True], [0]), "labels must be finite and not negative"),
        (([-1.0], [1], [0], [True], [1]), "letters must be finite and not negative"),
        (([5.0], [1], [2], [True], [1]), "positives must be at most labels"),
        (([np.inf], [1], [1], [True], [1]), "letters must be finite and not negative"),
        ((5.0, 1, 1, True, 1), r"letters.shape == \(\)"),
    ],
)
def test_what_no_sample_can_be_is_refused(columns, message: str):
    with pytest.raises(ValueError, match=message):
        Strata(*columns)


def test_labels_without_weight_are_refused():
    with pytest.raises(ValueError, match="weight must be positive where there are labels"):
        from_weights([5], [1], [0], [0], [0], [True])
