"""What has changed from one review to the next."""

from datetime import date

import pytest

from core.review.changes import changes
from core.review.values import Direction
from core.status import Status
from tests.fakes_review import criterion, measured, milestone, review, risk

BETTER, WORSE, NEITHER = Direction.BETTER, Direction.WORSE, Direction.NEITHER


def told(**sides: tuple[object, object]) -> list[tuple[str, str, Direction]]:
    """What is told of a review in which one part has changed."""
    before, now = ({part: both[at] for part, both in sides.items()} for at in (0, 1))
    return [(one.name, one.said, one.direction) for one in changes(review(**before), review(**now))]


def test_a_review_like_the_one_before_tells_nothing():
    assert told() == []


@pytest.mark.parametrize(
    ("was", "now", "way"),
    [
        (Status.ON_TARGET, Status.AT_RISK, WORSE),
        (Status.UNDECIDED, Status.ON_TARGET, BETTER),
        (Status.BREACHED, Status.UNDECIDED, BETTER),
        (Status.ON_TARGET, Status.NO_DATA, WORSE),
        (Status.NOT_DUE, Status.BREACHED, NEITHER),
    ],
)
def test_a_verdict_says_which_way_it_went(was: Status, now: Status, way: Direction):
    sides = ((criterion(status=was),), (criterion(status=now),))
    said = f"from {was.word} to {now.word}"
    assert told(criteria=sides) == [("Precision and recall", said, way)]


@pytest.mark.parametrize(
    ("value", "high_is_good", "way"), [(0.993, True, BETTER), (0.993, False, WORSE)]
)
def test_a_value_that_moved_is_told_in_the_digits_that_are_shown(
    value: float, high_is_good: bool, way: Direction
):
    was = criterion(measures=(measured(high_is_good=high_is_good),))
    now = criterion(measures=(measured("99.30 %", value, high_is_good=high_is_good),))
    (found,) = told(criteria=((was,), (now,)))
    assert found == ("Precision and recall", "from 99.12 % to 99.30 %", way)


def test_a_value_that_moved_below_what_is_shown_is_not_told():
    now = criterion(measures=(measured(value=0.99125),))
    assert told(criteria=((criterion(),), (now,))) == []


def test_a_target_that_was_changed_is_told():
    now = criterion(measures=(measured(target="at least 97 %"),))
    ((_, said, way),) = told(criteria=((criterion(),), (now,)))
    assert said == "target from at least 99 % to at least 97 %"
    assert way is NEITHER


def test_two_measures_that_went_two_ways_are_neither_better_nor_worse():
    recall = {"measure": "recall", "name": "recall"}
    was = criterion(measures=(measured(), measured("70 %", 0.70, **recall)))
    now = criterion(measures=(measured("99.30 %", 0.993), measured("69 %", 0.69, **recall)))
    ((_, said, way),) = told(criteria=((was,), (now,)))
    assert said == "precision from 99.12 % to 99.30 %; recall from 70 % to 69 %"
    assert way is NEITHER


def test_criteria_come_and_go():
    sides = ((criterion(),), (criterion(criterion_id="other", name="Other"),))
    assert told(criteria=sides) == [
        ("Other", "is new", NEITHER),
        ("Precision and recall", "is no criterion any more", NEITHER),
    ]


def test_a_milestone_whose_likely_end_moves_has_slipped():
    sides = ((milestone(),), (milestone(likely_on=date(2026, 8, 27)),))
    assert told(milestones=sides) == [("Q1", "its likely end seven days later", WORSE)]


def test_a_milestone_that_was_put_off_is_told():
    sides = ((milestone(),), (milestone(due_on=date(2026, 9, 2)),))
    assert told(milestones=sides) == [("Q1", "due one day later", WORSE)]


def test_a_milestone_that_is_met_got_better_and_an_overdue_one_worse():
    met = milestone(state="met", met=True)
    overdue = milestone(state="overdue", status=Status.BREACHED)
    assert told(milestones=((milestone(),), (met,))) == [("Q1", "from on track to met", BETTER)]
    assert told(milestones=((milestone(),), (overdue,))) == [
        ("Q1", "from on track to overdue", WORSE)
    ]


def test_risks_are_opened_closed_and_ranked_anew():
    sides = (
        (risk(1, title="a"), risk(2, title="b")),
        (risk(1, title="a", rank=9), risk(3, title="c", rank=6)),
    )
    assert told(risks=sides) == [
        ("a", "from rank 4 to 9", WORSE),
        ("c", "is new, rank 6", WORSE),
        ("b", "is closed, was rank 4", BETTER),
    ]


def test_a_crossed_red_line_is_told_once():
    crossed = risk(alarm="its red line is crossed")
    assert told(risks=((risk(),), (crossed,)))[0][1] == "its red line is crossed"
    assert told(risks=((crossed,), (crossed,))) == []


def test_what_got_worse_comes_first():
    sides = {
        "criteria": ((criterion(status=Status.AT_RISK),), (criterion(),)),
        "risks": ((risk(),), (risk(rank=9),)),
    }
    assert [way for *_, way in told(**sides)] == [WORSE, BETTER]
