"""The Life cycle page: gates, the shadow run and the check list, every form against the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import streamlit as st
from sqlalchemy import text

from core.life_cycle import stages
from core.ports.life_cycle import KeptItem, PassedGate
from core.timeframe import floor_to, write_time
from db.engine import Role, Store
from db.readers.life_cycle import SqlLifeCycleReader
from db.team.life_cycle import keep, pass_gate
from tests.pages.operate import DAY, HOSTILE, HOUR, SERVICE, Desk, app_of, known, now

SHADOW = text("""
    insert into metrics.shadow_hour (service, hour, production_version, candidate_version,
        both_positive, production_only, candidate_only, both_negative, candidate_errors,
        candidate_slow, user_visible)
    select :service, moment, 'bert-3', :candidate, 400000, 10000, 20000, 570000, 1, 2, :visible
    from generate_series(cast(:start as timestamptz), cast(:end as timestamptz),
        interval '1 hour') as moment""")
SAVED = ("samples", "raw_data", "score_distributions")
OFF = f"gate·{SERVICE}·{stages.SWITCHING_OFF}·"


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def shadow(store: Store, *, visible: int = 0, candidate: str = "bert-4") -> None:
    """A week of it, up to an hour ago."""
    end = floor_to(now(), HOUR) - HOUR
    with store.engine(Role.SERVING).begin() as connection:
        connection.execute(
            SHADOW,
            {
                "service": SERVICE,
                "candidate": candidate,
                "visible": visible,
                "start": end - 167 * HOUR,
                "end": end,
            },
        )


def items(store: Store) -> tuple[KeptItem, ...]:
    return SqlLifeCycleReader(app_of(store)).items(SERVICE, now() + HOUR)


def gates(store: Store) -> tuple[PassedGate, ...]:
    return SqlLifeCycleReader(app_of(store)).gates(SERVICE, now() + HOUR)


def save(store: Store, item: str, place: str = "hdfs://x") -> KeptItem:
    given = {"place": place, "note": ""}
    return keep(app_of(store), SERVICE, item, None, given, by="Анна", at=now() - HOUR)


def test_a_service_without_a_shadow_run_is_told_what_to_write(store: Store):
    desk = Desk("life_cycle")
    assert desk.title == "In operation"
    assert "No shadow run has rows in metrics.shadow_hour." in desk.said()


def test_a_shadow_run_is_told_with_what_is_exact_and_who_is_right(store: Store):
    shadow(store)
    desk = Desk("life_cycle")
    assert "the shadow run of bert-4 shows what it has to: 97.00 %" in desk.title
    said = desk.said()
    assert "over the 168 hours all shares are exact" in said
    assert "Who is right where they differ is not known" in said
    assert "write each labelled letter of the run into labelled_letter twice" in said


def test_a_shadow_run_that_users_saw_is_passed_by_nobody(store: Store):
    shadow(store, visible=1)
    desk = Desk("life_cycle", part="Gates")
    assert "has failed: users saw 168 letters differently" in desk.title
    assert "A shadow run that changed anything for a user has failed." in desk.said()
    desk.type(f"gate·{SERVICE}·{stages.SHADOW}·bert-4", reason="go", by="Анна")
    desk.press("Pass the gate")
    assert "Nothing was stored. The candidate changed 168 letters for users." in desk.said()
    assert gates(store) == ()


def test_a_gate_is_passed_and_its_passing_taken_back(store: Store):
    shadow(store)
    desk = Desk("life_cycle", part="Gates")
    form = f"gate·{SERVICE}·{stages.SHADOW}·bert-4"
    desk.type(form, reason="неделя без жалоб")
    desk.press("Pass the gate")
    assert "Is missing." in desk.texts()
    desk.type(form, by="Анна")
    desk.press("Pass the gate")
    (made,) = gates(store)
    assert (made.model_version, made.reason) == ("bert-4", "неделя без жалоб")
    assert "bert-4 has passed its shadow run" in desk.title
    assert "неделя без жалоб" in desk.cells()
    desk.app.selectbox(key=f"gate·{SERVICE}").set_value(stages.SHADOW)
    desk.run()
    desk.type(f"gate back·{SERVICE}·{made.gate_id}", why="поспешили", by="Вера")
    desk.press("Take it back")
    assert gates(store)[0].withdrawn_by == "Вера"
    assert "by Вера: поспешили" in desk.cells()


def test_what_is_not_there_is_waived_with_a_reason_only(store: Store):
    desk = Desk("life_cycle", part="Gates")
    form = f"gate·{SERVICE}·{stages.DATA}·"
    desk.type(form, reason="go", by="Анна")
    desk.press("Pass the gate")
    assert "Is missing: “The data are collected” is not there. Say why not." in desk.texts()
    assert gates(store) == ()
    desk.type(form, waiver="собраны раньше")
    desk.press("Pass the gate")
    assert gates(store)[0].waived == ("data",)


def test_a_switch_off_is_refused_until_the_three_are_saved_and_then_recorded(store: Store):
    desk = Desk("life_cycle", part="Decommissioning")
    assert "This is a record: Greenlight switches nothing off." in desk.said()
    assert "Blocked" in desk.said()
    for item in SAVED:
        desk.type(OFF, reason="замена готова", by="Анна")
        desk.press("Record the switch-off")
        assert "Nothing was stored. Not saved:" in desk.said()
        assert gates(store) == ()
        desk.type(f"kept·{SERVICE}·{item}·0", place=f"hdfs://{item}", by="Анна")
        desk.press("It is saved there", form=item)
        assert f"hdfs://{item}" in desk.texts()
    assert len(items(store)) == 3
    desk.press("Record the switch-off")
    (off,) = gates(store)
    assert (off.gate, off.passed_by) == (stages.SWITCHING_OFF, "Анна")
    assert desk.title.startswith("Switched off on")


def test_somebody_elses_place_is_told_beside_what_was_typed(store: Store):
    seen = save(store, "samples")
    desk = Desk("life_cycle", part="Decommissioning")
    keep(app_of(store), SERVICE, "samples", seen, {"place": "tape"}, by="Вера", at=now())
    form = f"kept·{SERVICE}·samples·{seen.item_id}"
    desk.type(form, place="s3://y", by="Глеб")
    st.cache_data.clear()  # the page learns of the change in the very run of the click
    desk.press("Store the change")
    assert "Вера has changed this entry meanwhile." in desk.said()
    assert "theirs is “tape”, yours is “s3://y”" in desk.said()
    assert desk.value(form, "place") == "s3://y"
    assert items(store)[0].place == "tape"
    desk.press("Store the change")
    assert items(store)[0].place == "s3://y"


def test_what_is_not_there_after_all_is_taken_back(store: Store):
    seen = save(store, "raw_data")
    desk = Desk("life_cycle", part="Decommissioning")
    desk.type(f"kept·{SERVICE}·raw_data·{seen.item_id}", by="Анна")
    desk.press("It is not there after all")
    assert items(store) == ()
    assert "Taken back at" in desk.said()


def test_what_people_and_stacks_wrote_is_shown_as_text(store: Store):
    shadow(store, candidate=HOSTILE)
    save(store, "samples", HOSTILE)
    given = {"reason": HOSTILE, "waiver": HOSTILE}
    pass_gate(app_of(store), SERVICE, "data", "", given, by=HOSTILE, at=now(), request_id="r")
    for part in ("Shadow run", "Gates", "Decommissioning"):
        desk = Desk("life_cycle", part=part)
        assert desk.live_markup() == []


def test_an_earlier_moment_is_for_reading(store: Store):
    save(store, "samples")
    desk = Desk("life_cycle", part="Decommissioning", as_of=write_time(datetime.now(UTC) - DAY / 2))
    assert "This is how it stood at" in desk.said()
    assert "hdfs://x" not in desk.texts()
    assert not desk.has("Record the switch-off")
