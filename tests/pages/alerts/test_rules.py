"""Rules and channels are changed on the page, and what is wrong with them is named."""

from __future__ import annotations

from datetime import UTC, datetime

from db.engine import Role, Store
from db.team import alert_rules, channels
from tests.pages.alerts.desk import Desk, change, pick, rule


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
