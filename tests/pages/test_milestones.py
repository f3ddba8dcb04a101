"""The Milestones page: milestones, tasks, decisions, files, against the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import streamlit as st

from core.ports.plan import Task
from core.timeframe import write_time
from db.engine import Store
from db.readers.milestones import SqlPlanReader
from db.team.milestones import add_milestone, freeze_baseline
from db.team.tasks import add_task, change_task
from tests.pages.operate import DAY, HOSTILE, HOUR, SERVICE, Desk, app_of, known, now

CELL = {"stage": "Launch: data", "direction": "Hardware"}
NAME = "Прототип"


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def reader(store: Store) -> SqlPlanReader:
    return SqlPlanReader(app_of(store))


def tasks(store: Store) -> tuple[Task, ...]:
    return reader(store).tasks(SERVICE, now() + HOUR)


def milestone(store: Store, weeks: int = 6) -> None:
    given = {"name": NAME, "due_on": now().date() + timedelta(weeks=weeks), "hands": 1}
    at = now() - 2 * DAY
    add_milestone(app_of(store), SERVICE, given, by="Анна", at=at, request_id="m")


def task(store: Store, title: str = "Купить серверы", **changed: Any) -> Task:
    today = now().date()
    given = {"title": title, "milestone": NAME, "ideal_days": 25, "planned_start": today}
    given |= CELL | {"planned_end": today + 35 * DAY} | changed
    at = now() - 2 * HOUR
    return add_task(app_of(store), SERVICE, given, by="Анна", at=at, request_id=title)


def test_the_first_milestone_is_made_on_an_empty_store_and_a_missing_day_is_named(store: Store):
    desk = Desk("milestones")
    assert desk.title == "No milestone is set: neither a target nor a plan names one"
    form = f"milestone new·{SERVICE}·"
    desk.type(form, name=NAME, by="Анна")
    desk.press("Store the milestone")
    assert "Is missing." in desk.texts()
    assert reader(store).milestones(SERVICE, now() + HOUR) == ()
    desk.type(form, due_on=now().date() + 42 * DAY)
    desk.press("Store the milestone")
    (made,) = reader(store).milestones(SERVICE, now() + HOUR)
    assert (made.name, made.hands, made.changed_by) == (NAME, 1, "Анна")
    assert desk.title == f"{NAME} is empty: due in 6 weeks, no tasks yet"


def test_six_weeks_and_five_ideal_weeks_are_over_committed_and_what_is_decided_is_kept(
    store: Store,
):
    milestone(store)
    made = task(store)
    desk = Desk("milestones")
    assert "6 weeks are left: 3 to 4 ideal weeks may be planned, and 5 ideal weeks are: " in (
        desk.said()
    )
    assert "over-committed by 1 ideal week" in desk.said()
    form = f"planning decision·{SERVICE}·{NAME}"
    desk.type(form, kind="extra_hands", task_id=made.task_id, what=HOSTILE, by="Анна")
    desk.press("Record the decision")
    assert "Is missing: who does it?" in desk.texts()
    desk.type(form, who="Вера")
    desk.press("Record the decision")
    (decided,) = reader(store).decisions(SERVICE, now() + HOUR)
    assert (decided.kind, decided.task_id, decided.who) == ("extra_hands", made.task_id, "Вера")
    assert "**Extra hands** · " in desk.said()
    assert HOSTILE in desk.texts()
    assert desk.live_markup() == []


def test_a_thin_history_refuses_the_forecast_and_says_why(store: Store):
    milestone(store)
    task(store)
    assert "No forecast" in Desk("milestones").said()
    assert "done" in Desk("milestones").said()


def test_a_task_is_added_changed_done_and_taken_out(store: Store):
    milestone(store)
    desk = Desk("milestones", part="Tasks")
    form = f"task new·{SERVICE}·{NAME}"
    desk.type(form, title="Стойка", by="Анна")
    desk.press("Add the task")
    assert "Is missing: there is a planned end." in desk.texts()
    assert tasks(store) == ()
    desk.type(form, planned_start=now().date())
    desk.press("Add the task")
    (made,) = tasks(store)
    assert (made.title, made.milestone) == ("Стойка", NAME)
    desk = Desk("milestones", part="Tasks", task=str(made.task_id))
    form = f"task·{SERVICE}·{made.task_id}"
    desk.type(form, owner="Вера", ideal_days=2.5, by="Анна")
    desk.press("Store the change")
    (changed,) = tasks(store)
    assert (changed.owner, str(changed.ideal_days)) == ("Вера", "2.5")
    desk.press("It was done today")
    assert tasks(store)[0].done_on == now().date()
    assert "done" in desk.cells()
    desk.press("Take it out of the plan")
    assert tasks(store) == ()


def test_tasks_cannot_wait_for_each_other_in_a_circle(store: Store):
    milestone(store)
    first, second = task(store, "Первая"), task(store, "Вторая")
    waits = {"depends_on": [first.task_id]}
    change_task(app_of(store), second, waits, by="Анна", at=now() - HOUR)
    desk = Desk("milestones", part="Tasks", task=str(first.task_id))
    desk.type(f"task·{SERVICE}·{first.task_id}", depends_on=[second.task_id], by="Анна")
    desk.press("Store the change")
    assert any("circle: Первая → Вторая → Первая" in said for said in desk.texts())


def test_two_who_change_a_task_see_both_versions(store: Store):
    milestone(store)
    made = task(store)
    desk = Desk("milestones", part="Tasks", task=str(made.task_id))
    change_task(app_of(store), made, {"title": "Theirs"}, by="Глеб", at=now())
    desk.type(f"task·{SERVICE}·{made.task_id}", title="Mine", by="Анна")
    desk.press("Store the change")
    assert "theirs is “Theirs”, yours is “Mine”" in desk.said()
    assert tasks(store)[0].title == "Theirs"
    desk.press("Store the change")
    assert tasks(store)[0].title == "Mine"


def test_a_link_from_the_matrix_shows_the_tasks_of_its_cell(store: Store):
    milestone(store)
    task(store, "Здесь")
    task(store, "Там", direction="Back-end")
    desk = Desk("milestones", part="Tasks", **CELL)
    assert "Здесь" in desk.cells()
    assert "Там" not in desk.cells()
    desk = Desk("milestones", part="Tasks", state="done")
    assert "None of them is such a task." in desk.said()


def test_a_frozen_baseline_shows_slips_in_days(store: Store):
    milestone(store)
    made = task(store)
    desk = Desk("milestones")
    desk.type(f"baseline·{SERVICE}", name="Начало", by="Анна")
    desk.press("Freeze the plan as it stands")
    later = {"planned_end": made.planned_end + 4 * DAY} if made.planned_end else {}
    change_task(app_of(store), made, later, by="Анна", at=now())
    desk.refresh()
    assert "No task is late; one open task slips, the most by 4 days" in desk.said()
    assert "Начало" in desk.said()


def test_a_name_of_a_baseline_is_taken_once(store: Store):
    milestone(store)
    task(store)
    at = now() - HOUR
    freeze_baseline(app_of(store), SERVICE, {"name": "A"}, by="Анна", at=at, request_id="b")
    desk = Desk("milestones")
    desk.type(f"baseline·{SERVICE}", name="A", by="Анна")
    desk.press("Freeze the plan as it stands")
    assert "There is a baseline of that name: it stays as it is." in desk.texts()


def test_what_people_wrote_is_shown_as_text(store: Store):
    given = {"name": HOSTILE, "due_on": now().date() + 9 * DAY, "note": HOSTILE}
    at = now() - DAY
    add_milestone(app_of(store), SERVICE, given, by="Анна", at=at, request_id="m")
    made = task(store, HOSTILE, milestone=HOSTILE, owner=HOSTILE)
    desk = Desk("milestones", task=str(made.task_id))
    assert desk.live_markup() == []
    desk = Desk("milestones", part="Tasks", task=str(made.task_id))
    assert desk.live_markup() == []
    assert HOSTILE in desk.cells()


def test_a_link_to_what_is_not_there_is_told(store: Store):
    milestone(store)
    desk = Desk("milestones", milestone="Q9", task="77")
    assert "mail has no milestone “Q9”." in desk.said()
    assert "mail has no task 77." in desk.said()


def test_an_iteration_is_planned_and_its_result_recorded(store: Store):
    milestone(store)
    desk = Desk("milestones", part="Iterations")
    today = now().date()
    desk.type(
        f"iteration new·{SERVICE}",
        title="Первый круг",
        data_slice="5M of 100M letters",
        letters=5_000_000,
        letters_of=100_000_000,
        model_version="bert-1",
        against_version="logreg-7",
        starts_on=today - 20 * DAY,
        ends_on=today + 4 * DAY,
        by="Анна",
    )
    desk.press("Plan the iteration")
    (made,) = reader(store).iterations(SERVICE, now() + HOUR)
    assert made.letters == 5_000_000
    assert "no result by the middle of its time" in desk.cells()
    desk.field(f"iteration·{SERVICE}").set_value(made.iteration_id)
    desk.run()
    form = f"iteration result·{SERVICE}·{made.iteration_id}"
    desk.type(form, result_delta=0.012, by="Анна")
    desk.press("Record the result")
    assert any("on what was it measured" in said for said in desk.texts())
    desk.type(form, result_source="отложенная выборка, стенд 3")
    desk.press("Record the result")
    (measured,) = reader(store).iterations(SERVICE, now() + HOUR)
    assert str(measured.result_delta) == "0.012"
    assert "measured" in desk.cells()


def test_a_file_of_tasks_is_brought_in_whole_or_every_wrong_line_is_listed(store: Store):
    milestone(store)
    head = "title,stage,direction,ideal_days\r\n"
    wrong = f"{head}Диски,Launch: data,Hardware,2\r\nСтойка,Nowhere,Hardware,many\r\n"
    desk = Desk("milestones", part="Tasks")
    desk.type(f"task file·{SERVICE}", by="Анна")
    desk.press("Bring in the tasks")
    assert "Is missing." in desk.texts()
    desk.app.file_uploader[0].set_value(("t.csv", wrong.encode(), "text/csv"))
    desk.press("Bring in the tasks")
    assert "Nothing was stored. 2 things are wrong in the file, listed below." in desk.said()
    assert "3,stage," in desk.cells()
    assert "3,ideal_days," in desk.cells()
    assert tasks(store) == ()
    right = wrong.replace("Nowhere,Hardware,many", "Launch: data,Back-end,3")
    desk.app.file_uploader[0].set_value(("t.csv", right.encode(), "text/csv"))
    desk.press("Bring in the tasks")
    assert [one.title for one in tasks(store)] == ["Диски", "Стойка"]
    assert "2 added, 0 changed, 0 as they were." in desk.said()


def test_an_earlier_moment_is_shown_as_it_was_and_cannot_be_edited(store: Store):
    milestone(store)
    task(store)
    desk = Desk("milestones", as_of=write_time(now() - DAY), part="Tasks")
    assert desk.title == f"{NAME} is empty: due in 43 days, no tasks yet"
    assert "Nothing is planned yet." in desk.said()
    assert not desk.has("Add the task")
