"""Intervals: against peers, in bad cases, and how often they hold the truth."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import xlog1py, xlogy
from statsmodels.stats.proportion import proportion_confint

from core.stats import intervals
from core.stats.intervals import Interval, lower_bound, one_sided
from core.stats.stratified import Strata
from tests.core.seeded import seeded
from tests.core.stats.simulation_quality import coverages, designs, population, sample, strata

ALL = {
    "precision": intervals.precision,
    "recall": intervals.recall,
    "f1": intervals.f1,
    "false_positive_rate": intervals.false_positive_rate,
}
Z = 1.959963984540054
Measured = Callable[[Strata], Interval]


def one(letters: float, labels: int, positives: int, decided: bool = True) -> Strata:
    return Strata([letters], [labels], [positives], [decided], [labels])


def by_likelihood(n: int, k: int, low: float, high: float) -> float:
    """Where the binomial likelihood ratio is z^2, between two shares."""
    return brentq(lambda q: 2 * (binomial(n, k, k / n) - binomial(n, k, q)) - Z**2, low, high)


def binomial(n: int, k: int, q: float) -> float:
    return float(xlogy(k, q) + xlog1py(n - k, -q))


@pytest.mark.parametrize(("n", "k"), [(50, 1), (300, 297), (5_000, 4_950), (40, 20)])
def test_one_stratum_of_many_letters_has_the_envelope_of_both_intervals(n: int, k: int):
    """Wilson's from statsmodels; the sample variance divides by n - 1, and so n_eff is n - 1."""
    found = intervals.precision(one(1e15, n, k))
    low, high = proportion_confint((n - 1) * k / n, n - 1, method="wilson")
    low = min(low, by_likelihood(n, k, 1e-9, k / n))
    high = max(high, by_likelihood(n, k, k / n, 1 - 1e-9))
    assert (float(found.low), float(found.high)) == pytest.approx((low, high), abs=1e-8)


def test_without_an_error_the_lower_bound_is_wilsons_exactly():
    found = intervals.precision(one(1e15, 300, 300))
    assert float(found.low) == pytest.approx(proportion_confint(300, 300, method="wilson")[0])
    assert float(found.high) == 1


def test_without_an_error_large_strata_with_few_labels_weigh_most():
    """1 / n_eff = sum (N_h/M)^2 / n_h: half of the letters have 10 labels, half have 1,000."""
    strata = Strata([5e8, 5e8], [10, 1_000], [10, 1_000], [True, True], [10, 1_000])
    effective = 1 / (0.25 / 10 + 0.25 / 1_000)
    assert float(intervals.precision(strata).low) == pytest.approx(effective / (effective + Z**2))


def test_the_likelihood_speaks_where_wilson_is_deceived():
    """An error in a tenth of the letters; the rest has shown none among 20 labels."""
    strata = Strata([1e8, 9e8], [2_000, 20], [1_900, 20], [True, True], [2_000, 20])
    found = intervals.precision(strata)
    value, variance = 0.995, 0.01 * 0.05 * 0.95 / 1_999
    effective = value * (1 - value) / variance
    low, _ = proportion_confint(value * effective, effective, method="wilson")
    assert low > 0.99
    assert float(found.low) < 0.92


@pytest.mark.parametrize("measure", ALL.values(), ids=ALL)
def test_everything_labelled_leaves_nothing_to_learn(measure: Measured):
    strata = Strata([100, 900], [100, 900], [97, 12], [True, False], [100, 900])
    found = measure(strata)
    assert (float(found.low), float(found.high)) == pytest.approx(
        [float(found.value)] * 2, rel=1e-14
    )


@pytest.mark.parametrize("measure", ALL.values(), ids=ALL)
def test_the_nearer_to_everything_the_narrower(measure: Measured):
    widths = []
    for share in (0.1, 0.5, 0.9, 0.99, 1.0):
        n = np.array([1_000, 9_000]) * share
        found = measure(Strata([1_000, 9_000], n, n * [0.98, 0.02], [True, False], n))
        widths.append(float(found.high - found.low))
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 1e-9


def test_half_labelled_without_an_error_is_bounded_by_the_half_that_is_not():
    """50 of 100 letters labelled, no error: with 5 errors, 3 % of samples would show none."""
    low = float(intervals.precision(one(100, 50, 50)).low)
    assert 0.94 < low < 0.975


