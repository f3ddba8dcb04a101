"""The Scope page: cells, gaps, explicit nothings and new tasks, against the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st

from core.ports.plan import EmptyCell, PlanFrame, Task
from core.timeframe import write_time
from db.engine import Store
from db.readers.milestones import SqlPlanReader
from db.team.scope import mark_empty, save_frame
from db.team.tasks import add_task
from tests.fakes_scope import DIRECTIONS, MATRIX, STAGES
from tests.pages.operate import DAY, HOSTILE, HOUR, SERVICE, Desk, app_of, known, now

CELL = {"stage": STAGES[1], "direction": "Product features"}


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def lecture(store: Store) -> None:
    """The lecture's matrix: three stages, five directions, 11 tasks."""
    app, at = app_of(store), now() - DAY
    given: dict[str, object] = {"stages": list(STAGES), "directions": list(DIRECTIONS)}
    save_frame(app, PlanFrame(SERVICE), given, by="Анна", at=at)
    for stage, row in zip(STAGES, MATRIX, strict=True):
        for direction, title in zip(DIRECTIONS, row, strict=True):
            if title:
                given = {"title": title, "stage": stage, "direction": direction, "ideal_days": 2}
                given |= {"priority": 3}
                add_task(app, SERVICE, given, by="Анна", at=at, request_id=title)


def tasks(store: Store) -> tuple[Task, ...]:
    return SqlPlanReader(app_of(store)).tasks(SERVICE, now() + HOUR)


def empty_cells(store: Store) -> tuple[EmptyCell, ...]:
    return SqlPlanReader(app_of(store)).empty_cells(SERVICE, now() + HOUR)


def frame(store: Store) -> PlanFrame:
    return SqlPlanReader(app_of(store)).frame(SERVICE, now() + HOUR)


def test_the_lectures_matrix_by_its_own_numbers(store: Store):
    lecture(store)
    desk = Desk("scope")
    assert desk.title == "11 of 15 cells hold tasks, four are gaps"
    assert "Most gaps: Decommissioning: saving data (3 of 5 cells)" in desk.said()
    lines = desk.app.dataframe[0].value
    assert list(lines["State"][:5]) == ["gap"] * 4 + ["1 task"]


def test_on_an_empty_store_a_task_is_made_in_a_gap(store: Store):
    desk = Desk("scope")
    assert desk.title == "Nothing is planned for mail yet"
    form = f"task new·{SERVICE}·Launch: data·Hardware"
    desk.press("Add the task")
    assert "Is missing." in desk.texts()
    assert tasks(store) == ()
    desk.type(form, title="Купить диски", ideal_days=2.5, by="Анна")
    desk.press("Add the task")
    (made,) = tasks(store)
    assert (made.title, made.stage, made.direction) == ("Купить диски", "Launch: data", "Hardware")
    assert desk.title == "1 of 60 cells holds tasks, 59 are gaps"


def test_a_gap_is_said_to_be_meant_with_a_reason_and_that_is_taken_back(store: Store):
    lecture(store)
    desk = Desk("scope", **CELL)
    form = f"scope nothing·{SERVICE}·{CELL['stage']}·{CELL['direction']}"
    desk.type(form, by="Вера")
    desk.press("It is meant to hold nothing")
    assert "Is missing: why does this cell hold nothing?" in desk.texts()
    assert empty_cells(store) == ()
    desk.type(form, reason=HOSTILE)
    desk.press("It is meant to hold nothing")
    (said,) = empty_cells(store)
    assert (said.reason, said.changed_by) == (HOSTILE, "Вера")
    assert desk.title.endswith("one is meant to be empty, three are gaps")
    assert f"{HOSTILE} (Вера)" in desk.texts()
    assert desk.live_markup() == []
    desk.press("Take it back")
    assert empty_cells(store) == ()
    assert desk.title.endswith("four are gaps")


def test_a_link_opens_a_cell_and_one_to_nowhere_is_told(store: Store):
    lecture(store)
    desk = Desk("scope", stage=STAGES[0], direction="Hardware")
    assert "#### Launch: shadow run · Hardware" in desk.said()
    assert "buy the machines" in desk.app.dataframe[1].value.to_csv()
    desk = Desk("scope", stage="Nowhere", direction="Hardware")
    assert "The matrix has no cell “Nowhere”, “Hardware”." in desk.said()


def test_stages_are_added_and_one_that_has_tasks_cannot_go(store: Store):
    lecture(store)
    desk = Desk("scope")
    form = f"scope frame·{SERVICE}"
    desk.type(form, stages="\n".join(STAGES[:2]), by="Анна")
    desk.press("Store the matrix")
    assert "Tasks are in Decommissioning: saving data: move them first." in desk.texts()
    assert frame(store).stages == STAGES
    desk.type(form, stages="\n".join((*STAGES, "После запуска")))
    desk.press("Store the matrix")
    assert frame(store).stages == (*STAGES, "После запуска")
    assert desk.title == "11 of 20 cells hold tasks, nine are gaps"


def test_two_who_change_the_matrix_see_both_versions(store: Store):
    lecture(store)
    desk = Desk("scope")
    theirs = {"stages": [*STAGES, "Theirs"], "directions": list(DIRECTIONS)}
    save_frame(app_of(store), frame(store), theirs, by="Глеб", at=now())
    desk.type(f"scope frame·{SERVICE}", stages="\n".join((*STAGES, "Mine")), by="Анна")
    desk.press("Store the matrix")
    said = desk.said()
    assert " / Theirs”, yours is “" in said
    assert frame(store).stages[-1] == "Theirs"
    desk.press("Store the matrix")
    assert frame(store).stages == (*STAGES, "Mine")


def test_an_earlier_moment_is_shown_as_it_was_and_cannot_be_edited(store: Store):
    lecture(store)
    given = CELL | {"reason": "No screen shows it"}
    mark_empty(app_of(store), SERVICE, given, by="Вера", at=now() - HOUR)
    desk = Desk("scope", as_of=write_time(now() - 2 * HOUR), **CELL)
    assert desk.title.endswith("four are gaps")
    assert not desk.has("Add the task")
    assert "This is how it stood at" in desk.said()
