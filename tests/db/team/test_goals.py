"""Goals, criteria and targets in the store: kept exactly, told, and read as they stood."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.fields import FieldsError
from core.ports.criteria import Criterion, Goal, KeptTarget
from core.status import Operator
from core.timeframe import Window
from db.readers.criteria import SqlGoalReader
from db.team.audit import ConflictError
from db.team.goals import (
    remove_criterion,
    remove_goal,
    remove_target,
    save_criterion,
    save_goal,
    save_target,
)
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE, logged

GOAL: dict[str, Any] = {
    "title": "Меньше жалоб",
    "problem": "Unimportant letters litter the Inbox",
    "for_whom": "users",
    "gain_us": "an embedding of letters",
    "gain_user": "a newsletters folder",
    "starts_on": "2026-01-01",
    "due_on": "2026-09-30",
    "key_results": ["Жалоб −5 %"],
    "parent_goal_id": None,
}
QUALITY = {"name": "99 / 70", "area": "quality", "window": ""}
TARGET: dict[str, Any] = {
    "measure": "precision",
    "operator": ">=",
    "value": "99.9999999999999 %",
    "milestone": "Q2",
    "due_on": "2026-09-30",
}
_BY_SQL = (
    """insert into team.goal (goal_id, service, title, problem, for_whom, starts_on, due_on)
    values ('old', 'newsletters', 'Old', 'why', 'us', '2026-01-01', '2026-09-30')""",
    "insert into team.criterion values ('up', 'old', 1, 'Up', 'reliability')",
    """insert into team.target
    values ('up', 'Q2', '2026-09-30', 'availability', '>=', 0.9999, 'share')""",
)
BY: dict[str, Any] = {"by": " Анна ", "at": NINE}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def goal(app: Engine, request: str = "g", **changed: Any) -> Goal:
    return save_goal(app, SERVICE, None, GOAL | changed, **BY, request_id=request)


def criterion(app: Engine, of: Goal, request: str = "c", **changed: Any) -> Criterion:
    return save_criterion(app, of, None, QUALITY | changed, **BY, request_id=request)


def target(app: Engine, of: Criterion, request: str = "t", **changed: Any) -> KeptTarget:
    return save_target(app, of, None, TARGET | changed, **BY, request_id=request)


def test_a_goal_with_a_criterion_and_targets_comes_back_as_it_was_made(app: Engine):
    made = goal(app)
    kept = criterion(app, made, window="7d")
    precise = target(app, kept)
    interim = target(app, kept, "t1", value="97 %", milestone="Q1", due_on="2026-06-30")
    (found,) = SqlGoalReader(app).goals(SERVICE, NINE)
    assert (found.title, found.key_results, found.changed_by) == (
        "Меньше жалоб",
        ("Жалоб −5 %",),
        "Анна",
    )
    (one,) = found.criteria
    assert (one.criterion_id, one.window) == (kept.criterion_id, Window.parse("7d"))
    assert one.targets == (interim.target, precise.target)
    assert one.targets[1].value == Decimal("0.999999999999999")
    assert one.targets[1].operator is Operator.AT_LEAST


def test_a_changed_target_is_read_as_it_stood_to_its_last_digit(app: Engine):
    kept = criterion(app, goal(app))
    first = target(app, kept)
    later = NINE + DAY
    changed = save_target(
        app, kept, first, TARGET | {"value": "98 %"}, by="Борис", at=later, request_id="t2"
    )
    reader = SqlGoalReader(app)
    assert [one.target.value for one in reader.targets(SERVICE, NINE)] == [
        Decimal("0.999999999999999")
    ]
    assert reader.targets(SERVICE, later) == (changed,)
    assert (changed.revision, changed.changed_by) == (2, "Борис")
    assert reader.goals(SERVICE, NINE - HOUR) == ()


def test_what_is_stored_within_the_minute_of_an_as_of_belongs_to_it(app: Engine):
    """A live page's as-of is the minute that runs, and shows what was stored in it."""
    save_goal(app, SERVICE, None, GOAL, by="Анна", at=NINE + HOUR / 120, request_id="g")
    reader = SqlGoalReader(app)
    assert len(reader.goals(SERVICE, NINE)) == 1
    assert reader.goals(SERVICE, NINE - HOUR / 60) == ()


def test_a_double_click_makes_one(app: Engine):
    made = goal(app)
    assert goal(app) == made
    kept = criterion(app, made)
    assert criterion(app, made) == kept
    assert target(app, kept) == target(app, kept)
    assert [entry.subject for entry in logged(app)] == ["goal", "criterion", "target"]


