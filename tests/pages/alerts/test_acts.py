"""What is done about an alert is stored once, and refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime

from core.timeframe import DAY, HOUR, MINUTE
from db.engine import Role, Store
from db.readers.incidents import SqlIncidentReader
from db.team.alert_acknowledgements import acknowledge
from tests.db.alert_world import SERVICE
from tests.pages.alerts.desk import Desk


def test_an_acknowledgement_without_a_name_is_refused_and_with_one_is_shown_at_once(burns: Store):
    desk = Desk(burns)
    desk.type("acknowledge", note="I look at dc2")
    desk.press("Acknowledge")
    assert desk.holding() == []
    assert "Is missing." in desk.said()
    assert desk.widget("acknowledge", "note").value == "I look at dc2"
    desk.type("acknowledge", by="Анна", hours=2)
    desk.press("Acknowledge")
    assert desk.holding() == [("Анна", "I look at dc2")]
    said = desk.said()
    assert "acknowledged by Анна until" in said
    assert "**Nobody has it in hand.**" not in said
    assert "Анна has it in hand until" in said


def test_of_two_who_take_it_the_second_is_told_who_was_first(burns: Store):
    desk = Desk(burns)
    desk.type("acknowledge", by="Анна", note="mine")
    now = datetime.now(UTC)
    acknowledge(
        burns.engine(Role.APP),
        desk.opened().episode_id,
        by="Борис",
        at=now,
        until=now + HOUR,
        request_id="other",
    )
    desk.press("Acknowledge")
    assert desk.holding() == [("Борис", "")]
    assert "Nothing was stored. Борис has this alert in hand" in desk.said()
    assert desk.widget("acknowledge", "note").value == "mine"


def test_an_alert_is_resolved_by_hand_with_a_reason_and_stays_open_on_the_page(burns: Store):
    desk = Desk(burns)
    number = desk.opened().episode_id
    desk.type("resolve", by="Анна")
    desk.press("Resolve by hand")
    assert desk.opened().state == "firing"
    desk.type("resolve", reason="rolled v2 back")
    desk.press("Resolve by hand")
    over = desk.opened()
    assert (over.episode_id, over.state, over.resolved_by) == (number, "resolved", "Анна")
    assert "resolved: Resolved by hand: rolled v2 back" in desk.said()
    assert "Acknowledge" not in desk.buttons()
    assert "Add to the incident" in desk.buttons()


def test_escalating_and_noting_are_kept_with_who_and_to_whom(burns: Store):
    desk = Desk(burns)
    desk.type("escalate", by="Анна", note="needs the database's owner")
    desk.press("Escalate")
    desk.type("escalate", to="Ops")
    desk.press("Escalate")
    desk.type("note", by="Анна", note="restarted *i1*")
    desk.press("Add the note")
    now = datetime.now(UTC)
    acts = desk.reader.acts(SERVICE, now - HOUR, now)
    assert [(one.kind, one.by, one.escalate_to, one.text) for one in acts] == [
        ("escalated", "Анна", "Ops", "needs the database's owner"),
        ("note", "Анна", "", "restarted *i1*"),
    ]
    assert any("restarted *i1*" in one.value for one in desk.app.text)


def test_a_silence_shows_what_it_hides_and_needs_a_reason_an_author_and_an_end(burns: Store):
    desk = Desk(burns)
    assert "It would hide one open alert, one of them pages" in desk.said()
    desk.type("silence", matchers=["service"])
    desk.run()
    (several,) = [line for line in desk.said().splitlines() if "It would hide" in line]
    open_now = desk.reader.open_episodes(SERVICE, datetime.now(UTC))
    assert len(open_now) > 1
    assert f"hide {('no', 'one', 'two', 'three', 'four')[len(open_now)]} open alerts" in several
    desk.press("Silence")
    assert desk.reader.silences(datetime.now(UTC)) == ()
    assert desk.said().count("Is missing.") == 3
    desk.type("silence", by="Анна", reason="a planned *move*", hours=2)
    desk.press("Silence")
    (made,) = desk.reader.silences(datetime.now(UTC))
    assert (made.matchers, made.reason, made.author) == (
        {"service": SERVICE},
        "a planned *move*",
        "Анна",
    )
    assert made.ends_at - made.starts_at == 2 * HOUR
    assert "silenced by Анна until" in desk.said()
    desk.type("silence end", by="Борис")
    desk.press("End the silence now")
    assert desk.reader.silences(datetime.now(UTC)) == ()


def test_a_silence_of_everything_is_refused(burns: Store):
    desk = Desk(burns)
    desk.type("silence", matchers=[], by="Анна", reason="quiet", hours=2)
    desk.press("Silence")
    assert desk.reader.silences(datetime.now(UTC)) == ()
    assert "a silence never hides everything" in desk.said()


def test_an_incident_is_opened_from_the_alert_and_takes_the_next_one_too(burns: Store):
    desk = Desk(burns)
    first = desk.opened()
    desk.type("incident", by="Анна", title="dc2 burns")
    desk.press("Add to the incident")
    asked = SqlIncidentReader(burns.engine(Role.APP))
    now = datetime.now(UTC)
    (made,) = asked.incidents(SERVICE, now - DAY, now + MINUTE)
    assert (made.title, made.began_at, made.opened_by) == ("dc2 burns", first.began_at, "Анна")
    (link,) = [one for one in desk.app.get("page_link") if "retrospective" in one.proto.label]
    assert link.proto.page == "incidents"
    assert f"incident={made.incident_id}" in link.proto.query_string
    desk.open_another()
    desk.type("incident", incident=made.incident_id)
    desk.press("Add to the incident")
    joined = asked.alerts_of([made.incident_id], now + MINUTE)
    assert {one.episode_id for one in joined} == {first.episode_id, desk.opened().episode_id}
    assert len(joined) == 2
