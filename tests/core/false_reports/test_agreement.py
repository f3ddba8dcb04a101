"""How far reviewers agree: which votes are compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.false_reports.agreement import agreement
from core.ports import Review
from tests.core.false_reports.review_values import DOUBLE, NOW, SINGLE, vote


def pair(number: int, group_id: int, first: str, second: str) -> list[Review]:
    return [
        vote(2 * number, group_id, "Анна", first),
        vote(2 * number + 1, group_id, "Борис", second, stage="second"),
    ]


def test_blind_votes_of_both_stages_are_compared():
    log = [
        *pair(1, DOUBLE[0], "confirm", "confirm"),
        *pair(2, DOUBLE[1], "reject", "confirm"),
        *pair(3, SINGLE[0], "unsure", "unsure"),
        vote(9, SINGLE[1], "Анна", "confirm"),
    ]
    found = agreement(log)
    assert (found.every.n, found.every.raw) == (3, pytest.approx(2 / 3))
    # Only two of these groups are looked at twice whatever the first says.
    assert (found.sampled.n, found.sampled.raw) == (2, 0.5)
    assert found == agreement(log[::-1])


@pytest.mark.parametrize(
    "changed",
    [
        {"blind": False},
        {"stage": "adjudication"},
        {"undone_at": NOW},
        {"reviewer": "Анна"},
        {"exemplar": "another"},
    ],
)
def test_votes_that_are_no_independent_answer_to_the_same_question_are_not(changed: dict):
    first, second = pair(1, DOUBLE[0], "confirm", "reject")
    assert agreement([first, second]).every.n == 1
    assert agreement([first, replace(second, **changed)]).every.n == 0


def test_an_adjudicator_is_not_compared():
    log = [
        *pair(1, DOUBLE[0], "confirm", "reject"),
        vote(9, DOUBLE[0], "Вера", "reject", stage="adjudication"),
    ]
    assert agreement(log).every.raw == 0


def test_without_votes_there_is_no_agreement():
    found = agreement([])
    assert (found.every.n, found.every.raw, found.every.alpha) == (0, None, None)


def test_where_nearly_all_is_right_raw_agreement_flatters():
    log: list[Review] = []
    for number in range(100):
        said = {0: ("confirm", "reject"), 1: ("reject", "confirm")}.get(
            number // 2, ("confirm",) * 2
        )
        log += pair(number, 1_000 + number, *said)
    found = agreement(log, resamples=200).every
    assert found.raw == 0.96
    assert found.alpha is not None
    assert abs(found.alpha) < 0.03
    assert found.low is not None
    assert found.low < 0.1
