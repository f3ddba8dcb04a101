"""Silences, groups, inhibition: what calls nobody, and what is told together."""

from dataclasses import replace

import pytest

from core.alerts.grouping import groups, in_order
from core.alerts.inhibition import inhibited
from core.alerts.silences import matches, preview, runs, silence_of, silenced_while_it_ran
from core.ports.alerts import Silence
from tests.fakes import SERVICE, at
from tests.fakes_alerts import episode


def silence(
    matchers: dict[str, str], first: float = 0, last: float = 60, number: int = 1
) -> Silence:
    return Silence(number, matchers, "load test", "anna", at(first), at(last))


ONE = episode(1, rule_id="slo", labels={"sli": "latency", "policy": "page_fast"})


@pytest.mark.parametrize(
    ("matchers", "found"),
    [
        ({"sli": "latency"}, True),
        ({"sli": "latency", "policy": "page_fast"}, True),
        ({"sli": "latency", "policy": "page_slow"}, False),
        ({"service": SERVICE}, True),
        ({"service": "other"}, False),
        ({"rule": "slo", "severity": "page"}, True),
        ({"severity": "ticket"}, False),
        ({"datacenter": "dc1"}, False),
        ({"datacenter": ""}, False),
        ({}, False),
    ],
)
def test_every_matcher_has_to_be_equal(matchers: dict[str, str], found: bool):
    assert matches(silence(matchers), ONE) is found


@pytest.mark.parametrize(("minute", "found"), [(-1, False), (0, True), (59, True), (60, False)])
def test_a_silence_holds_from_its_start_until_before_its_end(minute: float, found: bool):
    assert runs(silence({"sli": "latency"}), at(minute)) is found


def test_a_silence_that_was_ended_early_holds_no_longer():
    ended = replace(silence({"sli": "latency"}), ended_at=at(30), ended_by="boris")
    assert runs(ended, at(29))
    assert not runs(ended, at(30))


def test_the_silence_that_ends_last_is_named():
    short, long = silence({"sli": "latency"}), silence({"service": SERVICE}, 0, 90, 2)
    assert silence_of([short, long], ONE, at(10)) == long
    assert silence_of([short], ONE, at(70)) is None


def test_a_preview_shows_what_a_silence_would_catch_before_it_runs():
    over = episode(2, "resolved", labels={"sli": "latency"})
    other = episode(3, labels={"sli": "availability"})
    coming = silence({"sli": "latency"}, 500, 600)
    assert preview(coming, [ONE, over, other]) == (ONE,)


@pytest.mark.parametrize(
    ("first", "last", "found"), [(-9, -1, False), (-9, 1, True), (9, 99, True), (10, 99, False)]
)
def test_a_silence_covers_an_episode_if_it_ran_with_it(first: float, last: float, found: bool):
    over = episode(2, "resolved", labels={"sli": "latency"})
    quiet = [silence({"sli": "latency"}, first, last)]
    assert silenced_while_it_ran(quiet, over, at(600)) is found


def slo(number: int, policy: str, severity: str, state: str = "firing", sli: str = "latency"):
    labels = {"sli": sli, "policy": policy}
    return episode(number, state, labels=labels, severity=severity, rule_id=f"slo-{sli}")


PAGE, TICKET = slo(1, "page_fast", "page"), slo(2, "ticket_day", "ticket")


def test_a_page_inhibits_the_ticket_of_the_same_objective():
    assert inhibited([PAGE, TICKET]) == (replace(TICKET, inhibited_by=PAGE.fingerprint),)


@pytest.mark.parametrize(
    "page",
    [
        slo(1, "page_fast", "page", "pending"),
        slo(1, "page_fast", "page", "resolved"),
        slo(1, "page_fast", "page", sli="availability"),
        replace(PAGE, service="other"),
        slo(1, "ticket_slow", "ticket"),
    ],
)
def test_what_does_not_stand_or_is_of_something_else_inhibits_nothing(page):
    assert inhibited([page, TICKET]) == ()


def test_a_page_that_is_unknown_inhibits_still():
    unknown = replace(PAGE, state="unknown")
    assert inhibited([unknown, TICKET]) == (replace(TICKET, inhibited_by=PAGE.fingerprint),)


def test_a_ticket_is_heard_again_when_the_page_is_over():
    held = replace(TICKET, inhibited_by=PAGE.fingerprint)
    assert inhibited([replace(PAGE, state="resolved", resolved_at=at(1)), held]) == (TICKET,)


def test_a_silent_service_inhibits_its_silent_instances():
    rows = episode(1, labels={"watch": "rows"})
    one = episode(2, labels={"watch": "instance", "instance": "a"}, severity="ticket")
    assert inhibited([rows, one]) == (replace(one, inhibited_by=rows.fingerprint),)
    # Not the other way round.
    assert inhibited([one, replace(rows, state="pending")]) == ()


def test_alerts_are_in_the_order_in_which_somebody_should_look():
    ticket = episode(1, severity="ticket")
    unknown, late = episode(2, "unknown"), episode(3, fired_at=at(5))
    early, waiting = episode(4), episode(5, "pending")
    order = in_order([ticket, waiting, unknown, late, early])
    assert [one.episode_id for one in order] == [4, 3, 2, 5, 1]


def test_a_service_is_called_for_once_with_the_gravest_first():
    held = replace(TICKET, inhibited_by=PAGE.fingerprint)
    dark = episode(3, "unknown", severity="ticket")
    (found,) = groups([dark, held, PAGE, episode(4, "pending"), episode(5, "resolved")])
    assert (found.service, found.severity, found.inhibited) == (SERVICE, "page", 1)
    assert found.title == "Alert 1 (and one more alert)"
    assert found.lines == (
        "[page] Alert 1",
        "[ticket] Alert 3 (unknown: data are missing)",
    )


def test_services_are_grouped_apart_and_quiet_ones_left_out():
    other = replace(PAGE, service="archive")
    found = groups([PAGE, other, replace(TICKET, service="quiet", state="pending")])
    assert [one.service for one in found] == ["archive", SERVICE]
    assert found[0].title == "Alert 1"


def test_a_service_with_nothing_but_inhibited_alerts_calls_nobody():
    assert groups([replace(TICKET, inhibited_by="x")]) == ()
