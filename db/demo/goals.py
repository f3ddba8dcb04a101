"""The lecture's two goals and five criteria, for the simulated service newsletters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, Engine, text

from db.demo.goal_metrics import seed_business, seed_nodes
from db.demo.newsletters.story import SERVICE
from db.team import audit

GOAL = "newsletters-two-quarters"
INTERIM_GOAL = "newsletters-first-quarter"
STARTS = timedelta(days=-120)
AUTHOR, SECOND = "simulated: Polina", "simulated: Dmitri"
#: What was promised at first for precision in the second quarter, and when that became harder.
FIRST_PRECISION, HARDER = "0.98", timedelta(days=-101)
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

_TEXTS = {
    GOAL: {
        "title": 'Fewer "this is spam" complaints by moving newsletters out of the Inbox',
        "problem": "Unimportant letters litter the Inbox, and people call them spam",
        "for_whom": "Пользователи почты; команда, которая классифицирует письма",
        "gain_us": "Transformer technology, and an embedding of letters",
        "gain_user": "A newsletters folder: the Inbox holds what matters",
        "key_results": [
            "Жалоб «это спам» на письмо меньше на 5 % в A/B-тесте",
            "Precision 99 % at recall 70 %",
            "99.99 % of letters within 20 ms, 1M a minute on average and 2M at peak",
            "BERT trained on 100M deduplicated, anonymised letters",
        ],
    },
    INTERIM_GOAL: {
        "title": "An accurate prototype on a transformer of intermediate size",
        "problem": "Nobody knows yet whether a transformer is precise enough",
        "for_whom": "The team that classifies letters",
        "gain_us": "A model trained on 10M of the 100M letters",
        "gain_user": "Nothing yet: the prototype moves no letters",
        "key_results": ["Precision 97 % at recall 50 %", "Обучение на 10 млн писем"],
    },
}


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
        first = (anchor + STARTS).replace(hour=0, minute=0, second=0, microsecond=0)
        today = anchor.date()
        for goal_id, milestone, parent in ((GOAL, "Q2", None), (INTERIM_GOAL, "Q1", GOAL)):
            values = _TEXTS[goal_id] | {
                "goal_id": goal_id,
                "service": SERVICE,
                "starts_on": today + STARTS,
                "due_on": today + MILESTONES[milestone],
                "parent_goal_id": parent,
            }
            audit.add(connection, "goal", values, by=AUTHOR, at=first)
        for position, criterion in enumerate(_CRITERIA, start=1):
            _seed_criterion(connection, criterion, position, anchor)
        seed_nodes(connection, GOAL, first)
        seed_business(connection, first)
    return True


def _seed_criterion(
    connection: Connection, criterion: _Criterion, position: int, anchor: datetime
) -> None:
    first = (anchor + STARTS).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {
        "criterion_id": criterion.criterion_id,
        "goal_id": GOAL,
        "service": SERVICE,
        "position": position,
        "name": criterion.name,
        "area": criterion.area,
    }
    audit.add(connection, "criterion", values, by=AUTHOR, at=first)
    for target in criterion.targets:
        became_harder = (target.milestone, target.measure) == ("Q2", "precision")
        values = {
            "criterion_id": criterion.criterion_id,
            "service": SERVICE,
            "milestone": target.milestone,
            "due_on": anchor.date() + MILESTONES[target.milestone],
            "measure": target.measure,
            "operator": target.operator,
            "value": Decimal(FIRST_PRECISION if became_harder else target.value),
            "unit": target.unit,
        }
        row = audit.add(connection, "target", values, by=AUTHOR, at=first)
        if became_harder:
            harder = {"value": Decimal(target.value)}
            audit.change(connection, "target", row, harder, by=SECOND, at=anchor + HARDER)
