"""The Alerts page: what fires is said first, every act is stored once, nothing stays silent."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from core.ports.alerts import Episode
from core.timeframe import DAY, HOUR, MINUTE, write_time
from db.engine import Role, Store
from db.readers.alerts import SqlAlertReader
from db.readers.incidents import SqlIncidentReader
from db.team import alert_rules, channels
from db.team.alert_acknowledgements import acknowledge
from tests.conftest import administer, open_store
from tests.db.alert_world import SERVICE, World

APP = str(Path(__file__).parents[2] / "app.py")
#: What was evaluated is as if it had been just now, however long other tests took before.
FRESH = """
    update team.alert_evaluation set at = date_trunc('minute', now())
    where at = (select max(at) from team.alert_evaluation)"""
MARKUP = "**bold** ![x](https://example.org/x.png) <img src=x> $a$"


class Desk:
    """Somebody in front of the Alerts page of one store."""

    def __init__(self, store: Store, **query: str) -> None:
        self.reader = SqlAlertReader(store.engine(Role.APP))
        self.app = AppTest.from_file(APP, default_timeout=60)
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()
        self.app.switch_page("pages/alerts.py")
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> None:
        """Draw the page anew; it must not break."""
        self.app.run()
        assert not self.app.exception, [one.value for one in self.app.exception]

    def said(self) -> str:
        """Everything that the page says outside of tables and labels."""
        kinds = ("title", "markdown", "caption", "text", "warning", "info", "error")
        return "\n".join(one.value for kind in kinds for one in self.app.get(kind))

    def type(self, form: str, **values: Any) -> None:
        """Fill in fields of a form of the opened alert, or of another one by its full name."""
        for field, value in values.items():
            self.widget(form, field).set_value(value)

    def widget(self, form: str, field: str) -> Any:
        """One field."""
        kinds = (
            *("text_input", "text_area", "number_input", "selectbox"),
            *("checkbox", "multiselect"),
        )
        (found,) = [
            one
            for kind in kinds
            for one in self.app.get(kind)
            if (one.key or "").startswith(f"alert {form}·") and one.key.endswith(f"·{field}")
        ]
        return found

    def press(self, label: str) -> None:
        """Press a button."""
        (button,) = [one for one in self.app.button if one.label == label]
        button.click()
        self.run()

    def buttons(self) -> list[str]:
        """What can be pressed."""
        return [one.label for one in self.app.button]

    def open_another(self) -> None:
        """Open the first alert of the list that is not open."""
        next(one for one in self.app.button if (one.key or "").startswith("look_")).click()
        self.run()

    def opened(self) -> Episode:
        """The alert that is open on the page, as it is stored."""
        number = int(self.app.query_params["episode"][0])
        now = datetime.now(UTC)
        found = self.reader.episodes(SERVICE, now - DAY, now)
        return next(one for one in found if one.episode_id == number)

    def holding(self) -> list[tuple[str, str]]:
        """Who acknowledged, with which note."""
        now = datetime.now(UTC)
        made = self.reader.acknowledgements(SERVICE, now - DAY, now)
        return [(one.by, one.note) for one in made]


@pytest.fixture(autouse=True)
def _no_caches() -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="module")
def burning(server_url: URL, migrated: str) -> Iterator[str]:
    """The name of a database whose service burns for an hour: two pages and two tickets."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    with open_store(server_url.set(database=name)) as filled:
        world = World(filled)
        world.keep("slo-availability", "drift")
        world.add_channel()
        world.write(0, 300)
        # A little ahead: a slow test must not look like a service that went quiet.
        world.write(300, 364, errors=22)
        world.run((299, 320, 340, 359))
    yield name
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def burns(monkeypatch: pytest.MonkeyPatch, server_url: URL, burning: str) -> Iterator[Store]:
    """A store of the test's own, where that was evaluated just now."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{burning}"')
    with open_store(server_url.set(database=name)) as opened:
        monkeypatch.setenv("DATABASE_URL", opened.url().render_as_string(hide_password=False))
        change(opened, FRESH)
        change(opened, "update rollup.worker set ticked_at = now()")
        yield opened
    administer(server_url, f'drop database "{name}" with (force)')


def change(store: Store, statement: str, **values: object) -> None:
    """What happens to a store beside the page."""
    with store.engine(Role.OWNER).begin() as owner:
        owner.execute(text(statement), values)


def test_what_fires_is_said_with_its_chart_its_runbook_and_who_has_it(burns: Store):
    desk = Desk(burns)
    said, it = desk.said(), desk.opened()
    assert desk.app.title[0].value == f"{SERVICE}\\: two pages fire, two tickets fire"
    assert (it.severity, it.state) == ("page", "firing")
    assert "burns" in it.sentence
    assert it.sentence in said
    assert "**Nobody has it in hand.**" in said
    assert "Runbook: The error budget burns" in said
    assert "Burn rate: still" in said
    assert "firing to ops\\: waiting" in said


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


@pytest.mark.parametrize(
    "statement",
    [
        "update team.alert_evaluation set at = at - interval '1 h'",
        "delete from team.alert_evaluation",
    ],
)
def test_rules_that_are_not_evaluated_are_the_first_thing_said(burns: Store, statement: str):
    change(burns, statement)
    desk = Desk(burns)
    (first,) = desk.app.main.children[0].error  # type: ignore[union-attr]
    assert "Do not trust the silence" in first.value
    assert "evaluated" in desk.app.title[0].value


def test_nothing_that_fires_is_calm_only_where_it_was_looked_at(burns: Store):
    change(burns, "update team.alert_episode set state = 'resolved', resolved_at = now()")
    change(
        burns,
        "insert into team.alert_transition (service, episode_id, at, before, after, sentence) "
        "select service, episode_id, now(), 'firing', 'resolved', '' from team.alert_episode",
    )
    assert "**Nothing fires**" in Desk(burns).said()
    change(burns, "delete from team.alert_evaluation")
    st.cache_data.clear()
    said = Desk(burns).said()
    assert "**Nothing fires**" not in said
    assert "**Nothing is known to fire**" in said


def test_a_service_without_rules_would_call_nobody(burns: Store):
    change(burns, "delete from team.alert_rule")
    assert "no alert rules yet, so nobody would be called" in Desk(burns).said()


def test_a_page_of_an_earlier_time_is_for_reading(burns: Store):
    earlier = datetime.now(UTC) - timedelta(minutes=5)
    desk = Desk(burns, as_of=write_time(earlier.replace(second=0, microsecond=0)))
    assert "This is how it stood at" in desk.said()
    assert not {"Acknowledge", "Resolve by hand", "Silence", "Add the note"} & set(desk.buttons())


def test_what_people_and_services_write_is_never_markup(burns: Store):
    change(burns, "update team.alert_episode set sentence = :s", s=MARKUP)
    change(
        burns,
        "update team.alert_transition set told = null, severity = null, value = null, "
        "evidence = null, place = null",
    )
    change(burns, "update team.alert_rule set owner = :s", s=MARKUP)
    desk = Desk(burns)
    desk.type("acknowledge", by="**Анна**", note=MARKUP)
    desk.press("Acknowledge")
    for kind in ("title", "markdown", "caption", "warning", "info", "error"):
        for one in desk.app.get(kind):
            assert "**bold**" not in one.value
            assert "![x]" not in one.value
            assert "<img" not in one.value.replace("\\<", "")
            assert "by **Анна**" not in one.value


def test_an_alert_that_is_not_there_is_a_sentence_and_the_gravest_one(burns: Store):
    desk = Desk(burns, episode="4711")
    assert "No alert 4711 of mail ran in this window" in desk.said()
    assert desk.opened().severity == "page"


def test_a_runbook_that_a_link_names_is_shown(burns: Store):
    assert "Runbook: Something went quiet" in Desk(burns, runbook="runbook-liveness").said()
    assert "does not exist" in Desk(burns, runbook="run*book").said()


def test_history_tells_how_fast_somebody_came(burns: Store):
    desk = Desk(burns, tab="history")
    said = desk.said()
    assert "Time to acknowledge (MTTA)" in said
    tables = "\n".join(one.value.to_csv(index=False) for one in desk.app.dataframe)
    assert "slo-availability" in tables
    assert f"/alerts?service={SERVICE}&episode=" in tables


def test_a_rule_without_an_owner_is_an_error_and_wrong_parameters_are_named(burns: Store):
    change(burns, "update team.alert_rule set owner = '' where rule_id = 'drift'")
    desk = Desk(burns, tab="rules")
    assert "drift: It has no owner" in desk.said()
    pick(desk, "drift")
    field = desk.widget("rule", "drift.index")
    assert field.value == 0.25
    field.set_value(99.0)
    desk.type("rule", owner="Анна", by="Анна")
    desk.press("Store the rule")
    assert "Must lie in 0.01 to 10." in desk.said()
    assert rule(desk, "drift").owner == ""
    desk.widget("rule", "drift.index").set_value(0.5)
    desk.press("Store the rule")
    stored = rule(desk, "drift")
    assert (stored.owner, stored.parameters["index"], stored.revision) == ("Анна", 0.5, 2)
    assert "It has no owner" not in desk.said()


def test_two_who_change_one_rule_both_keep_what_they_typed(burns: Store):
    desk = Desk(burns, tab="rules")
    pick(desk, "drift")
    desk.type("rule", name="Mine", by="Анна")
    theirs = alert_rules.change(
        burns.engine(Role.APP),
        rule(desk, "drift"),
        {"owner": "Борис"},
        by="Борис",
        at=datetime.now(UTC),
    )
    desk.press("Store the rule")
    said = desk.said()
    assert "Борис has changed this rule meanwhile" in said
    assert "owner was 'on-call' and is now 'Борис'" in said
    assert rule(desk, "drift") == theirs
    desk.press("Store the rule")
    both = rule(desk, "drift")
    assert (both.name, both.owner) == ("Mine", "Борис")


def test_a_channel_is_added_tried_and_never_shows_its_secret(burns: Store):
    desk = Desk(burns, tab="notifications")
    secret = "json://hooks.example.org/T0P-secret"
    desk.type("channel", channel_id="chat", name="Чат", address=secret, by="Анна")
    desk.press("Add the channel")
    (made,) = [
        one
        for one in channels.channels(burns.engine(Role.APP))
        if one.revision == 1 and one.channel.channel_id == "chat"
    ]
    assert made.channel.name == "Чат"
    (choice,) = [one for one in desk.app.selectbox if one.key == "alert_channel"]
    choice.set_value("chat")
    desk.run()
    desk.type("test", by="Анна")
    desk.press("Send a test notification")
    said = desk.said()
    assert "chat: waiting" in said
    tables = "\n".join(one.value.to_csv(index=False) for one in desk.app.dataframe)
    assert "json://hooks.example.org/…" in tables
    assert "T0P" not in said + tables
    assert all("T0P" not in str(one.value) for one in desk.app.text_input)


def test_pages_that_nobody_would_hear_of_are_an_error(burns: Store):
    change(burns, "update team.channel set enabled = false")
    assert "No channel takes pages of this service" in Desk(burns, tab="notifications").said()


def test_every_page_says_who_is_on_call_and_that_the_worker_is_silent(burns: Store):
    change(burns, "update rollup.worker set ticked_at = now() - interval '1 hour'")
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["service"] = SERVICE
    app.run()
    assert not app.exception
    aside = "\n".join(
        one.value for kind in ("caption", "error") for one in getattr(app.sidebar, kind)
    )
    assert "On call: **nobody**, no rota" in aside
    assert "The worker is silent since" in aside


def pick(desk: Desk, rule_id: str) -> None:
    """Choose a rule to change."""
    (choice,) = [one for one in desk.app.selectbox if one.key == f"alert_rule·{SERVICE}"]
    choice.set_value(rule_id)
    desk.run()


def rule(desk: Desk, rule_id: str) -> Any:
    return next(one for one in desk.reader.rules(SERVICE) if one.rule_id == rule_id)
