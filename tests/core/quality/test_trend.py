"""Quality by day: late labels make a day immature, and say nothing about quality."""

from datetime import timedelta

import pytest

from core.quality import sentences
from tests.core.quality.worlds import labelled, measured, released, scored
from tests.fakes_quality import at_hour, labels


def days_of_labels(days: int, lag: float = 2) -> list:
    """Labels of every day, at noon of the first fake hour and every 24 hours on."""
    return [row for day in range(days) for row in labelled_with(day * 24 + 1, lag)]


def labelled_with(hour: float, lag: float) -> list:
    return [
        *labels(hour, 40, 100, 100, lag=lag),
        *labels(hour, 22, 100, 98, lag=lag),
        *labels(hour, 10, 100, 25, lag=lag),
        *labels(hour, -30, 100, 0, lag=lag),
    ]


def test_a_day_is_estimated_from_its_own_labels():
    found = measured(scored(0, 96), days_of_labels(4), window="4d", as_of=at_hour(96))
    values = [day.precision.value for day in found.days if day.quality.labels]
    assert values == pytest.approx([0.992] * 4)


def test_the_newest_day_waits_for_labels_that_earlier_days_have_shown_to_come():
    rows = days_of_labels(4, lag=20)
    found = measured(scored(0, 120), rows, window="5d", as_of=at_hour(120))
    assert found.labels.lag.median == timedelta(hours=20)
    assert found.labels.lag.estimated
    first, *_, last = found.days
    assert first.mature
    assert not last.mature
    assert last.arrived == 0
    assert found.labels.mature_share is not None
    assert 0 < found.labels.mature_share < 1


def test_a_day_that_is_half_over_is_judged_by_the_hours_it_has_had():
    rows = days_of_labels(4, lag=0.5)
    found = measured(scored(0, 96), rows, window="4d", as_of=at_hour(96))
    last = found.days[-1]
    assert last.arrived is not None
    assert last.arrived > 0.9


def test_without_labels_no_day_is_mature_and_no_lag_is_known():
    found = measured(scored())
    assert found.labels.lag.median is None
    assert {day.arrived for day in found.days} == {None}
    assert found.labels.mature_share is None
    assert sentences.lag_words(found.labels.lag) == "no label has come yet"


def test_the_title_counts_only_mature_days_that_are_provably_below():
    bad = labels(25, 22, 400, 100, lag=2)
    rows = [*days_of_labels(4), *bad]
    found = measured(scored(0, 120), rows, window="5d", as_of=at_hour(120))
    assert sentences.trend_title(found, "precision").startswith("One day was below 99 %")
    assert sentences.trend_title(found, "recall") == "No day was provably below 70 % recall"


def test_releases_of_the_window_are_handed_over_and_older_ones_are_not():
    made = [released(-30, "v0"), released(10)]
    found = measured(scored(), labelled(), deployed=made)
    assert [release.model_version for release in found.releases] == ["v1"]


def test_a_long_window_is_told_by_week():
    rows = scored(0, 24 * 120)
    found = measured(rows, days_of_labels(100), window="120d", as_of=at_hour(24 * 120))
    assert {day.length for day in found.days} == {timedelta(days=7)}
    assert all(day.day.weekday() == 0 for day in found.days)
    assert sum(day.quality.letters for day in found.days) == found.whole.letters
    assert sum(day.quality.labels for day in found.days) == found.labels.count
    assert sentences.trend_title(found, "precision") == "No week was provably below 99 % precision"


def test_a_day_on_which_nothing_was_right_is_a_finding_and_no_missing_day():
    wrong = [
        *labels(1, 40, 100, 0, lag=2),
        *labels(1, 22, 100, 0, lag=2),
        *labels(1, 10, 100, 25, lag=2),
        *labels(1, -30, 100, 0, lag=2),
    ]
    found = measured(scored(), wrong)
    assert found.days[0].precision.value == 0
    assert sentences.trend_title(found, "precision").startswith("One day was below 99 %")