BAD = {
    "no error above the threshold": Strata(
        [1e5, 9e5], [300, 500], [300, 5], [True, False], [300, 500]
    ),
    "no positive label": Strata([1e5, 9e5], [300, 500], [0, 0], [True, False], [300, 500]),
    "only positive labels": Strata([1e5, 9e5], [300, 500], [300, 500], [True, False], [300, 500]),
    "one label in a band": Strata(
        [1e5, 3e5, 9e5], [300, 1, 500], [297, 1, 5], [True, True, False], [300, 1, 500]
    ),
    "one label in every band": Strata([1e5, 9e5], [1, 1], [1, 0], [True, False], [1, 1]),
    "an unlabelled giant band": Strata(
        [1e5, 9e8, 1e6], [300, 0, 100], [299, 0, 3], [True, False, False], [300, 0, 100]
    ),
    "an unlabelled band above": Strata(
        [1e5, 1e5, 1e6], [300, 0, 100], [299, 0, 3], [True, True, False], [300, 0, 100]
    ),
    "one bin with both decisions": Strata(
        [1e5, 1e5], [300, 300], [299, 200], [True, False], [300, 300]
    ),
    "a billion letters and thirty labels": Strata(
        [1e9, 4e9], [15, 15], [15, 0], [True, False], [15, 15]
    ),
    "effective labels that are no whole number": Strata(
        [1e6, 1e7], [11.7, 1.02], [11.2, 0.3], [True, False], [40, 3]
    ),
}


@pytest.mark.parametrize("measure", ALL.values(), ids=ALL)
@pytest.mark.parametrize("strata", BAD.values(), ids=BAD)
def test_a_bad_case_has_a_sensible_interval(strata: Strata, measure: Measured):
    found = measure(strata)
    low, value, high = float(found.low), float(found.value), float(found.high)
    assert 0 <= low < high <= 1
    if np.isnan(value):
        assert (low, high) == (0, 1)
    else:
        assert low <= value <= high


def test_recall_without_a_positive_label_is_unknown():
    found = intervals.recall(BAD["no positive label"])
    assert (np.isnan(found.value), float(found.low), float(found.high)) == (True, 0, 1)
    assert int(found.n) == 800


@pytest.mark.parametrize("measure", ALL.values(), ids=ALL)
def test_no_letters_are_no_estimate(measure: Measured):
    found = measure(Strata(np.zeros((3, 0)), np.zeros((3, 0)), np.zeros((3, 0)), False, 0))
    assert np.isnan(found.value).all()
    assert (found.low.tolist(), found.high.tolist(), found.n.tolist()) == (
        [0] * 3,
        [1] * 3,
        [0] * 3,
    )


def test_decisions_alone_may_fix_a_measure():
    """All letters decided positive: whatever the labels say, recall is 1."""
    found = intervals.recall(one(1e6, 300, 100))
    assert (float(found.low), float(found.value), float(found.high)) == (1, 1, 1)


def test_unlabelled_letters_are_once_against_and_once_in_favour():
    """A tenth of the letters above is unlabelled; the rest is known exactly."""
    strata = Strata(
        [90, 10, 1_000], [90, 0, 1_000], [81, 0, 9], [True, True, False], [90, 0, 1_000]
    )
    precision, recall = intervals.precision(strata), intervals.recall(strata)
    assert float(precision.value) == 0.9
    assert (float(precision.low), float(precision.high)) == pytest.approx((0.81, 0.91))
    assert float(recall.value) == 0.9
    assert (float(recall.low), float(recall.high)) == pytest.approx((0.9, 91 / 100))


def test_unlabelled_letters_below_the_threshold_count_against_recall_twice_over():
    strata = Strata([90, 10, 20], [90, 10, 0], [81, 9, 0], [True, False, False], [90, 10, 0])
    recall, rate = intervals.recall(strata), intervals.false_positive_rate(strata)
    assert (float(recall.low), float(recall.high)) == pytest.approx((81 / 110, 0.9))
    assert (float(rate.low), float(rate.high)) == pytest.approx((9 / 30, 0.9))


@pytest.mark.parametrize("measure", ["precision", "recall"])
def test_a_certificate_takes_both_one_sided_tests(measure: str):
    strata = Strata([1e6, 9e6], [4_000, 3_000], [3_985, 90], [True, False], [4_000, 3_000])
    low = float(lower_bound(strata, measure))
    assert bool(one_sided(strata, low, measure))
    assert not bool(one_sided(strata, np.nextafter(low, 1), measure))
    assert low > float(ALL[measure](strata).low)


def test_a_smaller_alpha_asks_for_more():
    strata = one(1e9, 3_000, 2_990)
    lows = [float(lower_bound(strata, "precision", alpha)) for alpha in (0.2, 0.05, 0.001)]
    assert lows == sorted(lows, reverse=True)


