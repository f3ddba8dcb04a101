"""The report of alerts: what stands now, who has it in hand, whether anything is evaluated."""

import json
from dataclasses import replace

import pytest

from core.alerts import sentences
from core.alerts.default_rules import defaults
from core.alerts.evidence import evidence
from core.alerts.report import AlertsReport, report
from core.ports.alerts import Acknowledgement, Delivery, Evaluation, Silence, Transition
from core.printout.alerts import alerts
from core.printout.listing import rendered
from core.timeframe import DAY
from tests.fakes import SERVICE, at
from tests.fakes_alerts import FakeAlertReader, episode, rule_named

NOW = at(100)
LOOKED = Evaluation(SERVICE, at(99), 0.2, 17, 2, 0)
RULES = defaults(SERVICE)
BURNS = episode(
    1,
    rule_id="slo-availability",
    labels={"sli": "availability", "policy": "page_fast"},
    sentence="Availability of newsletters burns 22 times too fast since 12:00 UTC, dc2 only",
)
TICKET = episode(
    2,
    rule_id="slo-availability",
    labels={"sli": "availability", "policy": "ticket_day"},
    severity="ticket",
    inhibited_by=BURNS.fingerprint,
)


def seen(
    *episodes: object, looked: tuple[Evaluation, ...] = (LOOKED,), **more: object
) -> AlertsReport:
    kept = {"kept_rules": RULES} | more
    reader = FakeAlertReader(kept=episodes, looked=looked, **kept)  # type: ignore[arg-type]
    return report(reader, SERVICE, NOW)


def test_what_stands_is_shown_with_the_gravest_first():
    found = seen(
        TICKET, BURNS, episode(3, "unknown"), episode(4, "pending"), episode(5, "resolved")
    )
    assert [one.episode.episode_id for one in found.open] == [1, 3, 4, 2]
    assert [one.episode.episode_id for one in found.firing] == [1, 2]
    assert [one.episode.episode_id for one in found.unknown] == [3]
    assert [one.episode.episode_id for one in found.pending] == [4]
    assert found.open[0].rule == rule_named("slo-availability")
    assert sentences.headline(found) == (
        "newsletters: one page fires, one ticket fires, one cannot be judged: data are missing"
    )


def test_a_ticket_that_a_page_says_already_calls_nobody():
    found = seen(BURNS, TICKET)
    assert [one.episode.episode_id for one in found.calling] == [1]
    assert found.open[1].inhibited_by == BURNS
    assert sentences.in_hand(found.open[1], found) == "said by slo-availability already"


def test_who_has_it_in_hand_is_named_until_when():
    made = Acknowledgement(1, "anna", at(50), "on it", at(170))
    found = seen(BURNS, made=(made,))
    assert found.open[0].acknowledgement == made
    assert found.calling == ()
    assert sentences.in_hand(found.open[0], found) == "acknowledged by anna until 14:50 UTC"


@pytest.mark.parametrize(("first", "last"), [(50, 100), (100.5, 200)])
def test_an_acknowledgement_that_ran_out_or_is_to_come_is_none(first: float, last: float):
    found = seen(BURNS, made=(Acknowledgement(1, "anna", at(first), "", at(last)),))
    assert found.open[0].acknowledgement is None
    assert found.open[0].calls


def test_an_acknowledgement_older_than_the_history_still_holds():
    old = replace(BURNS, began_at=at(0) - 40 * DAY, fired_at=at(0) - 40 * DAY)
    made = Acknowledgement(1, "anna", at(0) - 35 * DAY, "", at(200))
    assert seen(old, made=(made,)).open[0].acknowledgement == made


def test_a_silence_is_shown_with_its_author_and_reason():
    quiet = Silence(1, {"sli": "availability"}, "load test", "boris", at(0), at(200))
    found = seen(BURNS, quiet=(quiet,))
    assert found.open[0].silence == quiet
    assert found.calling == ()
    said = sentences.in_hand(found.open[0], found)
    assert said == "silenced by boris until 15:20 UTC: load test"


