"""Rules as data: read with every wrong field named, seeded for a new service, checked for sense."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.alerts.checks import EVALUATE
from core.alerts.default_rules import defaults
from core.alerts.inputs import EVERY, Inputs
from core.alerts.parameters import POLICY_NAMES, Burn, RedLine, Vanished
from core.alerts.rules import (
    CHECKS,
    ConfigurationError,
    configuration_errors,
    needs,
    parameters_of,
    rule_of,
)
from core.alerts.runbooks import DEFAULT_RUNBOOKS
from core.fields import FieldsError
from core.ports.alerts import RULE_KINDS
from core.timeframe import MINUTE
from tests.fakes import SERVICE
from tests.fakes_alerts import rule_named

GIVEN = {
    "rule_id": "slo-availability",
    "name": "Доступность",
    "check": "burn",
    "parameters": {"sli": "availability", "policies": ["page_fast"]},
    "severity": "page",
    "wait_minutes": 2,
    "owner": "anna",
    "runbook_id": "runbook-slo-burn",
}


def refused(**changes: Any) -> dict[str, str]:
    with pytest.raises(FieldsError) as refusal:
        rule_of(SERVICE, GIVEN | changes)
    return refusal.value.problems


def test_a_rule_is_read_with_its_kind_from_its_check():
    found = rule_of(SERVICE, GIVEN, revision=7)
    assert (found.service, found.kind, found.check) == (SERVICE, "slo_burn", "burn")
    assert (found.name, found.wait, found.enabled) == ("Доступность", timedelta(minutes=2), True)
    assert found.revision == 7
    assert parameters_of(found) == Burn("availability", ("page_fast",))


def test_all_policies_count_where_none_is_named():
    found = rule_of(SERVICE, GIVEN | {"parameters": {"sli": "latency"}})
    assert parameters_of(found) == Burn("latency", POLICY_NAMES)


def test_a_rule_may_be_written_down_before_its_owner_is_found():
    found = rule_of(SERVICE, {**GIVEN, "owner": "", "runbook_id": ""})
    assert (found.owner, found.runbook_id) == ("", "")
    assert [one.sentence for one in configuration_errors([found])] == [
        "It has no owner: nobody answers for it.",
        "It has no runbook: nobody knows what to do.",
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule_id": ""}, "rule_id"),
        ({"rule_id": "drill"}, "rule_id"),
        ({"name": "two\nlines"}, "name"),
        ({"check": "brun"}, "check"),
        ({"severity": "loud"}, "severity"),
        ({"wait_minutes": -1}, "wait_minutes"),
        ({"wait_minutes": 1.5}, "wait_minutes"),
        ({"enabled": "yes"}, "enabled"),
        ({"colour": "red"}, "colour"),
        ({"parameters": {}}, "parameters.sli"),
        ({"parameters": []}, "parameters"),
        ({"parameters": {"sli": "quality"}}, "parameters.sli"),
        ({"parameters": {"sli": "latency", "policies": ["fast"]}}, "parameters.policies[0]"),
        ({"parameters": {"sli": "latency", "policies": []}}, "parameters.policies"),
        ({"parameters": {"sli": "latency", "polices": []}}, "parameters.polices"),
    ],
)
def test_a_wrong_field_of_a_rule_is_named(changes: dict[str, Any], field: str):
    assert set(refused(**changes)) == {field}


def test_every_wrong_field_is_named_at_once():
    found = refused(name="", severity="", parameters={"sli": "x", "days": 1})
    assert set(found) == {"name", "severity", "parameters.sli", "parameters.days"}


@pytest.mark.parametrize(
    ("check", "parameters", "field"),
    [
        ("rows", {}, "minutes"),
        ("rows", {"minutes": 0}, "minutes"),
        ("errors", {"minutes": 5, "share": 1.5, "least": 1}, "share"),
        ("errors", {"minutes": 5, "share": 0.1}, "least"),
        ("load", {"factor": 0}, "factor"),
        ("load", {"factor": float("nan")}, "factor"),
        ("traffic_vanished", {"minutes": 5, "share": 0.1, "least": -1}, "least"),
        ("drift", {"index": 0, "least": 1}, "index"),
        ("complaints", {"weeks": 5, "false_alarms": 0.001}, "weeks"),
        ("complaints", {"weeks": 8, "false_alarms": 0.5}, "false_alarms"),
        ("guardrail", {"margin": 1}, "margin"),
        ("shadow_visible", {"hours": 0}, "hours"),
        ("milestone_overdue", {"days": -1}, "days"),
        ("tables", {"tables": "score_hour"}, "tables"),
        ("red_line", {"due_on": "soon"}, "due_on"),
        ("red_line", {"due_on": "2026-06-01", "path": "reliability.letters"}, "path"),
        ("red_line", {"path": "weather.rain", "operator": ">", "value": 1}, "path"),
        ("red_line", {"path": "reliability", "operator": ">", "value": 1}, "path"),
        ("red_line", {"path": "reliability.letters", "operator": "=", "value": 1}, "operator"),
        ("red_line", {"path": "reliability.letters", "operator": ">"}, "value"),
    ],
)
def test_a_wrong_parameter_is_named(check: str, parameters: dict[str, Any], field: str):
    assert f"parameters.{field}" in refused(check=check, parameters=parameters)


def test_parameters_come_back_typed():
    given = {"minutes": 10, "share": 0.1, "least": 100}
    rule = rule_of(SERVICE, GIVEN | {"check": "traffic_vanished", "parameters": given})
    assert parameters_of(rule) == Vanished(10 * MINUTE, 0.1, 100)
    line = {"due_on": "2026-09-01"}
    rule = rule_of(SERVICE, GIVEN | {"check": "red_line", "parameters": line})
    assert parameters_of(rule) == RedLine("", "", None, date(2026, 9, 1))


def test_every_check_can_be_read_evaluated_and_fed():
    assert set(CHECKS) == set(EVALUATE)
    for check in CHECKS.values():
        assert check.kind in RULE_KINDS
        assert check.needs <= set(EVERY)
    assert set(EVERY) <= set(Inputs.__dataclass_fields__)


def test_a_new_service_starts_with_every_kind_of_rule():
    rules = defaults(SERVICE)
    assert {rule.kind for rule in rules} == set(RULE_KINDS)
    assert len({rule.rule_id for rule in rules}) == len(rules)
    assert {rule.service for rule in rules} == {SERVICE}
    # Everything but red lines, which a risk draws, is watched from the start.
    assert {rule.check for rule in rules} == set(CHECKS) - {"red_line"}
    burns = [rule for rule in rules if rule.check == "burn"]
    assert {parameters_of(rule).sli for rule in burns} == {"availability", "latency"}
    assert {parameters_of(rule).policies for rule in burns} == {POLICY_NAMES}


def test_the_rules_of_a_new_service_are_without_configuration_errors():
    runbooks = {runbook.runbook_id for runbook in DEFAULT_RUNBOOKS}
    assert configuration_errors(defaults(SERVICE), runbooks) == ()


def test_every_runbook_says_what_it_means_and_what_to_do():
    assert {rule.runbook_id for rule in defaults(SERVICE)} == {
        runbook.runbook_id for runbook in DEFAULT_RUNBOOKS
    }
    for runbook in DEFAULT_RUNBOOKS:
        assert runbook.title
        assert runbook.body.startswith("**What it means.**")
        assert len(runbook.body.split()) > 40


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"owner": ""}, "It has no owner: nobody answers for it."),
        ({"runbook_id": ""}, "It has no runbook: nobody knows what to do."),
        ({"runbook_id": "gone"}, "Its runbook gone does not exist."),
        ({"parameters": {}}, "minutes: Is missing."),
        ({"check": "gone"}, "check: There is no check 'gone'."),
        ({"kind": "plan"}, "Its check rows is of kind liveness, not plan."),
    ],
)
def test_a_rule_that_cannot_work_is_a_configuration_error(changes: dict[str, Any], said: str):
    found = configuration_errors([rule_named("rows", **changes)], ["runbook-liveness"])
    assert found == (ConfigurationError("rows", said),)


def test_a_rule_that_is_switched_off_is_no_error():
    assert configuration_errors([rule_named("rows", owner="", enabled=False)]) == ()


@pytest.mark.parametrize(
    ("parameters", "areas"),
    [
        ({"due_on": "2026-09-01"}, set()),
        ({"path": "reliability.letters"}, {"reports"}),
        ({"path": "quality.precision.value"}, {"quality"}),
        ({"path": "criteria.latency.latency_sli"}, {"plan"}),
        ({"path": "nowhere"}, set()),
    ],
)
def test_a_red_line_needs_the_area_of_its_measure(parameters: dict[str, Any], areas: set[str]):
    rule = replace(rule_named("rows"), check="red_line", parameters=parameters)
    assert needs(rule) == areas


def test_a_check_that_does_not_exist_needs_nothing():
    assert needs(rule_named("rows", check="gone")) == frozenset()
