"""What fires is said first, and nothing stays silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.timeframe import write_time
from db.engine import Store
from tests.db.alert_world import SERVICE
from tests.pages.alerts.desk import APP, MARKUP, Desk, change


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
