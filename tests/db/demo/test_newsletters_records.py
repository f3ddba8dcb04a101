"""The simulated service's small tables: releases, runs, business metrics, heartbeats, reports."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from core.stats.scores import score_bins
from db.demo.newsletters import population, product, records, reports, story, truth
from db.demo.newsletters.population import Population
from db.demo.newsletters.story import Scenario
from tests.db.demo.bells import Bell

DAY = timedelta(days=1)
SCENARIO = Scenario(datetime(2025, 6, 3, 21, 37, tzinfo=UTC))

Rows = dict[str, Any]


@pytest.fixture(scope="module")
def letters() -> Population:
    return population.build(Bell())


@pytest.fixture(scope="module")
def reported(letters: Population) -> Rows:
    rows = reports.between(SCENARIO, letters, SCENARIO.midnight(60), SCENARIO.anchor)
    assert rows is not None
    return rows


def series(rows: Rows, metric: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(rows["value"][rows["metric"] == metric])


def test_every_business_metric_of_the_contract_has_120_days() -> None:
    rows = product.days(SCENARIO, story.HISTORY_DAYS, 1)
    names = {
        "complaints",
        "letters",
        "active_users_day",
        "active_users_week",
        "active_users_month",
        "sessions",
        "session_seconds",
        "revenue_ads",
        "revenue_subscriptions",
    }
    assert set(rows["metric"]) == names
    for name in names:
        days = rows["day"][rows["metric"] == name]
        assert days.size == 120
        assert (np.diff(days) == np.timedelta64(1, "D")).all()
        assert days[-1] == np.datetime64("2025-06-02")
        assert series(rows, name).min() > 0


def test_complaints_a_letter_fall_and_letters_have_a_weekly_cycle() -> None:
    rows = product.days(SCENARIO, story.HISTORY_DAYS, 1)
    letters = series(rows, "letters")
    rate = series(rows, "complaints") / letters
    assert rate[-14:].mean() < 0.98 * rate[:14].mean()
    week = rows["day"][rows["metric"] == "letters"].astype("datetime64[D]").astype(int) % 7
    weekend = np.isin(week, (2, 3))  # 1970-01-03 was a Saturday
    assert letters[weekend].mean() < 0.93 * letters[~weekend].mean()
    assert 1.4e9 < letters.mean() < 1.6e9
    day, of_week, of_month = (series(rows, f"active_users_{n}") for n in ("day", "week", "month"))
    assert (day < of_week).all()
    assert (of_week < of_month).all()


def test_days_of_live_continue_the_history() -> None:
    before, after = product.days(SCENARIO, 1, 1), product.days(SCENARIO, 0, 0)
    both = product.days(SCENARIO, 1, 0)
    np.testing.assert_array_equal(both["value"], np.concatenate([before["value"], after["value"]]))
    assert after["day"][0] == np.datetime64("2025-06-03")


def test_training_grows_from_5_to_60_million_letters_one_failed_one_runs() -> None:
    rows = records.training_runs(SCENARIO, SCENARIO.anchor)
    raw, deduplicated, anonymised, trained = (
        rows[f"letters_{name}"] for name in ("raw", "deduplicated", "anonymised", "trained")
    )
    assert (raw > deduplicated).all()
    assert (deduplicated >= anonymised).all()
    assert (anonymised >= trained).all()
    assert anonymised[0] == 5_000_000
    assert anonymised[-1] == pytest.approx(60_000_000, rel=0.01)
    status = rows["status"].tolist()
    assert status.count("failed") == 1
    assert status.count("running") == 1
    assert status[-1] == "running"
    np.testing.assert_array_equal(np.isnat(rows["finished_at"]), rows["status"] == "running")
    assert all(note.startswith("simulated") for note in rows["note"])
    told = rows["retraining_set"] == story.RETRAINING_SET
    assert rows["model_version"][told].tolist() == ["bert-4"]
    assert rows["started_at"][told] > np.datetime64(
        (SCENARIO.midnight(0) - story.SET_MADE).replace(tzinfo=None)
    )
    assert set(rows["retraining_set"][~told]) == {""}


def test_the_running_training_ends_some_days_later() -> None:
    rows = records.training_runs(SCENARIO, SCENARIO.anchor + 4 * DAY)
    assert set(rows["status"]) == {"succeeded", "failed"}
    assert rows["letters_trained"][-1] == 60_000_000


def test_the_interim_target_was_met_in_time_and_the_final_one_is_not_yet() -> None:
    due = records.training_runs(SCENARIO, SCENARIO.anchor - 29 * DAY)
    assert due["letters_anonymised"][due["status"] == "succeeded"].max() >= 10_000_000
    now = records.training_runs(SCENARIO, SCENARIO.anchor)
    assert now["letters_anonymised"].max() < 100_000_000


def test_releases_tell_the_story_in_order(letters: Population) -> None:
    rows = records.deployments(SCENARIO, letters)
    told = list(zip(rows["model_version"], rows["stage"], rows["datacenter"], strict=True))
    assert told == [
        ("bert-3", "production", ""),
        ("bert-4", "shadow", ""),
        ("bert-4", "canary", "dc1"),
        ("bert-4", "rolled_back", "dc1"),
        ("bert-4", "canary", "dc1"),
        ("bert-4", "production", "dc1"),
        ("bert-4", "production", "dc2"),
        ("bert-4", "production", "dc3"),
        ("bert-3", "retired", ""),
    ]
    assert (np.diff(rows["deployed_at"]) > np.timedelta64(0)).all()
    ages = (np.datetime64("2025-06-03") - rows["deployed_at"].astype("datetime64[D]")).astype(int)
    assert ages.tolist() == [120, 34, 26, 26, 12, 11, 11, 11, 10]
    assert all("simulated" in note for note in rows["note"])
    assert len(set(rows["deployment_id"])) == len(told)


def test_six_instances_beat_and_canaries_stopped_in_order() -> None:
    rows = records.heartbeats(records.lives(SCENARIO, SCENARIO.anchor), SCENARIO.anchor)
    inference = rows["component"] == "inference"
    stopped = ~np.isnat(rows["stopped_at"])
    assert (inference & ~stopped).sum() == 6
    assert set(rows["instance"][stopped]) == {story.FIRST_CANARY, story.SECOND_CANARY}
    np.testing.assert_array_equal(rows["beat_at"][stopped], rows["stopped_at"][stopped])
    assert (rows["started_at"] <= rows["beat_at"]).all()
    doubled = rows["started_at"][rows["instance"] == "dc2-b"][0]
    assert doubled == np.datetime64("2025-05-20T00:00")


def test_the_experiment_stops_after_its_last_day() -> None:
    for later, stopped in ((8 * DAY, False), (10 * DAY, True)):
        at = SCENARIO.anchor + later
        lives = {life.component: life for life in records.lives(SCENARIO, at)}
        assert (lives["experiment"].stopped_at is not None) == stopped


def test_reports_are_on_the_wrong_side_of_the_threshold(
    letters: Population, reported: Rows
) -> None:
    positive = score_bins(reported["score"]) >= letters.threshold_bin
    np.testing.assert_array_equal(positive, reported["kind"] == "false_positive")
    assert reported["threshold"] == letters.threshold
    assert 1_300 < reported["report_id"].size < 2_300
    assert len(set(reported["report_id"])) == reported["report_id"].size
    by_name = np.argsort(reported["report_id"])
    assert (np.diff(reported["reported_at"][by_name]) >= np.timedelta64(0)).all(), "as ULIDs do"
    lag = reported["reported_at"] - reported["predicted_at"]
    assert lag.min() > np.timedelta64(0)
    for name in ("kind", "language", "model_version", "source"):
        assert len(set(reported[name])) == 2


def test_some_letters_are_reported_by_many_mailboxes_each_once(reported: Rows) -> None:
    of_letter = Counter(reported["letter_key"].tolist())
    assert max(of_letter.values()) > 5
    assert Counter(of_letter.values())[1] > 0.85 * len(of_letter)
    said = set(zip(reported["letter_key"], reported["reporter_key"], strict=True))
    assert len(said) == reported["report_id"].size
    (many, _), *_ = of_letter.most_common(1)
    same = reported["letter_key"] == many
    assert len(set(reported["text"][same])) == 1
    assert len(set(reported["predicted_at"][same])) == 1
    assert len(set(reported["reported_at"][same])) == same.sum()


def test_report_keys_are_keyed_hashes_and_some_people_report_more_than_once(
    reported: Rows,
) -> None:
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in reported["letter_key"])
    users = [k for k, source in zip(reported["reporter_key"], reported["source"], strict=True)
             if source == "user"]  # fmt: skip
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in users)
    assert 1 < len(users) / len(set(users)) < 3
    assert set(reported["reporter_key"][reported["source"] == "assessor"]) == {""}


def test_the_truth_names_every_quantity_once_and_every_event(letters: Population) -> None:
    quantities = truth.all_quantities(SCENARIO, letters)
    names = [name for name, _, _ in quantities]
    assert len(names) == len(set(names))
    assert {"precision", "recall", "threshold", "newsletters_share", "lift"} <= set(names)
    assert {f"event:{event.name}:starts" for event in story.EVENTS} <= set(names)
    values = {name: value for name, value, _ in quantities}
    gap = datetime.fromtimestamp(values["event:gap:starts"], UTC)
    assert gap == SCENARIO.starts(story.GAP) == datetime(2025, 5, 30, 3, 17, tzinfo=UTC)
    assert all(np.isfinite(value) and note for _, value, note in quantities)
