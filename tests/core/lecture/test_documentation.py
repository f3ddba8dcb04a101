"""The lecture's documentation, alerts, retrospective and data."""

from __future__ import annotations

from dataclasses import replace

from core.alerts.default_rules import defaults
from core.alerts.rules import configuration_errors
from core.documentation.card import missing as missing_of_card
from core.incidents.retrospective import ACTION_FIELDS, parse_action, parse_lessons
from core.ports.documentation import ServiceCard
from core.training import report as training_report
from tests.core.lecture.first_example import problems_of
from tests.core.milestones.plans import TODAY
from tests.fakes import SERVICE
from tests.fakes_training import FakeTrainingReader, on, run


def test_documentation_is_complete_with_four_of_four():
    whole = {
        "repository": "git.example/newsletters",
        "logs": "/var/log/newsletters",
        "problems": "Queue overflow: restart",
        "knobs": "threshold",
    }
    assert missing_of_card(ServiceCard(SERVICE, **whole)) == ()
    for left_out in whole:
        (gap,) = missing_of_card(ServiceCard(SERVICE, **{**whole, left_out: " "}))
        assert gap.field == left_out


def test_an_alert_without_an_owner_or_a_runbook_is_a_configuration_error():
    rule = replace(next(iter(defaults(SERVICE))), owner="Вера")
    known = [rule.runbook_id]
    assert configuration_errors([rule], known) == ()
    for wrong, said in (
        (replace(rule, owner=""), "It has no owner: nobody answers for it."),
        (replace(rule, runbook_id=""), "It has no runbook: nobody knows what to do."),
    ):
        assert [one.sentence for one in configuration_errors([wrong], known)] == [said]


def test_a_retrospective_says_what_was_good_what_to_improve_how_and_who():
    action = dict(zip(ACTION_FIELDS, ("Limit the queue", "Вера", TODAY), strict=True))
    lessons = {
        "title": "Queue overflow",
        "good": "Noticed within a minute",
        "improve": "Nobody knew the limit",
        "how": "Write it down",
        "held_on": TODAY,
        "actions": [action],
    }
    assert parse_lessons(lessons).actions[0].owner == "Вера"
    for field in ("good", "improve", "how"):
        assert list(problems_of(parse_lessons, {**lessons, field: ""})) == [field]
    assert list(problems_of(parse_action, {**action, "owner": ""})) == ["owner"]
    unowned = {**lessons, "actions": [{**action, "owner": " "}]}
    assert list(problems_of(parse_lessons, unowned)) == ["actions[0].owner"]


def test_deduplicated_and_anonymised_letters_are_counted_apart_and_the_latter_count():
    trained = run(1, 90, raw=120, deduplicated=110, anonymised=100)
    found = training_report(FakeTrainingReader([trained]), SERVICE, on(2))
    assert found.newest is not None
    kept_apart = (found.newest.run.letters_deduplicated, found.newest.run.letters_anonymised)
    assert kept_apart == (110_000_000, 100_000_000)
    assert found.letters == 90_000_000  # of those prepared, what the model was trained on
