"""Where labels go, and how many it takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats import intervals
from core.stats.allocation import (
    extend,
    half_widths,
    labels_to_certify,
    labels_to_settle,
    neyman,
)
from core.stats.intervals import one_sided
from core.stats.stratified import Strata, point
from tests.core.seeded import seeded_few

KNOWN = Strata([6e5, 4e5, 9e6], [50, 50, 100], [50, 49, 2], [True, True, False], [50, 50, 100])


def test_labels_are_proportional_to_what_the_formula_says():
    smooth = np.array([50.5 / 51, 49.5 / 51, 2.5 / 101])
    spread = KNOWN.letters * np.sqrt(smooth * (1 - smooth))
    recall, positive = 992_000 / 1_172_000, 1_172_000
    score = np.hypot(
        np.array([1, 1, 0]) * spread / 1e6 / 0.01,
        spread * np.array([1 - recall, 1 - recall, recall]) / positive / 0.03,
    )
    found = neyman(KNOWN, 100_000, half_widths=(0.01, 0.03))
    np.testing.assert_allclose(found, score / score.sum() * 100_000, atol=1)
    assert found.sum() == 100_000


def test_for_precision_alone_labels_go_above_the_threshold():
    found = neyman(KNOWN, 10_000, half_widths=(1e-6, 1.0))
    assert found[2] == 30
    assert neyman(KNOWN, 10_000, half_widths=(1.0, 1e-6))[2] > 8_000


def test_it_beats_equal_and_proportional_labels_at_what_it_is_for():
    truth = Strata(
        [5e5, 5e5, 1e6, 1e8],
        [2_000] * 4,
        [1_999, 1_960, 300, 2],
        [True, True, False, False],
        [2_000] * 4,
    )
    total = 20_000
    shares = {
        "neyman": neyman(truth, total),
        "equal": np.full(4, total // 4),
        "proportional": np.maximum(truth.letters / truth.letters.sum() * total, 1),
    }
    loss = {}
    for name, labels in shares.items():
        precision, recall = half_widths(truth, labels)
        loss[name] = float(np.hypot(precision / 0.005, recall / 0.02))
    assert min(loss, key=loss.__getitem__) == "neyman"


LETTERS = st.integers(0, 500)
STRATUM = st.tuples(LETTERS, st.floats(0, 1), st.floats(0, 1), st.booleans())


@seeded_few
@given(st.lists(STRATUM, min_size=1, max_size=8), st.integers(0, 3_000))
def test_labels_add_up_and_no_stratum_gets_more_than_its_letters(drawn, total: int):
    letters = np.array([size for size, *_ in drawn])
    labels = np.floor(letters * [labelled for _, labelled, *_ in drawn])
    positives = np.floor(labels * [share for _, _, share, _ in drawn])
    decided = [above for *_, above in drawn]
    strata = Strata(letters, labels, positives, decided, labels)
    afresh = neyman(strata, total)
    assert afresh.sum() == min(total, letters.sum())
    assert (afresh <= letters).all()
    fewest = np.minimum(letters, 30)
    if total >= fewest.sum():
        assert (afresh >= fewest).all()
    else:
        np.testing.assert_allclose(afresh, fewest * (total / fewest.sum()), atol=1)
    more = extend(strata, total)
    assert more.min() >= 0
    assert (labels + more <= letters).all()
    assert more.sum() == min(total, (letters - labels).sum())


def test_more_labels_go_where_they_are_short_of_neymans_part():
    lopsided = Strata(
        KNOWN.letters, [5_000, 50, 100], [4_999, 49, 2], KNOWN.decided, [5_000, 50, 100]
    )
    found = extend(lopsided, 1_000)
    assert found[0] == 0
    assert found.sum() == 1_000


def test_step_by_step_ends_where_one_step_does():
    """With so many labels that smoothing weighs little."""
    known = Strata(KNOWN.letters, [800] * 3, [797, 770, 24], KNOWN.decided, [800] * 3)
    once, first = extend(known, 9_000), extend(known, 6_000)
    labels = known.labels + first
    between = Strata(known.letters, labels, known.share * labels, known.decided, labels)
    np.testing.assert_allclose(first + extend(between, 3_000), once, rtol=0.1, atol=40)


def test_a_band_without_labels_is_thought_to_be_like_its_side():
    blind = Strata(
        [6e5, 4e5, 9e6, 1e6],
        [50, 50, 100, 0],
        [50, 49, 2, 0],
        [True, True, False, True],
        [50, 50, 100, 0],
    )
    found = extend(blind, 1_000)
    assert found[3] >= 30
    assert found[3] < 800


def test_labels_that_differ_in_weight_leave_room_for_letters_that_have_none():
    """Ten letters, eight labelled: two are left, whatever the eight are worth."""
    strata = Strata([10, 1_000], [3.5, 20], [3, 1], [True, False], [8, 20])
    assert extend(strata, 500)[0] <= 2


def test_half_widths_are_those_of_the_intervals():
    found = half_widths(KNOWN, KNOWN.labels)
    for half, measure in zip(found, (intervals.precision, intervals.recall), strict=True):
        interval = measure(KNOWN)
        assert float(half) == pytest.approx(float(interval.high - interval.low) / 2)


def test_four_times_the_labels_halve_the_intervals():
    labels = np.array([[1, 1, 1], [4, 4, 4]]) * np.array([2_000, 2_000, 20_000])
    precision, recall = half_widths(
        Strata(
            [6e8, 4e8, 9e9], [500, 500, 1_000], [497, 485, 200], KNOWN.decided, [500, 500, 1_000]
        ),
        labels,
    )
    assert precision[0] / precision[1] == pytest.approx(2, rel=0.05)
    assert recall[0] / recall[1] == pytest.approx(2, rel=0.05)


OPEN = Strata([1e6, 9e6], [500, 500], [498, 20], [True, False], [500, 500])


def planned(more: int) -> Strata:
    labels = OPEN.labels + extend(OPEN, more)
    return Strata(OPEN.letters, labels, OPEN.share * labels, OPEN.decided, labels)


def decided(strata: Strata, precision: float, recall: float) -> bool:
    found = intervals.precision(strata), intervals.recall(strata)
    return all(
        bool(one.low >= target or one.high < target)
        for one, target in zip(found, (precision, recall), strict=True)
    )


def test_so_many_labels_settle_both_targets_and_one_fewer_does_not():
    more = labels_to_settle(OPEN, 0.99, 0.70)
    assert more is not None
    assert decided(planned(more), 0.99, 0.70)
    assert not decided(planned(more - 1), 0.99, 0.70)
    assert more > 1_000


def test_what_is_settled_takes_no_labels():
    assert labels_to_settle(OPEN, 0.5, 0.1) == 0
    assert labels_to_settle(OPEN, 0.99999, 0.99) is not None


def test_a_breach_settles_as_well():
    far = labels_to_settle(OPEN, 0.5, 0.80)
    assert far is not None
    assert far > 0


def test_a_target_that_nobody_set_is_not_waited_for():
    recall_alone = labels_to_settle(OPEN, None, 0.70)
    precision_alone = labels_to_settle(OPEN, 0.99, None)
    both = labels_to_settle(OPEN, 0.99, 0.70)
    assert recall_alone is not None
    assert precision_alone is not None
    assert both == max(recall_alone, precision_alone)
    assert labels_to_settle(OPEN, None, None) == 0


def test_a_point_on_its_target_is_never_settled():
    assert labels_to_settle(OPEN, float(point(OPEN).precision), 0.70) is None


def test_no_more_than_what_is_thought_of():
    needed = labels_to_settle(OPEN, 0.99, 0.70)
    assert needed is not None
    assert labels_to_settle(OPEN, 0.99, 0.70, at_most=needed) == needed
    assert labels_to_settle(OPEN, 0.99, 0.70, at_most=needed - 1) is None


def test_without_a_point_nothing_can_be_promised():
    blind = Strata([1e6, 9e6], [0, 500], [0, 20], [True, False], [0, 500])
    assert labels_to_settle(blind, 0.99, 0.70) is None


@pytest.mark.parametrize(
    ("truth", "labels"), [(1.0, 299), (0.995, 539), (0.992, 5_368), (0.99, None), (0.5, None)]
)
def test_certifying_99_percent_takes_so_many_labels(truth: float, labels: int | None):
    """The worked figures: about 538, 5,370, 299, and never."""
    assert labels_to_certify(truth, 0.99) == labels


@pytest.mark.parametrize(("truth", "chance"), [(0.992, 0.43), (0.995, 0.25)])
def test_a_certificate_begins_to_be_likely_with_so_many_labels(truth: float, chance: float):
    """The chances that the docstring tells; four standard errors over 2,000 samples are .045."""
    n = labels_to_certify(truth, 0.99)
    assert n is not None
    positives = np.random.default_rng(1).binomial(n, truth, size=2_000)
    shape = np.full((2_000, 1), n)
    certified = one_sided(Strata(1e12, shape, positives[:, None], True, shape), 0.99)
    assert certified.mean() == pytest.approx(chance, abs=0.045)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: neyman(KNOWN, -1), "total == -1, must not be negative"),
        (lambda: extend(KNOWN, -1), "extra == -1, must not be negative"),
        (lambda: neyman(KNOWN, 9, half_widths=(0.0, 1.0)), "half_widths == .*must be positive"),
        (lambda: neyman(Strata([[5]], [[1]], [[1]], True, 1), 9), r"strata.shape == \(1, 1\)"),
        (lambda: labels_to_certify(1.1, 0.9), r"truth == 1.1, must be in \[0, 1\]"),
        (lambda: labels_to_certify(0.9, 1.0), r"target == 1.0, must be in \(0, 1\)"),
        (lambda: labels_to_certify(0.9, 0.8, 0.5), r"alpha == 0.5, must be in \(0, 0.5\)"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message: str):
    with pytest.raises(ValueError, match=message):
        call()
