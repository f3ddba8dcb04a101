"""The Incidents page: from an alert to the retrospective, drills and actions, against the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import streamlit as st

from core.ports.incidents import Action, Drill, Incident, Retrospective
from db.engine import Store
from db.readers.alerts import SqlAlertReader
from db.readers.incidents import SqlIncidentReader
from db.team.actions import add_action
from db.team.drills import plan_drill
from db.team.incidents import change_incident, close_incident, mark_recovered, open_incident
from tests.db.team.oncall_rows import fire
from tests.pages.operate import DAY, HOSTILE, HOUR, SERVICE, Desk, app_of, known, now

PART = "Retrospectives and actions"


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def opened(store: Store, title: str = "It burns", *alerts: int, **changed: Any) -> Incident:
    given = {"title": title, "severity": "major", "began_at": now() - 3 * HOUR} | changed
    at = now() - 2 * HOUR
    return open_incident(app_of(store), SERVICE, given, alerts, by="Анна", at=at, request_id=title)


def recovered(store: Store, incident: Incident, ago: timedelta = HOUR) -> Incident:
    at = now() - ago
    return mark_recovered(app_of(store), incident, at, by="Анна", at=at)


def incidents(store: Store) -> tuple[Incident, ...]:
    return SqlIncidentReader(app_of(store)).incidents(SERVICE, now() - 400 * DAY, now() + HOUR)


def retrospectives(store: Store) -> tuple[Retrospective, ...]:
    return SqlIncidentReader(app_of(store)).retrospectives(SERVICE, now() + HOUR)


def actions(store: Store) -> tuple[Action, ...]:
    return SqlIncidentReader(app_of(store)).actions(SERVICE, now() + HOUR)


def drills(store: Store) -> tuple[Drill, ...]:
    return SqlIncidentReader(app_of(store)).drills(SERVICE, now() + HOUR)


def act(form: str, incident: Incident) -> str:
    return f"incident {form}·{SERVICE}·{incident.incident_id}"


def retrospective(incident: Incident) -> str:
    return f"retrospective·{SERVICE}·{incident.incident_id}"


def test_without_an_incident_the_page_says_so_and_opens_one(store: Store):
    desk = Desk("incidents")
    assert desk.title == "mail had no incident in the last 30 days"
    form = f"incident·{SERVICE}·"
    desk.type(form, by="Анна")
    desk.press("Open the incident")
    assert "Is missing." in desk.texts()
    assert incidents(store) == ()
    desk.type(form, title="Почта стоит")
    desk.press("Open the incident")
    (made,) = incidents(store)
    assert (made.title, made.opened_by) == ("Почта стоит", "Анна")
    assert desk.title.startswith("Почта стоит has not recovered since ")
    assert desk.app.query_params["incident"] == str(made.incident_id)


def test_from_an_alert_to_the_retrospective_in_the_night(store: Store):
    episode = fire(app_of(store), now() - HOUR, SERVICE)
    desk = Desk("incidents", from_episode=str(episode))
    form = f"incident·{SERVICE}·{episode}"
    assert desk.value(form, "title") == "It burns"
    assert desk.value(form, "severity") == "major"
    assert desk.value(form, "alerts") == [episode]
    desk.type(form, by="Boris")
    desk.press("Open the incident")
    (made,) = incidents(store)
    assert made.began_at == made.detected_at
    assert "The page slo fires" in desk.cells()

    # The form is there at once; it waits for the recovery, and keeps what was typed meanwhile.
    desk.type(retrospective(made), good="Quick", improve="Alerts", how="Sooner")
    desk.press("Store the retrospective")
    assert "The incident has not recovered" in desk.said()
    assert desk.value(retrospective(made), "good") == "Quick"
    desk.press("It has recovered")
    assert incidents(store)[0].recovered_at is not None

    desk.type(retrospective(made), **{"actions[1].text": "Alert sooner"})
    desk.press("Store the retrospective")
    assert desk.texts().count("Is missing: an action without an owner is refused.") == 1
    assert retrospectives(store) == ()
    tomorrow = (now() + DAY).date()
    desk.type(retrospective(made), **{"actions[1].owner": "Вера", "actions[1].due_on": tomorrow})
    desk.press("Store the retrospective")
    (held,) = retrospectives(store)
    assert (held.incident_id, held.good) == (made.incident_id, "Quick")
    assert [(one.text, one.owner) for one in actions(store)] == [("Alert sooner", "Вера")]
    assert "Вера" in desk.cells()


def test_a_link_from_an_alert_leads_to_the_incident_that_it_belongs_to(store: Store):
    episode = fire(app_of(store), now() - HOUR, SERVICE)
    other, mine = opened(store, "Another"), opened(store, "Mine", episode)
    desk = Desk("incidents", from_episode=str(episode))
    assert f"incident {mine.incident_id}, opened by Анна" in desk.said()
    assert f"incident {other.incident_id}, opened by" not in desk.said()


def test_a_link_to_what_ended_before_the_window_is_followed_and_to_nothing_is_told(store: Store):
    old = now() - 60 * DAY
    made = opened(store, "Long ago", began_at=old)
    over = mark_recovered(app_of(store), made, old + HOUR, by="Анна", at=old + HOUR)
    close_incident(app_of(store), over, None, by="Анна", at=old + 2 * HOUR)
    desk = Desk("incidents", incident=str(made.incident_id))
    assert "#### Long ago" in desk.said()
    desk = Desk("incidents", incident="999")
    assert "mail has no incident 999." in desk.said()


def test_two_who_correct_an_incident_see_both_versions(store: Store):
    made = opened(store)
    desk = Desk("incidents", incident=str(made.incident_id))
    given = {"title": "It burns in dc2", "severity": "major", "began_at": made.began_at}
    change_incident(app_of(store), made, given, by="Вера", at=now())
    desk.type(act("facts", made), title="It burns everywhere", severity="critical", by="Глеб")
    desk.press("Correct it")
    assert "theirs is “It burns in dc2”, yours is “It burns everywhere”" in desk.said()
    assert incidents(store)[0].title == "It burns in dc2"
    desk.press("Correct it")
    corrected = incidents(store)[0]
    assert (corrected.title, corrected.severity) == ("It burns everywhere", "critical")
    assert corrected.began_at == made.began_at


def test_a_closed_incident_is_frozen_and_takes_notes_alone(store: Store):
    made = opened(store)
    desk = Desk("incidents", incident=str(made.incident_id))
    desk.type(act("close", made), by="Анна")
    desk.press("Close the incident")
    assert "This incident has not recovered" in desk.said()
    recovered(store, made)
    desk.refresh()
    desk.press("Close the incident")
    closed = incidents(store)[0]
    assert closed.closed_at is not None
    assert closed.impact["letters"] == 0
    assert "Frozen when it was closed." in desk.said()
    assert not desk.has("Correct it")
    desk.type(act("note", made), text=HOSTILE, by="Анна")
    desk.press("Add the note")
    assert HOSTILE in desk.texts()


def test_what_people_wrote_is_shown_as_text(store: Store):
    made = opened(store, HOSTILE)
    desk = Desk("incidents", incident=str(made.incident_id))
    assert desk.live_markup() == []
    assert HOSTILE in desk.cells()


def test_alerts_are_added_and_taken_out(store: Store):
    made = opened(store)
    episode = fire(app_of(store), now() - HOUR, SERVICE)
    desk = Desk("incidents", incident=str(made.incident_id))
    desk.type(act("alerts", made), episode=episode, by="Анна")
    desk.press("Add it")
    reader = SqlIncidentReader(app_of(store))
    numbers = [made.incident_id]
    assert [one.episode_id for one in reader.alerts_of(numbers, now() + HOUR)] == [episode]
    desk.type(act("alerts", made), episode=episode)
    desk.press("Take it out")
    assert reader.alerts_of(numbers, now() + HOUR) == ()


def test_a_drill_is_planned_started_recovered_and_ended(store: Store):
    desk = Desk("incidents", part="Drills")
    assert "Datacenter lost: due now. It was never rehearsed." in desk.said()
    form = f"drill·{SERVICE}"
    desk.type(form, due_on=now().date(), by="Анна")
    desk.press("Plan the drill")
    assert "Is missing." in desk.texts()
    desk.type(form, owner="Вера")
    desk.press("Plan the drill")
    (planned,) = drills(store)
    desk.press("Start it now")
    (running,) = drills(store)
    assert running.episode_id is not None
    (alert,) = SqlAlertReader(app_of(store)).open_episodes(SERVICE, now() + HOUR)
    assert alert.drill
    assert "runs since" in desk.said()
    form = f"drill running·{SERVICE}·{planned.drill_id}"
    desk.press("It has recovered now")
    desk.press("End the drill")
    assert "Is missing: what did the drill show?" in desk.texts()
    desk.type(form, result="Nobody had to act")
    desk.press("End the drill")
    (over,) = drills(store)
    assert over.ended_at is not None
    assert over.recovered_at is not None
    assert "Nobody had to act" in desk.cells()


def test_an_overdue_drill_and_action_are_shown(store: Store):
    given = {"scenario": "bad_model", "due_on": (now() - 3 * DAY).date(), "owner": "Вера"}
    at = now() - 9 * DAY
    plan_drill(app_of(store), SERVICE, given, by="Анна", at=at, request_id="d")
    wanted = {"text": "Order it", "owner": "Глеб", "due_on": (now() - DAY).date()}
    add_action(app_of(store), SERVICE, wanted, by="Анна", at=at, request_id="a")
    desk = Desk("incidents", part=PART)
    assert "two drills or actions are overdue" in desk.title
    assert "Bad model rolled out: overdue for 3 days, owner Вера" in desk.said()
    assert "overdue,Order it,Глеб" in desk.cells()


def test_an_action_is_changed_done_and_opened_again(store: Store):
    wanted = {"text": "Order it", "owner": "Глеб", "due_on": (now() + DAY).date()}
    made = add_action(app_of(store), SERVICE, wanted, by="Анна", at=now() - HOUR, request_id="a")
    desk = Desk("incidents", part=PART)
    desk.field(f"action·{SERVICE}").set_value(made.action_id)
    desk.run()
    form = f"action·{SERVICE}·{made.action_id}"
    desk.type(form, owner="", by="Анна")
    desk.press("Store the change")
    assert "Is missing: an action without an owner is refused." in desk.texts()
    desk.type(form, owner="Вера")
    desk.press("Store the change")
    assert actions(store)[0].owner == "Вера"
    desk.press("It is done")
    assert actions(store)[0].done_by == "Анна"
    assert "No action is open." in desk.said()
    desk.type(f"action reopen·{SERVICE}", action=made.action_id)
    desk.press("Open it again")
    assert actions(store)[0].done_at is None
