"""The Risks page: found, written down, changed, reviewed, accepted, closed, against the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
import streamlit as st

from core.ports.risks import Risk
from core.risks import watched
from db.engine import Role, Store
from db.readers.risks import SqlRiskReader
from db.team.risks import add_risk, change_risk, close_risk, open_plans_b
from db.team.tasks import add_task
from tests.fakes_risks import P999, evidence_of
from tests.fakes_risks import form as filled
from tests.pages.operate import DAY, HOSTILE, HOUR, SERVICE, Desk, app_of, known, now

MEASURE = {"line_due_on": None, "line_path": P999, "line_operator": ">", "line_value": 20}


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def written(store: Store, title: str = "The servers come late", **changed: Any) -> Risk:
    given = filled(**{"line_due_on": (now() + 9 * DAY).date(), "title": title, **changed})
    given.setdefault("review_on", None)
    given["review_on"] = changed.get("review_on", (now() + 9 * DAY).date())
    at = now() - 2 * HOUR
    return add_risk(app_of(store), SERVICE, given, by="Анна", at=at, request_id=title)


def risks(store: Store) -> tuple[Risk, ...]:
    return SqlRiskReader(app_of(store)).risks(SERVICE, now() + HOUR)


def test_without_a_risk_the_page_says_how_to_find_one(store: Store):
    desk = Desk("risks")
    assert desk.title == "No risk of mail is written down"
    assert "list what must happen and what must not" in desk.said()


def test_a_risk_with_a_red_line_on_a_metric_is_written_down(store: Store):
    desk = Desk("risks", part="Find risks")
    form = f"risk new·{SERVICE}"
    desk.type(form, title="Серверы поздно", probability=3, by="Анна")
    desk.press("Write the risk down")
    assert desk.texts().count("Is missing.") == 2  # consequence and owner
    assert risks(store) == ()
    desk.type(
        form,
        consequence=3,
        owner="Борис",
        line_path=P999,
        line_operator=">",
        line_value=20.0,
        line_window="6h",
    )
    desk.press("Write the risk down")
    (made,) = risks(store)
    assert (made.rank, made.owner, made.created_by) == (9, "Борис", "Анна")
    assert made.line is not None
    assert (made.line.path, made.line.value, made.line.window) == (P999, 20, "6h")
    desk = Desk("risks")
    assert desk.title.startswith("One risk is open, exposure 9; one lacks what the rank asks for")
    assert f"{P999} > 20 ms over 6 hours" in desk.cells()
    assert "unknown" in desk.cells()
    assert "missing, rank 9 asks for it" in desk.said()


def test_statements_become_drafts_that_are_edited_before_they_are_kept(store: Store):
    desk = Desk("risks", part="Find risks")
    desk.type(
        f"risk statements·{SERVICE}",
        task="Buy GPU servers",
        must_happen="The servers are delivered in time",
        must_not_happen="The machines must not be dropped",
    )
    desk.press("Draft the risks")
    assert "The servers are not delivered in time" in desk.cells()
    assert "The machines are dropped" in desk.cells()
    desk.type(f"risk drafts·{SERVICE}", by="Анна")
    desk.press("Keep the ticked ones")
    assert "risks[0].probability: Is missing." in desk.texts()
    assert risks(store) == ()


def test_the_ticked_drafts_are_kept_with_what_was_filled_in(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    """A test cannot type into the table of drafts: it stands in for the table."""

    def filled_in(frame: pd.DataFrame, **_: Any) -> pd.DataFrame:
        return frame.assign(
            Keep=[True, False, True], Probability=[3, None, 1], Consequence=3, Owner="Борис"
        )

    monkeypatch.setattr(st, "data_editor", filled_in)
    task = {"title": "Buy GPU servers", "stage": "Launch: data", "direction": "Hardware"}
    task |= {"ideal_days": 5, "priority": 1}
    planned = add_task(app_of(store), SERVICE, task, by="Анна", at=now(), request_id="a")
    desk = Desk("risks", part="Find risks")
    desk.type(
        f"risk statements·{SERVICE}",
        task=f"Buy GPU servers (#{planned.task_id})",
        must_happen="Серверы доставлены в срок\nThe rack is powered",
        must_not_happen="The machines must not be dropped",
    )
    desk.press("Draft the risks")
    desk.type(f"risk drafts·{SERVICE}", by="Анна")
    desk.press("Keep the ticked ones")
    late, dropped = risks(store)
    assert (late.title, late.rank) == ("Не произойдёт: Серверы доставлены в срок", 9)
    assert (dropped.title, dropped.rank) == ("The machines are dropped", 3)
    assert (dropped.task, dropped.task_id, dropped.statement) == (
        "Buy GPU servers",
        str(planned.task_id),
        "The machines must not be dropped",
    )
    assert "2 kept. They lack what their ranks ask for." in desk.texts()


def test_two_who_change_a_risk_see_both_versions(store: Store):
    made = written(store)
    desk = Desk("risks", risk=str(made.risk_id))
    given = filled(title=made.title, owner="Вера", review_on=made.review_on, line_due_on=made.line)
    given["line_due_on"] = None if made.line is None else made.line.due_on
    change_risk(app_of(store), made, given, by="Вера", at=now())
    form = f"risk·{SERVICE}·{made.risk_id}"
    desk.type(form, owner="Глеб", by="Глеб")
    desk.press("Store the change")
    assert "theirs is “Вера”, yours is “Глеб”" in desk.said()
    desk.press("Store the change")
    assert risks(store)[0].owner == "Глеб"


def test_an_acceptance_of_a_high_rank_needs_an_approver_and_a_day(store: Store):
    made = written(store)
    desk = Desk("risks", risk=str(made.risk_id))
    form = f"risk·{SERVICE}·{made.risk_id}"
    desk.app.checkbox(key=f"{form}·accepted").check()
    desk.type(form, by="Анна")
    desk.press("Store the change")
    said = "Is missing: rank 9 is accepted by an approver, on a day."
    assert desk.texts().count(said) == 2
    desk.type(form, approver="Вера", accepted_on=now().date())
    desk.press("Store the change")
    assert risks(store)[0].accepted
    assert "Accepted by Вера" in desk.said()


def test_an_overdue_review_is_told_and_done(store: Store):
    made = written(store, review_on=(now() - 3 * DAY).date())
    written(store, "Later")
    desk = Desk("risks", risk=str(made.risk_id))
    assert desk.title.endswith("one review is overdue")
    assert "its review is overdue for 3 days" in desk.said()
    desk.type(f"risk review·{SERVICE}·{made.risk_id}", by="Вера")
    desk.press("It was reviewed")
    assert risks(store)[0].reviewed_by == "Вера"
    assert "overdue" not in desk.title


def test_a_crossed_red_line_shows_plan_b_until_it_is_ended(store: Store):
    made = written(store, **MEASURE)
    values = {"percentiles": {"p99.9": 42.0}}
    looked = watched(risks(store), now().date(), evidence_of(values))
    with store.engine(Role.WORKER).begin() as connection:
        assert open_plans_b(connection, looked, now() - HOUR) == 1
    desk = Desk("risks", risk=str(made.risk_id))
    assert desk.title.startswith("Plan B is open: the red line of “The servers come late”")
    assert any("it is 42.0 ms" in one for one in desk.texts())
    form = f"risk plan B·{SERVICE}·{made.risk_id}"
    desk.type(form, by="Анна")
    desk.press("End plan B")
    assert "Is missing: what came of plan B?" in desk.texts()
    desk.type(form, plan_b_result="Арендовали")
    desk.press("End plan B")
    assert risks(store)[0].plan_b_result == "Арендовали"
    assert "one lacks what the rank asks for" in desk.title


def test_a_closed_risk_leaves_the_register_and_may_come_back(store: Store):
    made = written(store)
    desk = Desk("risks", risk=str(made.risk_id))
    desk.type(f"risk close·{SERVICE}·{made.risk_id}", closed_why="Поставлено", by="Анна")
    desk.press("Close the risk")
    assert desk.title == "No risk of mail is open"
    assert risks(store)[0].closed_at is not None
    desk.press("It is a risk again")
    assert desk.title.startswith("One risk is open")
    gone = close_risk(app_of(store), risks(store)[0], "x", by="Анна", at=now() + HOUR)
    assert gone.closed_at is not None


def test_what_people_wrote_is_shown_as_text(store: Store):
    made = written(store, HOSTILE, prevention=HOSTILE, owner="**b** $x$")
    desk = Desk("risks", risk=str(made.risk_id))
    assert desk.live_markup() == []
    assert HOSTILE in desk.texts()
    assert HOSTILE in desk.cells()


def test_an_earlier_moment_shows_what_stood_then_and_has_no_forms(store: Store):
    made = written(store)
    close_risk(app_of(store), made, "x", by="Анна", at=now() - HOUR)
    as_of = (now() - HOUR - HOUR / 2).isoformat().replace("+00:00", "Z")
    desk = Desk("risks", as_of=as_of)
    assert desk.title.startswith("One risk is open")
    assert not desk.has("Store the change")


def test_a_link_to_a_risk_that_does_not_exist_is_told(store: Store):
    written(store)
    assert "mail has no risk 999." in Desk("risks", risk="999").said()
