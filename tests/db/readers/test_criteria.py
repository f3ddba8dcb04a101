"""Goals as the team wrote them."""

from datetime import date
from decimal import Decimal

from db.engine import Role, Store
from db.readers.criteria import SqlGoalReader
from tests.db.readers.serving import execute

GOAL = (
    "insert into team.goal (goal_id, service, title, problem, for_whom, gain_us, gain_user, "
    "starts_on, due_on, parent_goal_id) values (:goal, :service, 'Меньше жалоб', 'Письма мешают', "
    "'пользователь', 'эмбеддинг', 'папка', '2026-01-01', :due, :parent)"
)
CRITERION = "insert into team.criterion values (:criterion, :goal, :position, :name, 'quality')"
TARGET = (
    "insert into team.target (criterion_id, milestone, due_on, measure, operator, value, unit) "
    "values (:criterion, :milestone, :due, :measure, :operator, :value, 'share')"
)


def goal(
    store: Store, name: str, due: str, parent: str | None = None, service: str = "mail"
) -> None:
    execute(store.engine(Role.APP), GOAL, goal=name, service=service, due=due, parent=parent)


def criterion(store: Store, name: str, of: str, position: int) -> None:
    execute(
        store.engine(Role.APP), CRITERION, criterion=name, goal=of, position=position, name=name
    )


def target(store: Store, of: str, due: str, measure: str, value: str) -> None:
    execute(
        store.engine(Role.APP),
        TARGET,
        criterion=of,
        milestone=f"by {due}",
        due=due,
        measure=measure,
        operator=">=" if measure != "lift" else "<=",
        value=value,
    )


def test_goals_with_criteria_come_first_then_by_due_date(store: Store):
    goal(store, "far", "2026-12-01")
    goal(store, "near", "2026-04-01", parent="far")
    goal(store, "judged later", "2027-01-01")
    goal(store, "judged", "2026-07-01")
    goal(store, "elsewhere", "2026-02-01", service="other")
    for of in ("judged", "judged later"):
        criterion(store, f"precision of {of}", of, 1)
    goals = SqlGoalReader(store.engine(Role.APP)).goals("mail")
    assert [found.goal_id for found in goals] == ["judged", "judged later", "near", "far"]
    assert goals[2].parent_goal_id == "far"
    assert goals[0].title == "Меньше жалоб"
    assert goals[0].due_on == date(2026, 7, 1)


def test_criteria_keep_their_position_and_targets_their_exact_value(store: Store):
    goal(store, "main", "2026-07-01")
    criterion(store, "а вторая", "main", 2)
    criterion(store, "я первая", "main", 1)
    target(store, "я первая", "2026-07-01", "precision", "0.99")
    target(store, "я первая", "2026-07-01", "lift", "-0.0500")
    target(store, "я первая", "2026-04-01", "precision", "0.97")
    (found,) = SqlGoalReader(store.engine(Role.APP)).goals("mail")
    assert [one.criterion_id for one in found.criteria] == ["я первая", "а вторая"]
    targets = found.criteria[0].targets
    assert [(one.due_on.month, one.measure, one.operator.value) for one in targets] == [
        (4, "precision", ">="),
        (7, "lift", "<="),
        (7, "precision", ">="),
    ]
    assert [one.value for one in targets] == [Decimal("0.97"), Decimal("-0.05"), Decimal("0.99")]
    assert all(isinstance(one.value, Decimal) for one in targets)
    assert found.criteria[1].targets == ()


def test_a_service_without_goals_has_none(store: Store):
    assert SqlGoalReader(store.engine(Role.APP)).goals("mail") == ()
