"""The milestones' report from the store: overdue first, the plan as it was known then."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from core.milestones import MilestoneState, report
from db.readers.milestones import SqlPlanReader
from db.team.milestones import add_milestone
from tests.db.team.oncall_rows import DAY, NINE, SERVICE


def test_a_milestone_is_known_from_the_moment_it_was_written(oncall_app: Engine):
    for name, days in (("late", -7), ("soon", 7)):
        given = {"name": name, "due_on": NINE.date() + timedelta(days=days)}
        add_milestone(oncall_app, SERVICE, given, by="Анна", at=NINE, request_id=name)
    reader = SqlPlanReader(oncall_app)

    found = report(reader, (), SERVICE, NINE)

    assert [one.name for one in found.milestones] == ["late", "soon"]
    assert {one.state for one in found.milestones} == {MilestoneState.EMPTY}
    assert report(reader, (), SERVICE, NINE - DAY).milestones == ()
    assert report(reader, (), "another", NINE).milestones == ()
