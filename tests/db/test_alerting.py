"""The evaluation of alerts in the store: what fires, what is kept and told, and what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import text

from core.alerts import checks
from core.alerts import report as alerts_report
from core.alerts.checks import Answer
from core.alerts.inputs import Inputs
from core.ports.alerts import AlertRule
from db.alerting import Alerting, evaluate, evaluation, storing
from db.alerting.evaluation import SETTLE
from db.engine import Role, Store
from db.readers import alert_inputs
from db.team.alert_rules import create, ensure_rules
from tests.db.alert_world import SERVICE, World, minutes, states

AVAILABILITY = "slo-availability"


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.fixture
def down(world: World) -> World:
    """All letters of minutes 0 to 9 fail; those before and after are well."""
    world.keep(AVAILABILITY)
    world.add_channel()
    world.write(-120, 0)
    world.write(0, 10, errors=100)
    world.write(10, 60)
    return world


def test_an_outage_of_ten_minutes_fires_within_one_minute_and_is_over_five_after(down: World):
    down.run(range(-1, 20))
    assert down.moves("page_fast") == [(1, "firing"), (15, "resolved")]
    assert [one for one in down.outbox() if one[1] in {1, 15}] == [
        ("firing", 1, "waiting"),  # both pages
        ("firing", 1, "waiting"),
        ("firing", 1, "held"),  # both tickets
        ("firing", 1, "held"),
        ("resolved", 15, "waiting"),
    ]
    fast, slow, *tickets = down.episodes()
    assert (fast.labels["policy"], slow.labels["policy"]) == ("page_fast", "page_slow")
    assert {one.inhibited_by for one in tickets} <= {fast.fingerprint, slow.fingerprint}
    held = {error for (error,) in down.table("select error from team.notification") if error}
    assert held == {"Held while the page that says the same fires."}


def test_a_minute_is_evaluated_when_its_rows_have_had_time_to_come(world: World):
    assert world.alerting.evaluate(world.at(5) + SETTLE) is not None
    assert world.alerting.evaluate(world.at(6) + SETTLE - minutes(0.01)) is None
    assert world.alerting.evaluate(world.at(6) + SETTLE) is not None


def test_the_same_minute_evaluated_by_another_worker_changes_nothing(down: World):
    down.run(range(-1, 3))
    before = (down.episodes(), down.transitions(), down.outbox())
    outcome = down.evaluate(2, Alerting(down.worker))
    assert outcome.services == ()
    assert (down.episodes(), down.transitions(), down.outbox()) == before


def test_a_worker_whose_clock_is_behind_leaves_later_evaluations_alone(down: World):
    down.run([2])
    before = down.episodes()
    outcome = down.evaluate(1, Alerting(down.worker))
    assert (outcome.services, outcome.errors) == ((), ())
    assert down.episodes() == before


def test_of_two_workers_at_once_one_evaluates_each_service(down: World):
    down.run([0])
    together, found = Barrier(2), []

    def look() -> None:
        alerting = Alerting(down.worker)
        together.wait()
        found.append(down.evaluate(1, alerting))

    threads = [Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.services for outcome in found) == [(), (SERVICE,)]
    assert [one.after for one in down.transitions()] == ["firing"] * len(down.episodes())
    keys = down.table("select count(*), count(distinct episode_id) from team.notification")
    assert keys == [(len(down.episodes()), len(down.episodes()))]


def test_a_gap_holds_what_fires_as_unknown_raises_liveness_and_resolves_nothing(world: World):
    """The outage goes on until minute 30; the rows of 5 to 15 never come."""
    world.keep(AVAILABILITY, "rows")
    world.add_channel()
    world.write(-120, 0)
    world.write(0, 5, errors=100)
    world.run(range(-1, 16))
    assert world.moves("page_fast") == [(1, "firing"), (7, "unknown")]
    assert world.moves("rows") == [(9, "firing")]
    assert ("unknown", 7, "waiting") in world.outbox()
    assert {one.state for one in world.episodes(AVAILABILITY)} == {"unknown"}
    world.write(16, 30, errors=100)
    world.write(30, 90)
    world.run(range(16, 60))
    assert world.moves("rows") == [(9, "firing"), (17, "resolved")]
    assert world.moves("page_fast") == [
        (1, "firing"),
        (7, "unknown"),
        (21, "firing"),
        (35, "resolved"),
    ]
    assert ("known", 21, "waiting") in world.outbox()


def test_rows_that_never_come_back_resolve_nothing(world: World):
    world.keep(AVAILABILITY, "rows")
    world.write(-120, 0)
    world.write(0, 5, errors=100)
    world.run([1, 7, 60, 300])
    assert {one.state for one in world.episodes(AVAILABILITY)} == {"unknown"}
    assert {one.state for one in world.episodes("rows")} == {"firing"}


def test_minutes_that_nobody_evaluated_leave_what_still_holds_and_since_when(down: World):
    down.run([-1])
    down.run([8])
    (fast, *_) = down.episodes()
    assert (fast.state, fast.began_at, fast.fired_at) == ("firing", down.at(0), down.at(8))


def test_an_outage_that_nobody_evaluated_is_seen_by_the_longer_policies_afterwards(down: World):
    down.run([-1])
    down.run([25])
    assert {one.labels["policy"] for one in down.episodes()} == {
        "page_slow",
        "ticket_day",
        "ticket_slow",
    }


# What goes wrong


def test_a_service_that_cannot_be_evaluated_stops_no_other_one(
    down: World, monkeypatch: pytest.MonkeyPatch
):
    down.write(-120, 10, service="another")
    whole = alert_inputs.read

    def breaks(source: Any, service: str, *asked: Any) -> Inputs:
        if service == "another":
            raise ZeroDivisionError("it is empty")
        return whole(source, service, *asked)

    monkeypatch.setattr(evaluation, "read", breaks)
    outcome = down.evaluate(1)
    assert outcome.services == (SERVICE,)
    assert outcome.errors == ("The alerts of another could not be evaluated: it is empty.",)
    assert down.moves("page_fast") == [(1, "firing")]
    monkeypatch.undo()
    outcome = down.evaluate(2)
    assert (outcome.services, outcome.errors) == (("another", SERVICE), ())


def test_a_rule_that_breaks_is_unknown_and_stops_no_other_one(
    down: World, monkeypatch: pytest.MonkeyPatch
):
    down.keep(AVAILABILITY, "errors")
    down.run([1, 4])
    assert states(down.episodes("errors")) == [("errors", "firing")]

    def breaks(*_: object) -> Answer:
        raise ZeroDivisionError("no letters")

    monkeypatch.setitem(checks.EVALUATE, "errors", breaks)  # type: ignore[arg-type]
    down.run([5])
    assert states(down.episodes("errors")) == [("errors", "unknown")]
    assert down.moves("page_fast") == [(1, "firing")]
    (newest, *_) = down.reader.evaluations(SERVICE, down.at(5))
    (sentence,) = newest.errors
    assert sentence == "Rule errors cannot be evaluated: ZeroDivisionError: no letters"
    assert newest.unknown == 1
    health = alerts_report.report(down.reader, SERVICE, down.at(5)).health
    assert health.errors == (sentence,)


def test_a_rule_that_says_two_things_of_the_same_is_unknown(
    down: World, monkeypatch: pytest.MonkeyPatch
):
    down.keep(AVAILABILITY, "errors")
    whole = checks.EVALUATE["errors"]

    def twice(rule: AlertRule, asked: Any, inputs: Inputs) -> Answer:
        answer = whole(rule, asked, inputs)
        return replace(answer, signals=answer.signals * 2)

    monkeypatch.setitem(checks.EVALUATE, "errors", twice)  # type: ignore[arg-type]
    down.run([4])
    (newest, *_) = down.reader.evaluations(SERVICE, down.at(4))
    assert newest.errors == ("Rule errors cannot be evaluated: it says two things of the same",)
    assert down.episodes("errors") == ()
    assert down.episodes(AVAILABILITY) != ()


def test_a_rule_that_is_wrong_in_the_store_is_told_and_the_others_are_evaluated(down: World):
    down.keep(AVAILABILITY, "errors")
    with down.app.begin() as connection:
        connection.execute(
            text("update team.alert_rule set parameters = '{}' where rule_id = 'errors'")
        )
    down.run([1])
    (newest, *_) = down.reader.evaluations(SERVICE, down.at(1))
    (sentence,) = newest.errors
    assert sentence.startswith("Rule errors is wrong: minutes: Is missing.")
    assert down.episodes(AVAILABILITY) != ()


def test_an_area_that_cannot_be_read_makes_its_rules_unknown_and_no_others(down: World):
    down.keep(AVAILABILITY, "worker")
    owner = down.store.engine(Role.OWNER)
    with owner.begin() as connection:
        connection.execute(text("revoke select on rollup.worker from greenlight_worker"))
    down.run([1])
    (newest, *_) = down.reader.evaluations(SERVICE, down.at(1))
    assert newest.errors == (
        "Rule worker cannot be evaluated: worker: permission denied for table worker",
    )
    assert down.moves("page_fast") == [(1, "firing")]
    with owner.begin() as connection:
        connection.execute(text("grant select on rollup.worker to greenlight_worker"))
    down.run([2])
    (newest, *_) = down.reader.evaluations(SERVICE, down.at(2))
    assert (newest.rules, newest.errors) == (2, ()), "what failed is read again"


def test_what_cannot_be_told_is_not_stored_either(down: World, monkeypatch: pytest.MonkeyPatch):
    def breaks(*_: object, **__: object) -> int:
        raise RuntimeError("no room")

    monkeypatch.setattr(storing, "enqueue", breaks)
    outcome = down.evaluate(1)
    assert (outcome.services, len(outcome.errors)) == ((), 1)
    assert (down.episodes(), down.transitions(), down.outbox()) == ((), (), [])
    assert down.reader.evaluations(SERVICE, down.at(1)) == ()
    monkeypatch.undo()
    down.run([2])
    assert down.moves("page_fast") == [(2, "firing")]


def test_evaluations_say_how_many_rules_spoke_and_are_forgotten_after_a_month(down: World):
    down.run([1, 2])
    newest, before = down.reader.evaluations(SERVICE, down.at(2))
    assert (newest.at, before.at) == (down.at(2), down.at(1))
    assert (newest.rules, newest.active, newest.unknown) == (1, 4, 0)
    assert newest.seconds > 0
    with down.worker.begin() as connection:
        connection.execute(
            text(
                "insert into team.alert_evaluation (service, at, seconds, rules, active, unknown) "
                "values (:service, :at, 1, 1, 0, 0)"
            ),
            {"service": SERVICE, "at": down.at(3) - storing.KEEP_EVALUATIONS - minutes(1)},
        )
    down.run([3])
    assert len(down.reader.evaluations(SERVICE, down.at(3))) == 3


# What is read


def test_what_changes_slowly_is_not_read_every_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.keep(AVAILABILITY, "load", "complaints", "shadow-visible")
    world.write(-60, 10)
    asked: list[frozenset[str]] = []
    whole = alert_inputs.read

    def spy(source: Any, service: str, as_of: datetime, areas: Any, kept: Any) -> Inputs:
        asked.append(frozenset(areas))
        return whole(source, service, as_of, areas, kept)

    monkeypatch.setattr(evaluation, "read", spy)
    world.run(range(1, 8))
    assert asked[0] == {"serving", "carried", "product", "shadow", "risks"}
    often = [sum(area in areas for areas in asked) for area in ("serving", "carried", "shadow")]
    assert often[0] == 7
    assert often[1] <= 2
    assert often[2] <= 3
    # The rule that needs the highest load beside fresh minutes speaks every minute.
    assert all(one.rules >= 2 for one in world.reader.evaluations(SERVICE, world.at(8)))


def test_slow_areas_wait_when_there_is_no_time_for_them_and_nothing_else_does(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.keep(AVAILABILITY, "load", "shadow-visible")
    world.write(-60, 0)
    world.write(0, 10, errors=100)
    asked: list[frozenset[str]] = []
    whole = alert_inputs.read

    def spy(engine: Any, service: str, as_of: datetime, areas: Any, kept: Any) -> Inputs:
        asked.append(frozenset(areas))
        return whole(engine, service, as_of, areas, kept)

    monkeypatch.setattr(evaluation, "read", spy)
    hurried = Alerting(world.worker, slow_seconds=0)
    for minute in (1, 2):
        world.evaluate(minute, hurried)
    assert asked == [{"serving"}, {"serving"}]
    assert world.moves("page_fast") == [(1, "firing")]
    (newest, *_) = world.reader.evaluations(SERVICE, world.at(2))
    assert (newest.rules, newest.unknown) == (1, 0), "what was not read says nothing"


def test_who_has_waited_longest_for_slow_areas_comes_first(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """There is time for one service a minute here."""
    for service in ("a", "b", "c"):
        world.write(-60, 10, service=service)
    ensure_rules(world.worker, ["a", "b", "c"], world.begin)
    clock = iter(range(10_000))
    monkeypatch.setattr("db.alerting.evaluation.time.monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(evaluation, "AT_ONCE", 1)
    slow: list[str] = []
    whole = alert_inputs.read

    def spy(engine: Any, service: str, as_of: datetime, areas: Any, kept: Any) -> Inputs:
        if "quality" in areas:
            slow.append(service)
        return whole(engine, service, as_of, areas, kept)

    monkeypatch.setattr(evaluation, "read", spy)
    # The clock goes on by one with each look: the first service looks at 1, the next one at 3.
    alerting = Alerting(world.worker, slow_seconds=2)
    for minute in range(1, 4):
        assert world.evaluate(minute, alerting).services == ("a", "b", "c")
    assert slow == ["a", "b", "c"]


def test_a_new_store_calls_nobody_because_its_worker_has_just_begun(store: Store):
    world = World(store)
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text("update rollup.worker set ticked_at = null"))
    world.keep("worker")
    world.write(-5, 1)
    world.run([1])
    assert world.episodes() == ()
    world.run([2])
    assert states(world.episodes()) == [("worker", "firing")], "no tick was finished since"


def test_all_areas_of_a_service_that_has_nothing_are_read_without_an_error(world: World):
    ensure_rules(world.worker, [SERVICE], world.begin)
    create(
        world.app,
        SERVICE,
        {
            "rule_id": "line",
            "name": "Line",
            "check": "red_line",
            "parameters": {"path": "reliability.letters", "operator": "<", "value": 1},
            "severity": "ticket",
        },
        by="Анна",
        at=world.begin,
    )
    outcome = evaluate(world.worker, world.at(1) + SETTLE)
    assert outcome is not None
    assert (outcome.services, outcome.errors) == ((SERVICE,), ())
    (newest,) = world.reader.evaluations(SERVICE, world.at(1))
    assert (newest.rules, newest.errors) == (19, ())