def test_the_second_of_two_is_told_and_sees_both(app: Engine):
    kept = criterion(app, goal(app))
    seen = target(app, kept)
    theirs = save_target(
        app, kept, seen, TARGET | {"value": "98 %"}, by="Борис", at=NINE, request_id="a"
    )
    with pytest.raises(ConflictError) as error:
        save_target(app, kept, seen, TARGET | {"value": "97 %"}, **BY, request_id="b")
    assert (error.value.stored, error.value.changed_by) == (theirs, "Борис")
    same = save_target(app, kept, seen, TARGET | {"value": "98 %"}, **BY, request_id="c")
    assert same == theirs  # what one wants is stored already


def test_a_goal_and_a_criterion_tell_conflicts_too(app: Engine):
    made = goal(app)
    kept = criterion(app, made)
    save_goal(app, SERVICE, made, GOAL | {"title": "A"}, **BY, request_id="1")
    with pytest.raises(ConflictError):
        save_goal(app, SERVICE, made, GOAL | {"title": "B"}, **BY, request_id="2")
    save_criterion(app, made, kept, QUALITY | {"name": "A"}, **BY, request_id="3")
    with pytest.raises(ConflictError):
        save_criterion(app, made, kept, QUALITY | {"name": "B"}, **BY, request_id="4")
    with pytest.raises(ConflictError):
        remove_criterion(app, kept, by="Анна", at=NINE)


def test_two_at_the_same_moment_set_one_target(app: Engine):
    kept = criterion(app, goal(app))
    together, said = Barrier(2), []

    def click(request: str) -> None:
        together.wait()
        try:
            said.append(target(app, kept, request).revision)
        except FieldsError as error:
            said.append(error.problems["measure"])

    threads = [Thread(target=click, args=(request,)) for request in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, said)) == ["1", "Has a target at Q2 already: change that one."]


def test_what_is_removed_is_gone_from_now_on_and_there_before(app: Engine):
    made = goal(app)
    kept = criterion(app, made)
    held = target(app, kept)
    later = NINE + DAY
    remove_target(app, held, by="Анна", at=later)
    remove_target(app, held, by="Анна", at=later)
    reader = SqlGoalReader(app)
    assert reader.targets(SERVICE, later) == ()
    assert reader.targets(SERVICE, NINE) == (held,)
    again = target(app, kept, "t9")
    assert again.target_id != held.target_id
    remove_criterion(app, kept, by="Анна", at=later + HOUR)
    assert reader.goals(SERVICE, later + HOUR)[0].criteria == ()
    remove_goal(app, made, by="Анна", at=later + DAY)
    assert reader.goals(SERVICE, later + DAY) == ()
    assert len(reader.goals(SERVICE, NINE)[0].criteria) == 1
    with pytest.raises(ConflictError, match="no such criterion"):
        target(app, kept, "t10")
    with pytest.raises(ConflictError, match="no such goal"):
        criterion(app, made, "c2")


def test_criteria_keep_their_order(app: Engine):
    made = goal(app)
    names = ["Я", "б", "A"]
    for name in names:
        criterion(app, made, name, name=name)
    (found,) = SqlGoalReader(app).goals(SERVICE)
    assert [one.name for one in found.criteria] == names


def test_nothing_is_stored_where_a_field_is_wrong_or_nobody_says_who(app: Engine):
    with pytest.raises(FieldsError) as error:
        goal(app, problem="")
    assert set(error.value.problems) == {"problem"}
    with pytest.raises(FieldsError):
        save_goal(app, SERVICE, None, GOAL, by=" ", at=NINE, request_id="g")
    assert logged(app) == []


def test_rows_that_were_written_by_sql_can_be_changed_and_stood_always(app: Engine):
    with app.begin() as connection:
        for statement in _BY_SQL:
            connection.execute(text(statement))
    reader = SqlGoalReader(app)
    (found,) = reader.goals(SERVICE, NINE - 400 * DAY)
    (kept,) = reader.targets(SERVICE, NINE)
    assert found.criteria[0].targets == (kept.target,)
    given = {
        "measure": "availability",
        "operator": ">=",
        "value": "99.9 %",
        "milestone": "Q2",
        "due_on": date(2026, 9, 30),
    }
    save_target(app, found.criteria[0], kept, given, **BY, request_id="n")
    assert [one.target.value for one in reader.targets(SERVICE, NINE - DAY)] == [Decimal("0.9999")]
    assert [one.target.value for one in reader.targets(SERVICE, NINE)] == [Decimal("0.999")]


def test_the_history_has_every_change_the_newest_first(app: Engine):
    kept = criterion(app, goal(app))
    first = target(app, kept)
    save_target(
        app, kept, first, TARGET | {"value": "98 %"}, by="Борис", at=NINE + DAY, request_id="x"
    )
    reader = SqlGoalReader(app)
    told = [(one.subject, one.by) for one in reader.changes(SERVICE, NINE + DAY, 10)]
    assert told == [("target", "Борис"), *((s, "Анна") for s in ("target", "criterion", "goal"))]
    assert len(reader.changes(SERVICE, NINE, 10)) == 3
    assert len(reader.changes(SERVICE, NINE + DAY, 2)) == 2
