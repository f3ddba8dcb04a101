"""A kept review is read as it was written."""

import json
from dataclasses import replace

import pytest

from core.review import codec
from core.review.values import Before, Change, Direction
from tests.fakes_review import NOON, action, large, review


def test_what_is_written_is_read_as_it_was():
    found = replace(
        large(),
        before=Before(1, NOON, "x"),
        changes=(Change("Risk", "Стойка", "is new", Direction.WORSE),),
        done=(action(1, done_on=NOON.date()),),
    )
    assert codec.read(codec.write(found)) == found


def test_the_same_review_is_the_same_text():
    assert codec.write(review()) == codec.write(review())


def test_a_later_format_is_refused_by_its_number():
    later = json.dumps(json.loads(codec.write(review())) | {"format": 2})
    with pytest.raises(codec.UnreadableError, match="kept in format 2"):
        codec.read(later)


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "review": 3}'])
def test_what_is_no_review_is_refused(written: str):
    with pytest.raises(codec.UnreadableError):
        codec.read(written)


def test_a_part_that_is_missing_or_of_another_kind_is_refused():
    whole = json.loads(codec.write(review()))
    for broken in ({"risks": None}, {"stale": "no"}, {"as_of": "soon"}):
        with pytest.raises(codec.UnreadableError, match="Part of"):
            codec.read(json.dumps(whole | {"review": whole["review"] | broken}))
    del whole["review"]["headline"]
    with pytest.raises(codec.UnreadableError, match="Part of"):
        codec.read(json.dumps(whole))