def test_what_is_unknown_is_not_certified():
    strata = Strata([5, 5], [0, 3], [0, 1], [True, False], [0, 3])
    assert not one_sided(strata, 0.0001)
    assert not one_sided(strata, 0.0001, "recall")


def test_n_is_the_labels_above_for_precision_and_all_of_them_for_recall():
    strata = Strata([9, 9, 0], [2.5, 4, 7], [1, 1, 7], [True, False, True], [3, 4, 7])
    assert [int(measure(strata).n) for measure in ALL.values()] == [3, 7, 7, 7]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: intervals.precision(one(9, 3, 1), 1.0), r"confidence == 1.0, must be in \(0, 1\)"),
        (
            lambda: lower_bound(one(9, 3, 1), "precision", 0.5),
            r"alpha == 0.5, must be in \(0, 0.5\)",
        ),
        (lambda: lower_bound(one(9, 3, 1), "accuracy"), "measure == 'accuracy', must be one of"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Callable[[], object], message: str):
    with pytest.raises(ValueError, match=message):
        call()


STRATUM = st.tuples(
    st.integers(0, 10**9),
    st.integers(0, 60),
    st.floats(0, 1),
    st.booleans(),
)


@seeded
@given(st.lists(STRATUM, min_size=1, max_size=6), st.sampled_from(sorted(ALL)))
def test_whatever_the_strata_the_bounds_hold_the_value(drawn, name: str):
    letters, labels, shares, decided = zip(*drawn, strict=True)
    positives = np.rint(np.array(shares) * labels)
    strata = Strata(letters, labels, positives, decided, labels)
    found = ALL[name](strata)
    low, value, high = float(found.low), float(found.value), float(found.high)
    assert 0 <= low <= high <= 1
    if np.isnan(value):
        assert (low, high) == (0, 1)
    else:
        assert low <= value <= high
    wider = ALL[name](strata, 0.999)
    assert float(wider.low) <= low + 1e-9
    assert float(wider.high) >= high - 1e-9


@seeded
@given(st.lists(STRATUM, min_size=1, max_size=6))
def test_the_false_positive_rate_is_the_recall_of_the_other_class_upside_down(drawn):
    """FPR of a population is 1 - recall of its negatives: FP / (FP + TN), and so its interval."""
    letters, labels, shares, decided = zip(*drawn, strict=True)
    positives = np.rint(np.array(shares) * labels)
    rate = intervals.false_positive_rate(Strata(letters, labels, positives, decided, labels))
    other = Strata(letters, labels, np.array(labels) - positives, ~np.array(decided), labels)
    found = intervals.recall(other)
    assert np.isnan(rate.value) == np.isnan(found.value)
    if not np.isnan(rate.value):
        np.testing.assert_allclose(rate.value, 1 - found.value, atol=1e-9)
        np.testing.assert_allclose(rate.low, 1 - found.high, atol=1e-6)
        np.testing.assert_allclose(rate.high, 1 - found.low, atol=1e-6)


RUNS = 400
#: Four standard errors of a coverage of .95 over so many runs are .044; the bench is more exact.
LEAST = 0.906


@pytest.mark.parametrize("total", [2_000, 10_000, 50_000])
@pytest.mark.parametrize("how", ["equal", "proportional", "neyman"])
def test_intervals_hold_the_truth_as_often_as_they_say(total: int, how: str):
    of = population()
    design = designs(of, total)[how]
    found = coverages(of, strata(of, sample(of, design, RUNS, np.random.default_rng(total))))
    assert min(found.values()) >= LEAST, found


@pytest.mark.parametrize("stretch", [0.6, 1.2])
def test_scores_that_are_no_probabilities_do_not_matter(stretch: float):
    of = population(stretch=stretch)
    drawn = sample(of, designs(of, 10_000)["equal"], RUNS, np.random.default_rng(3))
    found = coverages(of, strata(of, drawn))
    assert min(found.values()) >= LEAST, found


def test_intervals_are_not_wide_for_nothing():
    """With 10,000 labels: precision of .99 within .0065, recall of .70 within .17."""
    of = population()
    slices = strata(of, sample(of, designs(of, 10_000)["equal"], 50, np.random.default_rng(1)))
    precision, recall = intervals.precision(slices), intervals.recall(slices)
    assert np.median(precision.high - precision.low) < 0.0065
    assert np.median(recall.high - recall.low) < 0.17


def test_precision_that_is_just_the_target_is_seldom_certified():
    """At the level of .05, .07 is three standard errors more over 1,000 runs."""
    of = population()
    drawn = sample(of, designs(of, 2_000)["equal"], 1_000, np.random.default_rng(7))
    assert 0.01 < one_sided(strata(of, drawn), of.truth()[0]).mean() <= 0.07
