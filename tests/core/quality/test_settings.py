"""Which targets a classifier is held to: the nearest milestone's."""

from datetime import date
from decimal import Decimal

from core.ports import Criterion
from core.quality import Settings
from core.status import Operator, Target
from core.targets import nearest_targets
from tests.fakes import goal

Q1, Q2 = date(2026, 6, 30), date(2026, 9, 30)


def target(measure: str, value: str, due_on: date) -> Target:
    milestone = "Q1" if due_on == Q1 else "Q2"
    return Target(measure, Operator.AT_LEAST, Decimal(value), "share", milestone, due_on)


QUALITY = Criterion(
    "quality",
    "precision / recall",
    "quality",
    (
        target("precision", "0.97", Q1),
        target("recall", "0.50", Q1),
        target("precision", "0.99", Q2),
        target("recall", "0.70", Q2),
    ),
)


def test_the_first_quarter_is_held_to_its_interim_target():
    found = Settings.of_goals([goal(QUALITY)], date(2026, 6, 1))
    assert found.name == "97/50"
    assert found.promised


def test_the_second_quarter_and_what_comes_after_it_to_the_last():
    assert Settings.of_goals([goal(QUALITY)], date(2026, 7, 1)).name == "99/70"
    assert Settings.of_goals([goal(QUALITY)], date(2027, 1, 1)).name == "99/70"


def test_without_a_goal_99_70_is_a_convention_and_no_promise():
    found = Settings.of_goals([], date(2026, 6, 1))
    assert found.name == "99/70"
    assert not found.promised


def test_a_target_that_comes_later_counts_where_there_is_no_nearer_one():
    later = Criterion("q", "q", "quality", (target("precision", "0.99", Q2),))
    sooner = Criterion("l", "l", "reliability", (target("latency_sli", "0.9", Q1),))
    found = nearest_targets([goal(sooner, later)], "quality", date(2026, 6, 1))
    assert found["precision"].due_on == Q2


def test_other_areas_are_not_asked():
    assert nearest_targets([goal(QUALITY)], "experiment", date(2026, 6, 1)) == {}
