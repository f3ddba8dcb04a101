"""Defining, changing and stopping experiments: what is kept, what is refused, who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from core.experiment.definition import DefinitionError, as_fields, parse
from core.ports import Amendment, ExperimentDefinition, MetricRule, PlannedVariant
from db.engine import Role, Store
from db.readers.experiment import SqlExperimentReader
from db.team.experiments import ConflictError, amend, create, stop

START = date(2026, 6, 1)
DAY = timedelta(days=1)
#: A week before the start, on its first day, and a week into it.
EARLY, FIRST, LATER = (
    datetime(2026, 5, 25, 9, tzinfo=UTC) + number * 7 * DAY for number in range(3)
)
WANTED = parse(
    {
        "service": "newsletters",
        "experiment": "Папка",
        "variants": [{"name": "control", "share": 0.5}, {"name": "лечение", "share": 0.5}],
        "control": "control",
        "starts_on": START,
        "minimum_days": 14,
        "planned_days": 28,
        "primary": {"metric": "complaints_per_letter", "margin": -0.05, "direction": "down"},
        "guardrails": [{"metric": "sessions_per_user", "margin": -0.01, "direction": "up"}],
        "note": "100 % of 'users'; --",
    }
)
PLAN: dict[str, Any] = {"s_plan": 0.0061, "assumption": "4.3M users a variant"}


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


def stored(app: Engine) -> ExperimentDefinition:
    (found,) = SqlExperimentReader(app).definitions("newsletters")
    return found


def amendments(app: Engine) -> tuple[Amendment, ...]:
    return SqlExperimentReader(app).amendments("newsletters", "Папка")


def test_a_definition_comes_back_as_it_was_made(app: Engine):
    made = create(app, replace(WANTED, **PLAN), by=" Анна ", at=EARLY)
    assert made == stored(app)
    assert made == replace(WANTED, **PLAN, frozen_by="Анна", frozen_at=EARLY, revision=1)
    assert amendments(app) == ()


def test_without_an_s_plan_nobody_has_frozen_it(app: Engine):
    made = create(app, WANTED, by="Анна", at=EARLY)
    assert (made.frozen_by, made.frozen_at) == ("", None)
    frozen = amend(app, made, replace(made, **PLAN), by="Борис", at=EARLY + DAY)
    assert (frozen.frozen_by, frozen.frozen_at) == ("Борис", EARLY + DAY)
    assert frozen == stored(app)


def test_who_froze_it_stays_while_something_else_changes(app: Engine):
    made = create(app, replace(WANTED, **PLAN), by="Анна", at=EARLY)
    changed = amend(app, made, replace(made, planned_days=35), by="Борис", at=EARLY + DAY)
    assert (changed.frozen_by, changed.frozen_at) == ("Анна", EARLY)
    assert changed == stored(app)
    thawed = amend(
        app, changed, replace(changed, s_plan=None, assumption=""), by="Борис", at=EARLY + DAY
    )
    assert (thawed.frozen_by, thawed.frozen_at) == ("", None)
    assert thawed == stored(app)


def test_before_the_start_everything_changes_without_a_reason_and_without_a_log(app: Engine):
    made = create(app, WANTED, by="Анна", at=EARLY)
    wanted = replace(
        made,
        variants=(PlannedVariant("a", 0.2), PlannedVariant("b", 0.3), PlannedVariant("c", 0.5)),
        control="b",
        starts_on=START + DAY,
        minimum_days=21,
        planned_days=42,
        primary=MetricRule("complaints_per_user", -0.02, "down"),
        guardrails=(),
        note="",
    )
    changed = amend(app, made, wanted, by="Борис", at=EARLY + DAY)
    assert changed == stored(app) == replace(wanted, revision=2)
    assert amendments(app) == ()


def test_after_the_start_a_change_is_an_amendment_with_its_reason(app: Engine):
    made = create(app, WANTED, by="Анна", at=EARLY)
    wanted = replace(made, planned_days=35, guardrails=())
    changed = amend(app, made, wanted, by="Борис", at=LATER, reason=" holidays ")
    assert changed == stored(app) == replace(wanted, revision=2)
    guardrails = as_fields(made)["guardrails"]
    assert amendments(app) == (
        Amendment(
            LATER,
            "Борис",
            "holidays",
            {"planned_days": 28, "guardrails": guardrails},
            {"planned_days": 35, "guardrails": []},
        ),
    )


def test_stopping_is_an_amendment(app: Engine):
    made = create(app, WANTED, by="Анна", at=EARLY)
    stopped = stop(app, made, START + 3 * DAY, by="Борис", at=LATER, reason="complaints doubled")
    assert stopped == stored(app)
    assert stopped.stopped_on == START + 3 * DAY
    (logged,) = amendments(app)
    assert (logged.before, logged.after) == ({"stopped_on": None}, {"stopped_on": "2026-06-04"})
    again = amend(
        app, stopped, replace(stopped, stopped_on=None), by="Борис", at=LATER, reason="restarted"
    )
    assert again.stopped_on is None
    assert [one.reason for one in amendments(app)] == ["complaints doubled", "restarted"]


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"control": "лечение", "planned_days": 35}, {"control"}),
        ({"starts_on": START + DAY, **PLAN}, {"starts_on", "s_plan", "assumption"}),
        ({"stopped_on": START + 8 * DAY}, {"stopped_on"}),
        ({"experiment": "Другой"}, {"experiment"}),
        ({"planned_days": 3}, {"planned_days"}),
        ({"guardrails": (MetricRule("happiness", -0.01, "up"),)}, {"guardrails[0].metric"}),
    ],
)
def test_what_is_refused_after_the_start_is_named_and_nothing_is_stored(
    app: Engine, changed: dict[str, Any], fields: set[str]
):
    made = create(app, WANTED, by="Анна", at=EARLY)
    other = create(app, replace(WANTED, experiment="Другой"), by="Анна", at=EARLY)
    with pytest.raises(DefinitionError) as refusal:
        amend(app, made, replace(made, **changed), by="Борис", at=LATER, reason="why not")
    assert set(refusal.value.problems) == fields
    assert SqlExperimentReader(app).definitions("newsletters") == (other, made)
    assert amendments(app) == ()


@pytest.mark.parametrize("reason", ["", " \n", "\0"])
def test_an_amendment_needs_a_reason(app: Engine, reason: str):
    made = create(app, WANTED, by="Анна", at=EARLY)
    with pytest.raises(DefinitionError) as refusal:
        amend(app, made, replace(made, note="new"), by="Борис", at=FIRST, reason=reason)
    assert list(refusal.value.problems) == ["reason"]
    assert stored(app) == made


def test_a_form_with_wrong_fields_stores_nothing(app: Engine):
    wrong = replace(WANTED, planned_days=3, control="nobody")
    with pytest.raises(DefinitionError) as refusal:
        create(app, wrong, by=" ", at=EARLY)
    assert set(refusal.value.problems) == {"planned_days", "control", "by"}
    with pytest.raises(DefinitionError) as refusal:
        create(app, WANTED, by="", at=EARLY)
    assert list(refusal.value.problems) == ["by"]
    assert SqlExperimentReader(app).definitions("newsletters") == ()


def test_the_first_day_begins_at_midnight_utc(app: Engine):
    made = create(app, WANTED, by="Анна", at=EARLY)
    eve = datetime(2026, 6, 1, 2, tzinfo=timezone(timedelta(hours=3)))  # 23:00 UTC
    changed = amend(app, made, replace(made, control="лечение"), by="Анна", at=eve)
    with pytest.raises(DefinitionError):
        amend(
            app, changed, made, by="Анна", at=eve + timedelta(hours=1), reason="the day has begun"
        )
    with pytest.raises(ValueError, match="must have a time zone"):
        create(app, WANTED, by="Анна", at=EARLY.replace(tzinfo=None))


def test_an_experiment_that_runs_already_is_defined_as_an_amendment(app: Engine):
    with pytest.raises(DefinitionError) as refusal:
        create(app, WANTED, by="Анна", at=LATER)
    assert list(refusal.value.problems) == ["reason"]
    assert SqlExperimentReader(app).definitions("newsletters") == ()
    made = create(app, WANTED, by="Анна", at=LATER, reason="nobody thought of it")
    assert made == stored(app)
    (logged,) = amendments(app)
    assert (logged.reason, logged.before) == ("nobody thought of it", {})
    assert logged.after == as_fields(WANTED)


def test_moving_the_start_into_the_past_is_an_amendment_too(app: Engine):
    made = create(app, WANTED, by="Анна", at=EARLY)
    wanted = replace(made, starts_on=EARLY.date() - DAY)
    with pytest.raises(DefinitionError) as refusal:
        amend(app, made, wanted, by="Анна", at=EARLY)
    assert list(refusal.value.problems) == ["reason"]
    amend(app, made, wanted, by="Анна", at=EARLY, reason="it had begun")
    (logged,) = amendments(app)
    assert (logged.before, logged.after) == (
        {"starts_on": "2026-06-01"},
        {"starts_on": "2026-05-24"},
    )


def test_the_second_of_two_is_told_what_the_first_has_changed(app: Engine):
    seen = create(app, WANTED, by="Анна", at=EARLY)
    first = amend(app, seen, replace(seen, planned_days=35), by="Борис", at=EARLY + DAY)
    with pytest.raises(ConflictError) as conflict:
        amend(app, seen, replace(seen, note="mine"), by="Вера", at=EARLY + 2 * DAY)
    assert conflict.value.stored == first == stored(app)
    assert (conflict.value.changed_by, conflict.value.changed_at) == ("Борис", EARLY + DAY)
    assert str(conflict.value) == (
        "Борис has changed this experiment meanwhile. planned_days was 28 and is now 35."
    )
    mine = replace(first, note="mine")
    assert amend(app, first, mine, by="Вера", at=EARLY + 2 * DAY).revision == 3


def test_a_button_pressed_twice_changes_once(app: Engine):
    seen = create(app, WANTED, by="Анна", at=EARLY)
    assert create(app, WANTED, by="Анна", at=EARLY + DAY) == seen
    wanted = replace(seen, planned_days=35)
    once = amend(app, seen, wanted, by="Анна", at=LATER, reason="longer")
    assert amend(app, seen, wanted, by="Анна", at=LATER, reason="longer") == once
    assert amend(app, once, wanted, by="Анна", at=LATER, reason="longer") == once
    assert once.revision == stored(app).revision == 2
    assert len(amendments(app)) == 1


def test_an_experiment_that_is_defined_otherwise_is_not_defined_again(app: Engine):
    made = create(app, WANTED, by="Анна", at=EARLY)
    with pytest.raises(ConflictError) as conflict:
        create(app, replace(WANTED, planned_days=35), by="Борис", at=EARLY)
    assert conflict.value.stored == made == stored(app)
    assert "Анна has changed" in str(conflict.value)
    assert [one.sentence for one in conflict.value.changes] == [
        "planned_days was 35 and is now 28."
    ]


def test_what_is_gone_cannot_be_changed(app: Engine):
    with pytest.raises(ConflictError, match="not defined any more") as conflict:
        amend(app, WANTED, replace(WANTED, note="x"), by="Анна", at=EARLY)
    assert conflict.value.stored is None


def test_of_many_who_change_at_once_one_succeeds(store: Store):
    engine = store.engine(Role.APP, pool_size=8)
    seen = create(engine, WANTED, by="Анна", at=EARLY)
    outcomes: list[str] = []
    together = Barrier(6)

    def change(number: int) -> None:
        together.wait()
        try:
            amend(
                engine,
                seen,
                replace(seen, planned_days=30 + number),
                by=f"{number}",
                at=LATER,
                reason="mine",
            )
            outcomes.append("changed")
        except ConflictError:
            outcomes.append("told")

    threads = [Thread(target=change, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed"] + ["told"] * 5
    assert stored(engine).revision == 2
    assert len(amendments(engine)) == 1


@pytest.mark.parametrize("role", [Role.APP, Role.WORKER])
@pytest.mark.parametrize("change", ["update {} set service = 'x'", "delete from {}", "truncate {}"])
@pytest.mark.parametrize("table", ["experiment_amendment", "experiment_decision"])
def test_nobody_rewrites_what_was_amended_or_decided(
    store: Store, role: Role, change: str, table: str
):
    with (
        store.engine(role).connect() as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text(change.format(f"team.{table}")))


def test_a_definition_with_amendments_cannot_be_deleted(app: Engine):
    create(app, WANTED, by="Анна", at=LATER, reason="late")
    with app.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("delete from team.experiment"))


@pytest.mark.parametrize(
    "wrong",
    [
        "control = 'nobody'",
        'variants = \'[{"name": "control", "share": 1}]\'',
        "planned_days = 13",
        "primary_direction = 'left'",
        "primary_margin = 'NaN'",
        "s_plan = 0.1",
        "stopped_on = starts_on - 1",
        "changed_by = ''",
    ],
)
def test_the_store_itself_refuses_what_makes_no_sense(app: Engine, wrong: str):
    create(app, WANTED, by="Анна", at=EARLY)
    with app.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(f"update team.experiment set {wrong}"))
