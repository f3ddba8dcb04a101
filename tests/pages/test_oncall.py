"""The On-call page: who watches, where nobody will, and every form against the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import pytest
import streamlit as st

from core.ports.oncall import Override, Rota
from core.timeframe import write_time
from db.engine import Store
from db.readers.oncall import SqlOnCallReader
from db.team.rotas import add_override, save_rota
from tests.pages.operate import DAY, HOSTILE, HOUR, SERVICE, Desk, app_of, known, now

ROTA, OVERRIDE, SWAP = f"rota·{SERVICE}", f"override·{SERVICE}", f"swap·{SERVICE}"
CANCEL = f"cancel override·{SERVICE}"


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def rota(store: Store, *members: str, seen: Rota | None = None, **changed: Any) -> Rota:
    """A rota whose first week began three days ago."""
    began = (now() - 3 * DAY).date()
    given = {
        "zone": "Europe/Moscow",
        "handover_weekday": began.weekday(),
        "handover_time": time(0),
        "starts_on": began,
        "members": list(members),
        "departed": [],
        "escalate_after_minutes": 15,
        "escalate_to": "",
    }
    return save_rota(app_of(store), SERVICE, seen, given | changed, by="Анна", at=now() - HOUR)


def stored(store: Store) -> Rota | None:
    return SqlOnCallReader(app_of(store)).rota(SERVICE, now() + HOUR)


def overrides(store: Store) -> tuple[Override, ...]:
    return SqlOnCallReader(app_of(store)).overrides(SERVICE, now() + HOUR)


def test_a_service_without_a_rota_says_so_and_begins_with_the_form(store: Store):
    desk = Desk("oncall")
    assert desk.title == "Nobody is on call now for mail"
    assert "The service has no rota." in desk.said()
    desk.type(ROTA, members="Анна\n-\nBoris", escalate_after_minutes=0, escalate_to="Boris")
    desk.press("Make the rota")
    assert "Must be a whole number from 1 to 1440, and is 0." in desk.texts()
    desk.type(ROTA, escalate_after_minutes=20, zone="Europe/Moscow")
    desk.press("Make the rota")
    assert "Is missing." in desk.texts()  # who does it
    assert stored(store) is None
    assert desk.value(ROTA, "members") == "Анна\n-\nBoris"
    desk.type(ROTA, by="Анна")
    desk.press("Make the rota")
    made = stored(store)
    assert made is not None
    assert (made.members, made.zone, made.changed_by) == (
        ("Анна", "", "Boris"),
        "Europe/Moscow",
        "Анна",
    )
    assert "has no rota" not in desk.said()


def test_gaps_are_warned_about_in_advance(store: Store):
    rota(store, "Анна", "")
    desk = Desk("oncall")
    assert "but nobody for mail from" in desk.title
    assert "Nobody has this week." in desk.said()
    assert "1 gap" in desk.said()


def test_whoever_changes_a_rota_second_sees_both_versions_and_keeps_what_was_typed(store: Store):
    first = rota(store, "Анна", "Boris")
    desk = Desk("oncall")
    rota(store, "Анна", "Boris", "Вера", seen=first)
    desk.type(ROTA, members="Анна\nBoris\nГлеб", by="Глеб")
    st.cache_data.clear()  # the page learns of the change in the very run of the click
    desk.press("Change the rota")
    said = desk.said()
    assert "Анна has changed this rota meanwhile." in said
    assert "theirs is “Анна / Boris / Вера”, yours is “Анна / Boris / Глеб”" in said
    assert desk.value(ROTA, "members") == "Анна\nBoris\nГлеб"
    assert stored(store).members == ("Анна", "Boris", "Вера")  # type: ignore[union-attr]
    desk.press("Change the rota")
    assert stored(store).members == ("Анна", "Boris", "Глеб")  # type: ignore[union-attr]


def test_whoever_changes_another_field_keeps_the_change_of_the_first(store: Store):
    first = rota(store, "Анна", "Boris")
    desk = Desk("oncall")
    rota(store, "Анна", "Boris", seen=first, escalate_to="lead")
    desk.type(ROTA, escalate_after_minutes=30, by="Глеб")
    desk.press("Change the rota")
    assert desk.value(ROTA, "escalate_to") == "lead"
    desk.press("Change the rota")
    made = stored(store)
    assert made is not None
    assert (made.escalate_to, made.escalate_after.seconds) == ("lead", 1800)


def test_somebody_stands_in_on_the_clock_of_the_rota(store: Store):
    rota(store, "Анна", "Boris")
    desk = Desk("oncall")
    day = (now() + 2 * DAY).replace(hour=0, minute=0, tzinfo=None)
    desk.type(
        OVERRIDE,
        member="Boris",
        starts_at=day.replace(hour=10),
        ends_at=day.replace(hour=9),
        by="Анна",
    )
    desk.press("Let them stand in")
    assert "Must be after the start." in desk.texts()
    assert overrides(store) == ()
    desk.type(OVERRIDE, ends_at=day.replace(hour=18), reason="врач")
    desk.press("Let them stand in")
    (made,) = overrides(store)
    assert (made.member, made.reason) == ("Boris", "врач")
    assert made.starts_at == day.replace(hour=7, tzinfo=UTC)  # Moscow is three hours ahead
    assert made.ends_at == day.replace(hour=15, tzinfo=UTC)
    assert "врач" in desk.cells()


def test_a_gap_that_is_meant_needs_a_reason(store: Store):
    rota(store, "Анна", "Boris")
    desk = Desk("oncall")
    desk.type(OVERRIDE, by="Анна")
    desk.press("Let them stand in")
    assert "Is missing: choose a name, or that nobody is on call." in desk.texts()
    desk.type(OVERRIDE, member="nobody")
    desk.press("Let them stand in")
    assert "Is missing: say why nobody is on call." in desk.texts()
    assert overrides(store) == ()


def test_two_shifts_are_swapped_and_the_swap_taken_back(store: Store):
    rota(store, "Анна", "Boris")
    desk = Desk("oncall")
    desk.type(SWAP, first=1, by="Анна")
    desk.press("Swap them")
    assert "Is missing." in desk.texts()
    desk.type(SWAP, second=2)
    desk.press("Swap them")
    swapped = overrides(store)
    assert [one.member for one in swapped] == ["Анна", "Boris"]
    assert len({one.swap for one in swapped}) == 1
    desk.type(CANCEL, override=swapped[0].override_id, by="Анна")
    desk.press("Take it back")
    assert overrides(store) == ()


def test_a_shift_that_somebody_else_has_given_away_is_not_swapped(store: Store):
    rota(store, "Анна", "Boris")
    desk = Desk("oncall")
    shift = desk.app.session_state[f"{SWAP}·seen shifts"][1]
    given = {"member": "Вера", "starts_at": shift.start, "ends_at": shift.end, "reason": ""}
    add_override(app_of(store), SERVICE, given, by="Вера", at=now(), request_id="r")
    desk.type(SWAP, first=1, second=2, by="Анна")
    desk.press("Swap them")
    assert "has changed this shift meanwhile" in desk.said()
    assert [one.member for one in overrides(store)] == ["Вера"]


def test_what_people_wrote_is_shown_as_text(store: Store):
    rota(store, HOSTILE)
    desk = Desk("oncall")
    assert desk.live_markup() == []
    assert HOSTILE in desk.cells()


def test_an_earlier_moment_is_for_reading(store: Store):
    rota(store, "Анна", "Boris")
    desk = Desk("oncall", as_of=write_time(datetime.now(UTC) - DAY))
    assert "This is how it stood at" in desk.said()
    assert "it has no rota" in desk.said()
    assert not desk.has("Make the rota")


def test_every_service_is_told_beside_the_chosen_one(store: Store):
    known(store, "search")
    rota(store, "Анна")
    desk = Desk("oncall")
    assert desk.title == "Nobody is on call now for search"
    assert "Анна is on call for mail" in desk.cells()
    assert "search" in desk.cells()
