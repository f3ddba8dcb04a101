"""The lecture's two goals and five criteria, for the simulated service newsletters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, text

from db.demo.newsletters.story import SERVICE

GOAL = "newsletters-two-quarters"
INTERIM_GOAL = "newsletters-first-quarter"
STARTS = timedelta(days=-120)
#: When each milestone is due, from the day of the anchor: the first quarter is over, the second is
#: not.
MILESTONES = {"Q1": timedelta(days=-29), "Q2": timedelta(days=62)}


@dataclass(frozen=True, slots=True)
class _Target:
    milestone: str
    measure: str
    operator: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class _Criterion:
    criterion_id: str
    name: str
    area: str
    targets: tuple[_Target, ...]


_CRITERIA = (
    _Criterion(
        "complaints",
        "5 % fewer complaints a letter in the A/B test",
        "experiment",
        (_Target("Q2", "complaint_lift", "<=", "-0.05", "share"),),
    ),
    _Criterion(
        "precision_recall",
        "Precision and recall of the newsletter classifier",
        "quality",
        (
            _Target("Q1", "precision", ">=", "0.97", "share"),
            _Target("Q1", "recall", ">=", "0.50", "share"),
            _Target("Q2", "precision", ">=", "0.99", "share"),
            _Target("Q2", "recall", ">=", "0.70", "share"),
        ),
    ),
    _Criterion(
        "latency",
        "At most 20 ms a letter",
        "reliability",
        (_Target("Q2", "latency_sli", ">=", "0.9999", "share"),),
    ),
    _Criterion(
        "load",
        "1M letters a minute on average and 2M at peak, at 99.99 %",
        "reliability",
        (
            _Target("Q2", "availability", ">=", "0.9999", "share"),
            _Target("Q2", "mean_rpm", ">=", "1000000", "letters a minute"),
            _Target("Q2", "peak_rpm_within_slo", ">=", "2000000", "letters a minute"),
        ),
    ),
    _Criterion(
        "training",
        "BERT trained on deduplicated, anonymised letters",
        "training",
        (
            _Target("Q1", "letters_anonymised", ">=", "10000000", "letters"),
            _Target("Q2", "letters_anonymised", ">=", "100000000", "letters"),
        ),
    ),
)

_INSERT_GOAL = text(
    "insert into team.goal (goal_id, service, title, problem, for_whom, gain_us, gain_user, "
    "starts_on, due_on, parent_goal_id) values (:goal_id, :service, :title, :problem, "
    ":for_whom, :gain_us, :gain_user, :starts_on, :due_on, :parent_goal_id) on conflict do nothing"
)


def seed_goals(engine: Engine, anchor: datetime) -> bool:
    """Write the goals, all at once, unless the service has a goal already.

    What people changed since stays as they left it, and what they deleted stays deleted, as long as
    one goal of the service is there.

    Args:
        engine: the store, as greenlight_app.
        anchor: the moment that due dates are counted from, UTC.

    Returns:
        Whether they were written.
    """
    with engine.begin() as connection:
        # Two that seed at once wait for each other here, and the second finds a goal.
        connection.execute(text("lock table team.goal in share row exclusive mode"))
        found = connection.execute(
            text("select exists (select from team.goal where service = :service)"),
            {"service": SERVICE},
        ).scalar_one()
        if found:
            return False
        today = anchor.date()
        common = {
            "service": SERVICE,
            "for_whom": "Users of the mail service, and the team that classifies its letters",
            "starts_on": today + STARTS,
        }
        connection.execute(
            _INSERT_GOAL,
            common
            | {
                "goal_id": GOAL,
                "title": 'Fewer "this is spam" complaints by moving newsletters out of the Inbox',
                "problem": "Unimportant letters litter the Inbox, and people call them spam",
                "gain_us": "Transformer technology, and an embedding of letters",
                "gain_user": "A newsletters folder: the Inbox holds what matters",
                "due_on": today + MILESTONES["Q2"],
                "parent_goal_id": None,
            },
        )
        connection.execute(
            _INSERT_GOAL,
            common
            | {
                "goal_id": INTERIM_GOAL,
                "title": "An accurate prototype on a transformer of intermediate size",
                "problem": "Nobody knows yet whether a transformer is precise enough",
                "gain_us": "A model trained on 10M of the 100M letters",
                "gain_user": "Nothing yet: the prototype moves no letters",
                "due_on": today + MILESTONES["Q1"],
                "parent_goal_id": GOAL,
            },
        )
        for position, criterion in enumerate(_CRITERIA, start=1):
            connection.execute(
                text(
                    "insert into team.criterion (criterion_id, goal_id, position, name, area) "
                    "values (:criterion_id, :goal_id, :position, :name, :area)"
                ),
                {
                    "criterion_id": criterion.criterion_id,
                    "goal_id": GOAL,
                    "position": position,
                    "name": criterion.name,
                    "area": criterion.area,
                },
            )
            for target in criterion.targets:
                connection.execute(
                    text(
                        "insert into team.target (criterion_id, milestone, due_on, measure, "
                        "operator, value, unit) values (:criterion_id, :milestone, :due_on, "
                        ":measure, :operator, :value, :unit)"
                    ),
                    {
                        "criterion_id": criterion.criterion_id,
                        "milestone": target.milestone,
                        "due_on": today + MILESTONES[target.milestone],
                        "measure": target.measure,
                        "operator": target.operator,
                        "value": Decimal(target.value),
                        "unit": target.unit,
                    },
                )
    return True
