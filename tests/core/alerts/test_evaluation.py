"""Which rules are evaluated when, and what happens to those that cannot be."""

from dataclasses import replace

from core.alerts.default_rules import defaults
from core.alerts.evaluation import evaluate, recorded
from core.alerts.inputs import EVERY, Inputs, due
from core.alerts.serving import Carried, serving
from core.ports import WorkerPulse
from core.timeframe import HOUR, MINUTE
from tests.fakes import SERVICE, at
from tests.fakes_alerts import evaluated, rule, rule_named, signal, steady_grid

RULES = defaults(SERVICE)
PULSE = WorkerPulse("host:1", at(0), "")


def test_everything_is_due_at_first():
    assert due(RULES, {}, at(0)) == set(EVERY) - {"reports"}


def due_minutes(service: str, area: str, until: int) -> list[int]:
    """The minutes at which an area that was read at 0 is read again, minute by minute."""
    rules, read, found = defaults(service), {one: at(0) for one in EVERY}, []
    for minute in range(until):
        for one in due(rules, read, at(minute)):
            read[one] = at(minute)
            if one == area:
                found.append(minute)
    return found


def test_an_area_of_every_minute_is_due_every_minute():
    assert due_minutes(SERVICE, "serving", 5) == [1, 2, 3, 4]


def test_a_slow_area_is_due_once_in_its_rhythm():
    first, *rest = due_minutes(SERVICE, "quality", 60)
    assert 1 <= first <= 15
    assert rest == [first + 15, first + 30, first + 45][: len(rest)]


def test_services_do_not_read_their_slow_areas_in_the_same_minute():
    """Sixty services and sixty minutes: most minutes have a few, and none has many."""
    firsts = [due_minutes(f"service-{number}", "experiment", 61)[0] for number in range(60)]
    assert max(firsts.count(minute) for minute in firsts) <= 6


def test_what_no_rule_needs_is_not_read():
    assert due([rule_named("worker")], {}, at(0)) == {"worker"}
    assert due([rule_named("worker", enabled=False)], {}, at(0)) == frozenset()


def test_only_rules_whose_areas_were_read_are_evaluated():
    inputs = Inputs(SERVICE, at(0), worker=PULSE)
    assert [one.rule.rule_id for one in evaluate(RULES, inputs)] == ["worker"]


def test_a_rule_of_two_areas_needs_both():
    seen = serving(steady_grid(-20, 10), SERVICE, at(0))
    with_load = Inputs(SERVICE, at(0), serving=seen, carried=Carried(2_000, at(-60)))
    without = replace(with_load, carried=None)
    assert "load" in {one.rule.rule_id for one in evaluate(RULES, with_load)}
    assert "load" not in {one.rule.rule_id for one in evaluate(RULES, without)}


def test_rules_that_are_switched_off_are_not_evaluated():
    off = rule_named("worker", enabled=False)
    assert evaluate([off], Inputs(SERVICE, at(0), worker=PULSE)) == ()


def test_an_area_that_failed_makes_its_rules_unknown_and_says_why():
    inputs = Inputs(SERVICE, at(0), failed={"quality": "the store is busy"})
    found = {one.rule.rule_id: one for one in evaluate(RULES, inputs)}
    assert set(found) == {"certified-precision", "early-warning", "drift"}
    for one in found.values():
        assert not one.complete
        assert one.signals == ()
        assert "quality: the store is busy" in one.error


def test_a_wrong_rule_does_not_keep_the_others_from_being_evaluated():
    wrong = rule(rule_id="wrong", parameters={"minutes": "three"})
    found = evaluate([wrong, rule_named("worker")], Inputs(SERVICE, at(0), worker=PULSE))
    assert [one.rule.rule_id for one in found] == ["wrong", "worker"]
    assert found[0].error.startswith("Rule wrong is wrong: minutes: ")
    assert not found[0].complete
    assert found[1].error == ""


def test_slow_areas_are_looked_at_less_often_than_every_minute():
    assert EVERY["quality"] > 5 * MINUTE
    assert EVERY["experiment"] == EVERY["plan"] == EVERY["product"] == HOUR


def test_an_evaluation_is_kept_with_what_it_counted():
    wrong = replace(evaluated(complete=False), error="Rule x is wrong.")
    three = [signal(active, {"of": str(active)}) for active in (True, False, None)]
    found = recorded(SERVICE, at(3), 0.25, [evaluated(*three), wrong, wrong])
    assert (found.service, found.at, found.seconds) == (SERVICE, at(3), 0.25)
    # A rule that could say nothing at all is one unknown.
    assert (found.rules, found.active, found.unknown) == (3, 1, 3)
    assert found.errors == ("Rule x is wrong.",)
