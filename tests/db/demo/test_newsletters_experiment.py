"""The simulated A/B test: sums that add up, and a lift that can be found again."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from db.demo.newsletters import experiment, story
from db.demo.newsletters.story import Scenario

SCENARIO = Scenario(datetime(2025, 6, 3, 21, 37, tzinfo=UTC))
COUNTS = (
    "new_users",
    "active_users",
    "letters",
    "complaints",
    "sessions",
    "session_seconds",
    "revenue",
)

Rows = dict[str, Any]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """All 28 days of the test."""
    return experiment.history(SCENARIO, range(story.EXPERIMENT_DAYS))


def sums(
    rows: Rows, name: str, variant: str, dimension: str = "all", value: str = "all"
) -> NDArray[Any]:
    """By day and bucket."""
    mine = (
        (rows["variant"] == variant) & (rows["dimension"] == dimension) & (rows["value"] == value)
    )
    found = np.zeros((story.EXPERIMENT_DAYS, experiment.BUCKETS))
    day = (rows["day"][mine] - rows["day"].min()).astype(int)
    found[day, rows["bucket"][mine]] = rows[name][mine]
    return found


def log_ratio(rows: Rows, top: str, bottom: str, *cut: str) -> tuple[float, float]:
    """Log of the ratio of ratios, treatment against control, and its standard error by buckets."""
    logs, variances = [], []
    for variant in ("control", "treatment"):
        x = sums(rows, top, variant, *cut).sum(axis=0)
        y = sums(rows, bottom, variant, *cut).sum(axis=0)
        ratio = x.sum() / y.sum()
        logs.append(np.log(ratio))
        variances.append(((x - ratio * y) ** 2).sum() / (499 * 500 * y.mean() ** 2) / ratio**2)
    return logs[1] - logs[0], float(np.sqrt(sum(variances)))


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize(
    ("dimension", "values"),
    [("platform", experiment.PLATFORMS), ("exposure_week", ("1", "2", "3", "4"))],
)
def test_all_users_are_the_sum_over_the_values_of_each_dimension(
    rows: Rows, name: str, dimension: str, values: tuple[str, ...]
) -> None:
    for variant in experiment.VARIANTS:
        whole = sums(rows, name, variant)
        parts = sum(sums(rows, name, variant, dimension, value) for value in values)
        assert whole.sum() > 0
        np.testing.assert_array_equal(whole, parts)


def test_every_bucket_of_every_day_has_a_row_and_none_has_two(rows: Rows) -> None:
    keys = set(
        zip(
            rows["variant"],
            rows["dimension"],
            rows["value"],
            rows["day"].tolist(),
            rows["bucket"].tolist(),
            strict=True,
        )
    )
    weeks = sum(number // 7 + 1 for number in range(28))
    assert len(keys) == rows["bucket"].size == 2 * 500 * (28 * 3 + weeks)


def test_the_days_of_history_are_those_of_live(rows: Rows) -> None:
    alone = experiment.day(SCENARIO, 20)
    mine = rows["day"] == alone["day"][0]
    assert mine.sum() == alone["day"].size
    for name in COUNTS:
        assert rows[name][mine].sum() == alone[name].sum()


@pytest.mark.parametrize("seed", [story.SEED, 11, 12])
def test_the_estimated_lift_is_near_the_true_one(seed: int) -> None:
    rows = experiment.history(Scenario(SCENARIO.anchor, seed), range(19))
    found, error = log_ratio(rows, "complaints", "letters")
    assert abs(found - np.log1p(experiment.lift())) < 5 * error
    assert 0.003 < error < 0.008, (
        "users differ, and the test is neither hopeless nor decided at once"
    )
    for platform, lift in zip(experiment.PLATFORMS, experiment.lifts(), strict=True):
        found, error = log_ratio(rows, "complaints", "letters", "platform", platform)
        assert abs(found - np.log1p(lift)) < 5 * error


def test_the_true_lift_is_what_the_folder_takes_away() -> None:
    assert experiment.lift() == pytest.approx(-0.065, abs=0.001)
    low, high = sorted(experiment.lifts())
    assert low < experiment.lift() < high


@pytest.mark.parametrize(
    ("top", "bottom", "lift"),
    [
        ("letters", "active_users", experiment.LETTERS_LIFT),
        ("sessions", "active_users", experiment.SESSIONS_LIFT),
        ("session_seconds", "sessions", experiment.SECONDS_LIFT),
        ("revenue", "active_users", experiment.REVENUE_LIFT),
    ],
)
def test_guardrails_show_their_true_lifts(rows: Rows, top: str, bottom: str, lift: float) -> None:
    found, error = log_ratio(rows, top, bottom)
    assert abs(found - np.log1p(lift)) < 5 * error


def test_users_are_split_in_half(rows: Rows) -> None:
    control, treatment = (sums(rows, "new_users", name).sum() for name in experiment.VARIANTS)
    chi_square = (control - treatment) ** 2 / (control + treatment)
    assert chi_square < 15, "p > .0001"
    assert control > 4_000_000


def test_buckets_vary_more_than_independent_complaints_would(rows: Rows) -> None:
    x = sums(rows, "complaints", "control").sum(axis=0)
    y = sums(rows, "letters", "control").sum(axis=0)
    expected = x.sum() / y.sum() * y
    assert ((x - expected) ** 2 / expected).mean() > 1.5


def test_the_weeks_before_tell_a_little_about_the_test(rows: Rows) -> None:
    before = experiment.before(SCENARIO)
    for variant in experiment.VARIANTS:
        mine = before["variant"] == variant
        assert mine.sum() == 500
        x0, y0 = before["complaints"][mine], before["letters"][mine]
        x = sums(rows, "complaints", variant).sum(axis=0)
        y = sums(rows, "letters", variant).sum(axis=0)
        correlation = np.corrcoef(x - x.sum() / y.sum() * y, x0 - x0.sum() / y0.sum() * y0)[0, 1]
        assert 0.1 < correlation < 0.6
        assert (before["users"][mine] >= sums(rows, "new_users", variant).sum(axis=0) * 0.95).all()


def test_a_day_that_the_test_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="number == 28"):
        experiment.day(SCENARIO, 28)
