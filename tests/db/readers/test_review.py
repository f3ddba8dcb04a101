"""Kept reviews and decisions as they were known at a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from db.readers.review import SqlReviewReader
from db.review_export import Pack, pack
from db.team.reviews import add_decision, change_decision, keep_review, remove_decision
from tests.fakes_review import NOON, SERVICE, drawn, review

HOUR = timedelta(hours=1)
LATER = NOON + HOUR


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


@pytest.fixture(scope="module")
def packed() -> Pack:
    return pack(drawn(review()))


def test_a_review_that_nobody_kept_is_not_there(app: Engine):
    reader = SqlReviewReader(app)
    for number in (0, -1, 1, 2**63, 10**30):
        assert reader.one(number) is None
        assert reader.file(number, "html") is None
        assert reader.values(number) is None


def test_reviews_are_listed_as_they_were_known(app: Engine, packed: Pack):
    keep_review(app, packed, by="Анна", at=LATER, request_id="a")
    second = replace(packed, drawn=drawn(review(as_of=LATER)))
    keep_review(app, second, by="Вера", at=LATER + HOUR, request_id="b")
    reader = SqlReviewReader(app)
    assert [one.as_of for one in reader.kept(SERVICE, LATER + HOUR)] == [LATER, NOON]
    assert [one.as_of for one in reader.kept(SERVICE, LATER)] == [NOON]
    assert reader.kept("other", LATER) == ()


def test_decisions_are_read_as_they_stood_at_a_moment(app: Engine):
    given = {"text": "Да", "why": "", "decided_by": "Мария", "decided_on": NOON.date()}
    made = add_decision(app, SERVICE, given, by="Анна", at=NOON, request_id="a")
    other = {**given, "text": "Нет"}
    changed = change_decision(app, made, other, by="Анна", at=NOON + HOUR)
    remove_decision(app, changed, by="Анна", at=NOON + 2 * HOUR)
    reader = SqlReviewReader(app)
    read = [
        [one.text for one in reader.decisions(SERVICE, NOON + hours * HOUR)]
        for hours in range(-1, 3)
    ]
    assert read == [[], ["Да"], ["Нет"], []]
    assert reader.decisions("other", NOON) == ()


def test_decisions_come_by_their_day_the_newest_first(app: Engine):
    for days in (2, 1, 3):
        given = {
            "text": f"{days} days ago",
            "why": "",
            "decided_by": "Мария",
            "decided_on": NOON.date() - timedelta(days=days),
        }
        add_decision(app, SERVICE, given, by="Анна", at=NOON, request_id=str(days))
    found = SqlReviewReader(app).decisions(SERVICE, NOON)
    assert [one.text[0] for one in found] == ["1", "2", "3"]