def test_an_unknown_alert_says_since_when_and_what_was_known():
    dark = replace(BURNS, state="unknown", changed_at=at(90))
    found = seen(dark)
    assert sentences.sentence(found.open[0], found) == (
        "Unknown since 13:30 UTC, because data are missing; before that: " + BURNS.sentence
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "fires since 12:00 UTC"),
        ({"flaps": 2}, "fires since 12:00 UTC, again twice"),
        (
            {"flaps": 3, "quiet_since": at(95)},
            "fires since 12:00 UTC, again three times, quiet since 13:35 UTC",
        ),
        ({"state": "pending", "changed_at": at(97)}, "pending since 13:37 UTC"),
        ({"state": "unknown"}, "unknown, fired 12:00 UTC"),
        ({"fired_at": at(0) - 2 * DAY}, "fires since 30 May 2026 12:00 UTC"),
    ],
)
def test_a_state_is_told_with_since_when(changes: dict, said: str):
    found = seen(replace(BURNS, **changes))
    assert sentences.state(found.open[0], found) == said


def test_deliveries_stand_with_their_alert():
    one = Delivery(7, 1, "mail", "firing", "sent", 1, at(1), at(2), None, "")
    assert seen(BURNS, sent=(one,)).open[0].deliveries == (one,)


def test_an_evaluation_of_the_last_minutes_is_healthy():
    found = seen()
    assert not found.health.late
    assert found.health.slowest == 0.2
    assert sentences.headline(found) == "No alert of newsletters fires"


def test_rules_that_are_not_evaluated_are_said_to_be_before_anything_is_quiet():
    found = seen(looked=(replace(LOOKED, at=at(96)),))
    assert found.health.late
    assert sentences.headline(found) == (
        "No alert of newsletters fires; the rules have not been evaluated since 13:36 UTC: "
        "nothing is known of the time after"
    )
    never = seen(looked=())
    assert never.health.late
    assert sentences.headline(never).endswith("; the rules have never been evaluated")


def test_a_service_without_rules_would_call_nobody():
    found = seen(kept_rules=(), looked=())
    assert sentences.headline(found) == "newsletters has no alert rules: nobody would be called"


def test_rules_without_owner_are_shown_as_errors():
    found = seen(kept_rules=(rule_named("rows", owner=""),))
    assert [one.rule_id for one in found.errors] == ["rows"]


def test_errors_of_the_evaluation_are_shown():
    found = seen(looked=(replace(LOOKED, errors=("Rule x is wrong.",)),))
    assert found.health.errors == ("Rule x is wrong.",)


def test_transitions_are_shown_the_newest_first():
    moved = tuple(Transition(1, at(minute), "", "firing", "") for minute in (1, 2))
    assert [one.at for one in seen(moved=moved).transitions] == [at(2), at(1)]


def test_an_alert_whose_rule_was_deleted_is_shown_still():
    found = seen(episode(1, rule_id="gone"))
    assert found.open[0].rule is None


def test_the_evidence_is_json_with_everything_that_stands():
    made = Acknowledgement(1, "anna", at(50), "on it", at(170))
    found = json.loads(
        json.dumps(evidence(seen(BURNS, TICKET, episode(5, "resolved"), made=(made,))))
    )
    (page, ticket) = found["firing"]
    assert page["acknowledged_by"] == "anna"
    assert page["owner"] == "on-call"
    assert page["runbook"] == "runbook-slo-burn"
    assert page["fired_at"] == "2026-06-01T12:00Z"
    assert ticket["inhibited_by"] == "slo-availability"
    assert not ticket["calls"]
    assert found["evaluation"] == {
        "last": "2026-06-01T13:39Z",
        "age_seconds": 60.0,
        "late": False,
        "slowest_seconds": 0.2,
        "rules": 17,
        "errors": [],
    }
    assert found["history"]["fired"] == 3
    assert found["history"]["mttr"] == {
        "mean_seconds": 600.0,
        "median_seconds": 600.0,
        "count": 1,
        "open": 2,
    }


@pytest.mark.parametrize("style", ["table", "markdown"])
def test_the_terminal_prints_what_stands_and_how_it_went(style: str):
    noisy = [episode(number, "resolved", rule_id="rows") for number in range(10, 16)]
    errors = (*RULES[:-1], replace(RULES[-1], owner=""))
    said = rendered(alerts(seen(BURNS, *noisy, kept_rules=errors)), style)
    for part in (
        "newsletters: one page fires",
        "22 times too fast since",
        "nobody yet",
        "Configuration errors",
        "median 10 minutes",
        "Rules that may be retired",
    ):
        assert part in said


def test_what_people_wrote_stays_text_in_markdown():
    quiet = Silence(1, {"sli": "availability"}, "*[x](http://y)*", "a|b", at(0), at(200))
    said = rendered(alerts(seen(BURNS, quiet=(quiet,))), "markdown")
    assert r"\*\[x\](http://y)\*" in said
    assert r"a\|b" in said
