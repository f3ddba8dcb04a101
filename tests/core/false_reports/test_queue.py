"""The order of the queue, its random draws, and how many reports are right by these alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import exp, log

import numpy as np
import pytest
from scipy.stats import chisquare

from core.false_reports.queue import (
    QUEUE_MEMORY,
    RANDOM_SHARE,
    Queue,
    confidence,
    draw,
    generator,
    priorities,
    queue,
    report_precision,
)
from core.false_reports.reviews import standings
from core.ports import Groups, Review
from tests.core.false_reports.review_values import DAY, DOUBLE, NOW, SINGLE, groups, vote

A, B, C = SINGLE[:3]
D = DOUBLE[0]


def in_order(columns: Groups, reviews: list[Review] | None = None) -> list[int]:
    found = queue(columns, standings(columns, reviews or [], as_of=NOW), NOW)
    assert (np.diff(found.priorities) <= 0).all()
    return found.group_ids.tolist()


def test_the_priority_is_the_formula():
    columns = groups(
        [A, B, D],
        reporters=[7, 1, 3],
        scores=[0.9, 0.2, 0.6],
        thresholds=[0.5, 0.5, 0.5],
        kinds=["false_positive", "false_negative", "false_positive"],
        topics=[4, 4, 4],
        last_reported=[NOW - 3 * DAY, NOW, NOW + DAY],
    )
    disputed = [vote(1, D, "Анна", "confirm"), vote(2, D, "Борис", "reject")]
    log_ = [vote(0, B, "Анна", "confirm"), *disputed]
    found = priorities(columns, standings(columns, log_, as_of=NOW), NOW)
    week = QUEUE_MEMORY / DAY
    assert found.tolist() == pytest.approx(
        [
            # Odds of 9 against even odds: 9 / (9 + 1). One group of the topic is decided.
            log(8) * 0.9 * exp(-3 / week) / 2,
            # 0.2 is wrong by odds of 4 where 0.5 was the threshold.
            log(2) * 0.8 / 2,
            # Disputed; a report from the future is a fresh one.
            log(4) * 0.6 * 2 / 2,
        ]
    )


def test_confidence_is_half_at_the_threshold_and_survives_the_ends():
    columns = groups(
        [1, 2, 3, 4, 5],
        scores=[0.7, 1.0, 0.0, 0.3, 1.0],
        thresholds=[0.7, 0.5, 0.5, 0.7, 1.5],
        kinds=[f"false_{side}" for side in (*("negative", "positive") * 2, "positive")],
    )
    at, sure, sure_too, contradicting, beyond = confidence(columns).tolist()
    assert at == beyond == 0.5
    assert sure == pytest.approx(1, abs=1e-5)
    assert sure_too == pytest.approx(1, abs=1e-5)
    assert contradicting < 0.5


def test_many_reporters_fresh_reports_and_sure_mistakes_come_first():
    assert in_order(groups([A, B], reporters=[1, 5])) == [B, A]
    assert in_order(groups([A, B], last_reported=[NOW - DAY, NOW])) == [B, A]
    assert in_order(groups([A, B], scores=[0.6, 0.99])) == [B, A]
    assert in_order(groups([A, B])) == [A, B]


def test_a_topic_with_decided_groups_waits_for_one_without():
    columns = groups([A, B, C], topics=[1, 1, 2], reporters=[9, 9, 5])
    assert in_order(columns) == [A, B, C]
    assert in_order(columns, [vote(1, A, "Анна", "reject")]) == [C, B]


def test_a_dispute_comes_before_its_like_and_what_is_decided_is_not_in_the_queue():
    columns = groups([A, B, D])
    disputed = [vote(1, D, "Анна", "confirm"), vote(2, D, "Борис", "reject")]
    assert in_order(columns, [*disputed, vote(3, A, "Вера", "confirm")]) == [D, B]
    found = queue(columns, standings(columns, disputed, as_of=NOW), NOW)
    assert found.stages.tolist() == [2, 0, 0]
    assert found.first.tolist() == [A, B]


def test_what_was_withdrawn_is_not_in_the_queue():
    assert in_order(groups([A, B], withdrawn=[1, 0])) == [B]


def test_the_order_of_a_minute_ago_is_still_the_order():
    chance = np.random.default_rng(2)
    columns = groups(
        SINGLE[:300],
        reporters=chance.integers(1, 30, 300).tolist(),
        scores=chance.random(300).tolist(),
        last_reported=[NOW - float(age) * DAY for age in chance.exponential(5, 300)],
        topics=chance.integers(0, 5, 300).tolist(),
    )
    stand = standings(columns, [], as_of=NOW)
    now, later = (queue(columns, stand, NOW + ahead) for ahead in (timedelta(0), 3 * DAY))
    assert now.group_ids.tolist() == later.group_ids.tolist()


def test_a_queue_of_nothing_is_empty():
    assert in_order(groups([])) == []


def waiting(size: int) -> Queue:
    return Queue(np.arange(1, size + 1), np.linspace(2, 1, size), np.zeros(size, np.int64))


def test_a_draw_is_the_same_whenever_it_is_made():
    for number in range(50):
        once, again = (draw(waiting(20), generator("newsletters", number)) for _ in range(2))
        assert once.drawn == again.drawn
        assert once.group_ids.tolist() == again.group_ids.tolist()


def test_one_named_share_of_the_draws_is_random_and_each_group_as_likely():
    draws = [draw(waiting(10), generator("newsletters", number)) for number in range(20_000)]
    chosen = [one for one in draws if one.drawn == "random"]
    assert len(chosen) / len(draws) == pytest.approx(RANDOM_SHARE, abs=0.006)
    firsts = np.bincount([one.group_ids[0] for one in chosen], minlength=11)[1:]
    assert chisquare(firsts).pvalue > 0.01
    assert all(sorted(one.group_ids) == list(range(1, 11)) for one in chosen)
    ordered = next(one for one in draws if one.drawn == "order")
    assert ordered.group_ids.tolist() == list(range(1, 11))


def test_services_draw_apart():
    alike = sum(
        draw(waiting(9), generator("newsletters", number)).drawn
        == draw(waiting(9), generator("folders", number)).drawn
        == "random"
        for number in range(3_000)
    )
    assert alike / 3_000 == pytest.approx(RANDOM_SHARE**2, abs=0.005)


def test_random_draws_take_no_group_that_has_a_vote():
    found = Queue(np.array([5, 6, 7]), np.ones(3), np.array([1, 0, 2]))
    for number in range(300):
        one = draw(found, generator("newsletters", number))
        assert one.group_ids.tolist() == ([6] if one.drawn == "random" else [5, 6, 7])


def test_how_many_reports_are_right_is_told_by_random_draws_alone():
    columns = groups(SINGLE[:20], reports=[9] * 20)
    log_ = [
        vote(number, SINGLE[number], "Анна", verdict, drawn=drawn, reports=reports)
        for number, (verdict, drawn, reports) in enumerate(
            [
                ("confirm", "random", 8),
                ("confirm", "random", 1),
                ("reject", "random", 1),
                ("unsure", "random", 1),
                ("reject", "order", 50),
            ]
        )
    ]
    found = report_precision(columns, log_)
    assert found.unsure == 1
    assert found.by_group is not None
    assert (found.by_group.value, found.by_group.n) == (pytest.approx(2 / 3), 3)
    # Weighted by the reports as they were when the group was judged.
    assert found.by_report is not None
    assert (found.by_report.value, found.by_report.n) == (pytest.approx(0.9), 3)


def test_what_others_say_later_does_not_count():
    columns = groups([D])
    log_ = [
        vote(1, D, "Анна", "confirm", drawn="random"),
        vote(2, D, "Борис", "reject", drawn="random", stage="second"),
        vote(3, D, "Вера", "reject", drawn="order", stage="adjudication"),
    ]
    found = report_precision(columns, log_).by_group
    assert found is not None
    assert (found.value, found.n) == (1.0, 1)
    undone = [replace(log_[0], undone_at=NOW), *log_[1:]]
    found = report_precision(columns, undone).by_group
    assert found is not None
    assert (found.value, found.n) == (0.0, 1)


def test_without_a_random_draw_nothing_is_told():
    columns = groups([A])
    for log_ in (
        [],
        [vote(1, A, "Анна", "confirm")],
        [vote(1, B, "Анна", "confirm", drawn="random")],
        [vote(1, A, "Анна", "confirm", drawn="random", exemplar="another")],
    ):
        found = report_precision(columns, log_)
        assert (found.by_group, found.by_report, found.unsure) == (None, None, 0)
