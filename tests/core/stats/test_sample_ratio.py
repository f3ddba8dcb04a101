"""The split of users against tea-tasting, and when it is worth a word."""

import numpy as np
import pyarrow as pa
import pytest
import tea_tasting as tt
from scipy.stats import chisquare

from core.stats.sample_ratio import VERDICTS, sample_ratios


def verdict(users: list[int], planned: list[float]) -> str:
    return VERDICTS[int(sample_ratios(users, planned).verdict)]


@pytest.mark.parametrize(
    ("control", "treatment", "ratio"),
    [(10_000, 10_150, 1.0), (90_300, 9_900, 1 / 9), (5_000, 5_000, 1.0), (2_000, 2_600, 1.0)],
)
def test_the_p_value_is_that_of_tea_tasting(control: int, treatment: int, ratio: float):
    table = pa.table({"variant": np.repeat([0, 1], [control, treatment])})
    metric = tt.SampleRatio(ratio, method="norm", correction=False)
    theirs = tt.Experiment(split=metric).analyze(table)["split"]
    ours = sample_ratios([control, treatment], [1.0, ratio])
    np.testing.assert_allclose(ours.p, theirs.pvalue, rtol=1e-9, atol=1e-300)


def test_three_variants_are_one_chi_square_of_two_degrees():
    users, planned = [40_100, 30_200, 29_700], [0.4, 0.3, 0.3]
    expected = np.array(planned) * sum(users)
    np.testing.assert_allclose(
        sample_ratios(users, planned).p, chisquare(users, expected).pvalue, rtol=1e-9
    )


@pytest.mark.parametrize(
    ("users", "planned", "expected"),
    [
        ([50_000, 50_000], [0.5, 0.5], "ok"),
        # A hundred million users, 0.025 points off: certain, and harmless.
        ([50_025_000, 49_975_000], [0.5, 0.5], "check"),
        # A thousand users, two points off: large, and chance.
        ([520, 480], [0.5, 0.5], "check"),
        ([51_000, 49_000], [0.5, 0.5], "invalid"),
        ([90_000, 10_000], [0.9, 0.1], "ok"),
        ([90_000, 10_000], [0.5, 0.5], "invalid"),
        ([33_000, 33_100, 33_050], [1.0, 1.0, 1.0], "ok"),
        ([33_000, 34_500, 33_050], [1.0, 1.0, 1.0], "invalid"),
    ],
)
def test_a_split_is_invalid_where_it_is_no_chance_and_large(
    users: list[int], planned: list[float], expected: str
):
    assert verdict(users, planned) == expected


def test_the_lectures_hundred_million_users():
    found = sample_ratios([50_025_000, 49_975_000], [0.5, 0.5])
    assert float(found.p) == pytest.approx(6e-7, rel=0.06)
    assert float(found.imbalance) == pytest.approx(0.00025)


def test_without_users_nothing_is_known_and_nothing_invalid():
    found = sample_ratios([[0, 0], [10, 10]], [0.5, 0.5])
    assert np.isnan(found.p[0])
    assert np.isnan(found.shares[0]).all()
    assert found.verdict.tolist() == [0, 0]
    assert float(found.p[1]) == 1


def test_an_empty_arm_is_no_chance():
    assert verdict([1_000, 0], [0.5, 0.5]) == "invalid"


@pytest.mark.parametrize(
    ("users", "planned", "message"),
    [
        ([1, 2, 3], [0.5, 0.5], "users.shape"),
        ([1], [1.0], "at least 2"),
        ([1, 2], [1.0, 0.0], "must be above 0"),
    ],
)
def test_what_is_no_plan_is_refused(users: list[int], planned: list[float], message: str):
    with pytest.raises(ValueError, match=message):
        sample_ratios(users, planned)
