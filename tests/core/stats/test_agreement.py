"""Agreement: published examples, scikit-learn beside it, and what raw agreement hides."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from core.stats.agreement import Agreement, agreement, tally

MISSING = -1
#: Krippendorff (2011), section C: four observers, twelve units, values 1 to 5.
OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]


def by_unit(rows: list[str]) -> np.ndarray:
    """Values by unit from one line an observer, letters or digits as codes from 0."""
    said = [line.split() for line in rows]
    values = sorted({value for line in said for value in line} - {"."})
    codes = {value: code for code, value in enumerate(values)} | {".": MISSING}
    return np.array([[codes[value] for value in line] for line in said]).T


def alpha(values: np.ndarray) -> float:
    return known(agreement(tally(values, int(values.max()) + 1)).alpha)


def known(number: float | None) -> float:
    assert number is not None
    return number


def test_alpha_is_krippendorffs_for_four_observers_with_missing_values():
    assert alpha(by_unit(OBSERVERS)) == pytest.approx(0.743, abs=5e-4)
    # The last unit has one value only: eleven can be compared.
    assert agreement(tally(by_unit(OBSERVERS), 5)).n == 11


@pytest.mark.parametrize(
    ("rows", "published"),
    [
        (["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"], 0.095),
        (["a a b b d c c c e d d a", "b a b b b c c c e d d d"], 0.692),
    ],
)
def test_alpha_is_krippendorffs_for_two_observers(rows: list[str], published: float):
    assert alpha(by_unit(rows)) == pytest.approx(published, abs=5e-4)


def test_96_percent_raw_agreement_can_be_none_beyond_chance():
    said = np.array([[1, 1]] * 96 + [[1, 0]] * 2 + [[0, 1]] * 2)
    found = agreement(tally(said, 2))
    assert found.raw == 0.96
    assert cohen_kappa_score(said[:, 0], said[:, 1]) == pytest.approx(-0.02, abs=1e-3)
    assert found.alpha == pytest.approx(-0.02, abs=6e-3)


@pytest.mark.parametrize("noise", [0.05, 0.3, 0.9])
def test_with_many_units_and_like_observers_alpha_is_cohens_kappa(noise: float):
    chance = np.random.default_rng(5)
    truth = chance.choice(3, size=4_000, p=[0.6, 0.3, 0.1])
    said = np.stack(
        [
            np.where(chance.random(truth.size) < noise, chance.integers(0, 3, truth.size), truth)
            for _ in range(2)
        ],
        axis=1,
    )
    assert alpha(said) == pytest.approx(cohen_kappa_score(said[:, 0], said[:, 1]), abs=2e-3)


def test_raw_agreement_is_the_mean_share_of_pairs():
    assert agreement(tally([[0, 0, 1], [1, 1, MISSING]], 2)).raw == pytest.approx((1 / 3 + 1) / 2)


def test_what_nobody_compared_cannot_be_told():
    assert agreement(tally([[0, MISSING], [MISSING, 1]], 2)) == Agreement(0, None, None)
    assert agreement(np.zeros((0, 3), int), resamples=10) == Agreement(0, None, None)


def test_without_a_second_value_agreement_beyond_chance_cannot_be_told():
    found = agreement(tally([[1, 1]] * 50, 2), resamples=100)
    assert (found.n, found.raw, found.alpha, found.low, found.high) == (50, 1.0, None, None, None)


def test_the_interval_is_seeded_and_narrows_with_the_units():
    said = tally(by_unit(OBSERVERS), 5)
    few = agreement(said, resamples=2_000, seed=1)
    assert few == agreement(said, resamples=2_000, seed=1)
    many = agreement(np.repeat(said, 25, axis=0), resamples=2_000, seed=1)
    for found in (few, many):
        assert known(found.low) <= known(found.alpha) <= known(found.high)
    wide, narrow = (known(found.high) - known(found.low) for found in (few, many))
    # A 25th of the units: five times the width.
    assert wide / narrow == pytest.approx(5, rel=0.25)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    chance = np.random.default_rng(8)
    right, right_share, units = 0.85, 0.7, 80
    # Two people who are each right with probability .85 about a thing that is so in 70 of 100.
    same = right**2 + (1 - right) ** 2
    yes = right_share * right + (1 - right_share) * (1 - right)
    truth = (same - (yes**2 + (1 - yes) ** 2)) / (1 - (yes**2 + (1 - yes) ** 2))
    held = 0
    for number in range(300):
        so = chance.random(units) < right_share
        said = np.stack([so ^ (chance.random(units) > right) for _ in range(2)], axis=1)
        found = agreement(tally(said.astype(int), 2), resamples=400, seed=number)
        held += known(found.low) <= truth <= known(found.high)
    assert held / 300 > 0.9


def test_what_is_no_tally_is_refused():
    with pytest.raises(ValueError, match="units, people"):
        tally([0, 1], 2)
    with pytest.raises(ValueError, match="must be below 2"):
        tally([[0, 2]], 2)
    with pytest.raises(ValueError, match="units, categories"):
        agreement([1, 2])
    with pytest.raises(ValueError, match="confidence"):
        agreement([[2, 0], [1, 1]], resamples=10, confidence=95)
