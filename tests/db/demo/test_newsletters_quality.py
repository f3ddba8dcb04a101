"""The simulated scores and labels against the truth that they were drawn from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.stats.scores import score_bins
from db.demo.classifier import Trained, smoothed_classes
from db.demo.newsletters import labels, population, serving, shadow, story, truth
from db.demo.newsletters.population import SEGMENTS, VERSION_SHARES, Population
from db.demo.newsletters.story import BERT_4, VERSIONS, Scenario, minute_number
from tests.db.demo.bells import Bell

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCENARIO = Scenario(datetime(2025, 6, 3, 21, 37, tzinfo=UTC))

Rows = dict[str, Any]


@pytest.fixture(scope="module")
def letters() -> Population:
    return population.build(Bell())


@pytest.fixture(scope="module")
def labelled(letters: Population) -> Rows:
    """Labels of 60 days."""
    rows = labels.between(SCENARIO, letters, SCENARIO.midnight(story.LABEL_DAYS), SCENARIO.anchor)
    assert rows is not None
    return rows


def estimated(rows: Rows) -> dict[str, tuple[float, float]]:
    """Precision and recall with their standard errors, stratified by inclusion probability.

    Labels of a day and band share a probability, so the strata are those of the sampling.
    """
    weight = 1 / rows["inclusion_probability"]
    decision, label = rows["decision"], rows["label"]
    hit = decision & label
    result = {}
    for name, whole in (("precision", decision), ("recall", label)):
        ratio = weight[hit].sum() / weight[whole].sum()
        # Poisson sampling: the variance of a weighted ratio is the sum of squared residuals.
        residual = weight * (hit - ratio * whole)
        result[name] = (ratio, float(np.sqrt((residual**2).sum()) / weight[whole].sum()))
    return result


def test_the_real_classifiers_scores_give_the_truth_that_is_promised(trained: Trained) -> None:
    found = population.build(smoothed_classes(trained))
    precision, recall = found.quality(VERSION_SHARES)
    assert precision == pytest.approx(0.992, abs=1e-4)
    assert recall == pytest.approx(0.71, abs=0.012)
    assert 0.2 < found.newsletters @ population.SEGMENT_SHARES < 0.8


def test_the_truth_is_the_share_of_newsletters_counted_out_bin_by_bin(letters: Population) -> None:
    mixture, probability = letters.mixture[1, 0], letters.probability[1, 0]
    assert mixture.sum() == pytest.approx(1)
    hit = (mixture * probability)[letters.decided].sum()
    only = np.eye(2)[1], np.eye(2)[0]
    precision, recall = letters.quality(*only)
    assert precision == pytest.approx(hit / mixture[letters.decided].sum())
    assert recall == pytest.approx(hit / (mixture * probability).sum())
    quantities = {name: value for name, value, _ in truth.all_quantities(SCENARIO, letters)}
    assert quantities[f"precision:{BERT_4}:{SEGMENTS[0]}"] == pytest.approx(precision)
    assert quantities["recall"] == pytest.approx(letters.quality(VERSION_SHARES)[1], abs=0.003)


def test_bert_4_is_better_than_bert_3_in_both(letters: Population) -> None:
    older, newer = (letters.quality(only) for only in np.eye(2))
    assert newer[0] > older[0]
    assert newer[1] > older[1]


def test_the_threshold_splits_no_bin(letters: Population) -> None:
    assert score_bins(letters.threshold) == letters.threshold_bin
    assert score_bins(np.nextafter(letters.threshold, 0)) == letters.threshold_bin - 1


def test_scores_of_an_hour_add_up_to_the_letters_answered(letters: Population) -> None:
    start = SCENARIO.starts(story.RELEASES[0]) - 2 * HOUR
    rows = serving.score_hours(SCENARIO, letters, start, start + 5 * HOUR)
    minutes = serving.minutes(SCENARIO, start, start + 5 * HOUR)
    assert (rows["letters"] > 0).all()
    np.testing.assert_array_equal(rows["decision"], rows["bin"] >= letters.threshold_bin)
    for number in range(5):
        hour = np.datetime64((start + number * HOUR).replace(tzinfo=None), "us")
        inside = (minutes["minute"] >= hour) & (minutes["minute"] < hour + np.timedelta64(1, "h"))
        for version in VERSIONS:
            mine = inside & (minutes["model_version"] == version)
            answered = (minutes["letters"] - minutes["errors"])[mine].sum()
            counted = rows["letters"][(rows["hour"] == hour) & (rows["model_version"] == version)]
            assert counted.sum() == answered


def test_an_hours_scores_are_the_same_alone_and_among_others(letters: Population) -> None:
    start = SCENARIO.midnight(5)
    whole = serving.score_hours(SCENARIO, letters, start, start + 3 * HOUR)
    alone = serving.score_hours(SCENARIO, letters, start + HOUR, start + 2 * HOUR)
    inside = whole["hour"] == alone["hour"][0]
    for name in ("model_version", "segment", "decision", "bin", "letters"):
        np.testing.assert_array_equal(whole[name][inside], alone[name])


def test_weighted_labels_estimate_the_true_precision_and_recall(
    letters: Population, labelled: Rows
) -> None:
    for version in VERSIONS:
        mine = labelled["model_version"] == version
        rows = {k: v[mine] if isinstance(v, np.ndarray) else v for k, v in labelled.items()}
        found = estimated(rows)
        precision, recall = letters.quality(np.eye(2)[VERSIONS.index(version)])
        assert abs(found["precision"][0] - precision) < 5 * found["precision"][1]
        assert abs(found["recall"][0] - recall) < 5 * found["recall"][1]
        assert found["precision"][1] < 0.01, "enough labels for the bound to mean something"
        assert found["recall"][1] < 0.04


def test_unweighted_labels_would_be_far_off(letters: Population, labelled: Rows) -> None:
    hit = (labelled["decision"] & labelled["label"]).sum()
    recall = letters.quality(VERSION_SHARES)[1]
    plain = hit / labelled["label"].sum()
    n = labelled["label"].sum()
    assert abs(plain - recall) > 5 * np.sqrt(recall * (1 - recall) / n)


def test_inclusion_probabilities_weigh_the_labels_up_to_the_population(
    letters: Population,
) -> None:
    day = minute_number(SCENARIO.midnight(55)) // 1440
    days = range(day, day + 50)
    rows = [labels.of_day(SCENARIO, letters, number) for number in days]
    weight = np.concatenate([1 / part["inclusion_probability"] for part in rows])
    decided = np.concatenate([part["decision"] for part in rows])
    for positive in (True, False):
        mine = weight[decided == positive]
        mass = letters.mixture @ (letters.decided == positive)
        population_size = sum(
            float(serving.answered(SCENARIO, hour).sum(axis=1) @ (mass @ population.SEGMENT_SHARES))
            for number in days
            for hour in range(number * 24, number * 24 + 24)
        )
        assert abs(mine.sum() - population_size) < 5 * np.sqrt((mine**2).sum())


def test_about_12000_labels_come_in_60_days_most_of_them_near_the_threshold(
    letters: Population, labelled: Rows
) -> None:
    count = labelled["letter_id"].size
    assert 11_000 < count < 13_000
    assert len(set(labelled["letter_id"])) == count
    distance = np.abs(score_bins(labelled["score"]).astype(int) - letters.threshold_bin)
    letters_near = letters.mixture[0, 1][
        np.abs(np.arange(-100, 100) - letters.threshold_bin) < 10
    ].sum()
    assert (distance < 10).mean() > 2 * letters_near


def test_a_label_agrees_with_its_bin_its_decision_and_its_lag(
    letters: Population, labelled: Rows
) -> None:
    decided = score_bins(labelled["score"]) >= letters.threshold_bin
    np.testing.assert_array_equal(decided, labelled["decision"])
    lag = labelled["labelled_at"] - labelled["predicted_at"]
    assert lag.min() >= np.timedelta64(2, "h")
    assert lag.max() <= np.timedelta64(3, "D")
    assert np.median(lag) > np.timedelta64(6, "h")
    released = np.datetime64(SCENARIO.starts(story.RELEASES[2]).replace(tzinfo=None), "us")
    late = labelled["model_version"][labelled["predicted_at"] > released]
    assert set(late) == {BERT_4}


def test_labels_asked_for_in_pieces_are_those_asked_for_at_once(
    letters: Population,
) -> None:
    start = SCENARIO.midnight(3)
    whole = labels.between(SCENARIO, letters, start, start + DAY)
    parts = [
        labels.between(
            SCENARIO, letters, start + number * 6 * HOUR, start + (number + 1) * 6 * HOUR
        )
        for number in range(4)
    ]
    assert whole is not None
    ids = [str(name) for part in parts if part is not None for name in part["letter_id"]]
    assert sorted(ids) == sorted(whole["letter_id"])


def test_the_shadow_run_counts_every_letter_and_changes_none(letters: Population) -> None:
    rows = shadow.hours(SCENARIO, letters)
    counts = np.stack(
        [rows[n] for n in ("both_positive", "production_only", "candidate_only", "both_negative")]
    )
    assert counts.min() >= 0
    assert rows["user_visible"] == 0
    of_all = rows["segment"] == "all"
    np.testing.assert_array_equal(
        counts[:, of_all], counts[:, rows["segment"] == "ru"] + counts[:, rows["segment"] == "en"]
    )
    first = minute_number(SCENARIO.starts(story.SHADOW)) // 60
    answered: NDArray[np.int64] = np.array(
        [serving.answered(SCENARIO, first + number).sum() for number in range(7 * 24)]
    )
    np.testing.assert_array_equal(counts.sum(axis=0)[of_all], answered)
    agreed = counts[[0, 3]].sum() / counts.sum()
    assert 0.95 < agreed < 0.999


def test_score_distributions_of_another_shape_are_refused() -> None:
    class Wrong:
        positive = np.full(200, 1 / 200)
        negative = np.full(100, 1 / 100)

    with pytest.raises(ValueError, match=r"scores\.negative must be 200 shares"):
        population.build(Wrong())
