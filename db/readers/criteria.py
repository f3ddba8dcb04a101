"""What `core.criteria` asks of the store: goals with their criteria and targets."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import text

from core.ports import Criterion, Goal
from core.status import Operator, Target
from db.readers.snapshot import Source, snapshot

_GOALS = text("""
    select goal_id, title, problem, for_whom, gain_us, gain_user, starts_on, due_on, parent_goal_id
    from team.goal
    where service = :service
    order by due_on, goal_id collate "C" """)
_CRITERIA = text("""
    select goal_id, criterion_id, criterion.name, area
    from team.criterion join team.goal using (goal_id)
    where service = :service
    order by goal_id, position""")
_TARGETS = text("""
    select criterion_id, measure, operator, value, unit, milestone, target.due_on
    from team.target join team.criterion using (criterion_id) join team.goal using (goal_id)
    where service = :service
    order by target.due_on, milestone collate "C", measure collate "C" """)


class SqlGoalReader:
    """Fulfils `core.ports.GoalReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def goals(self, service: str) -> tuple[Goal, ...]:
        """A service's goals, those with criteria first, then by due date."""
        asked = {"service": service}
        targets: dict[str, list[Target]] = defaultdict(list)
        criteria: dict[str, list[Criterion]] = defaultdict(list)
        with snapshot(self._source) as connection:
            for criterion, measure, operator, *rest in connection.execute(_TARGETS, asked):
                targets[criterion].append(Target(measure, Operator(operator), *rest))
            for goal, criterion, name, area in connection.execute(_CRITERIA, asked):
                criteria[goal].append(Criterion(criterion, name, area, tuple(targets[criterion])))
            goals = [
                Goal(service=service, criteria=tuple(criteria[about["goal_id"]]), **about)
                for about in connection.execute(_GOALS, asked).mappings()
            ]
        return tuple(sorted(goals, key=lambda goal: not goal.criteria))
