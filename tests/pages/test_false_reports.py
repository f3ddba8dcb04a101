"""The False reports page: its states, and what a reviewer does on it, against the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from core.timeframe import write_time
from db.engine import Role, Store
from db.readers import reliability
from db.readers.report_reviews import claims
from db.readers.retraining_sets import sets
from pages.parts.false_reports import acts
from pages.parts.false_reports.desk import Desk
from tests.db.readers.serving import execute
from tests.pages.report_desk import SERVICE, Reader, came, settle, taken, vote, yesterday

HOSTILE = "=1+1 <img src='https://evil.example/a.png'> **bold** \u202e[PERSON_1]"


@pytest.fixture(autouse=True)
def _no_caches() -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))


class TestStates:
    def test_without_a_report_it_says_where_reports_come_from(self, store: Store):
        execute(
            store.engine(Role.SERVING),
            "insert into metrics.deployment (service, deployment_id, deployed_at, model_version, "
            "stage) values (:service, 'd', :at, 'v1', 'production')",
            service=SERVICE,
            at=yesterday(),
        )
        page = Reader(store)

        assert "Nobody has reported a false decision" in page.said()
        assert "metrics.false_report" in page.said()
        assert not page.app.tabs

    def test_reports_that_the_worker_has_not_taken_are_not_shown_and_said(self, store: Store):
        came(store, "r1", "r2")
        page = Reader(store)

        assert "Two reports came, and the worker has taken none yet" in page.said()
        assert "python cli.py worker" in page.said()
        assert "raw" not in page.cells()

    def test_the_first_sentence_says_what_waits_since_when_and_what_hurts_most(self, store: Store):
        first, _ = taken(store, "a1", "a2", "b1")
        (title,) = Reader(store).app.title

        assert title.value.startswith("Two groups wait, the oldest for 24 hours")
        assert f"group {first} hurts most, two people reported it" in title.value

    def test_an_earlier_moment_is_for_reading(self, store: Store):
        taken(store, "a1", "b1")
        page = Reader(store, as_of=write_time(datetime.now(UTC) - timedelta(hours=1)))
        page.app.text_input(key="reviewer").set_value("Анна")
        page.run()

        assert page.button("Start reviewing").disabled
        assert "This page shows an earlier moment" in page.said()

    def test_without_a_name_nothing_can_be_done(self, store: Store):
        taken(store, "a1", "b1")
        page = Reader(store)

        assert page.button("Start reviewing").disabled
        assert "Say who you are first" in page.said()

    def test_a_store_that_goes_away_is_said_and_the_last_report_stays(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ):
        taken(store, "a1", "b1")
        page = Reader(store)
        with monkeypatch.context() as patch:

            def refuse(*_: object) -> str:
                raise OperationalError("select", {}, Exception("connection refused"))

            patch.setattr(reliability.SqlReliabilityReader, "watermark", refuse)
            st.cache_data.clear()
            page.run()
        assert "connection refused" in page.said()
        assert "Two groups wait" in page.said()

    @pytest.mark.parametrize(
        "tab", ["Inbox", "Topics", "Sets", "After the release", "Training data"]
    )
    def test_every_tab_opens_from_its_address(self, store: Store, tab: str):
        taken(store, "a1", "b1")
        page = Reader(store, tab=tab)

        assert {
            "Inbox": "two groups",
            "Topics": "How far the reviews can be trusted",
            "Sets": "The next set",
            "After the release": "No release has taken the place",
            "Training data": "No training run is known",
        }[tab].lower() in page.said().lower()


class TestReview:
    def test_the_letter_is_shown_as_text(self, store: Store):
        taken(store, "a1", a=HOSTILE)
        page = Reader(store)
        page.begin()

        assert "<img" not in page.html()
        assert "&lt;img" in page.html()
        assert "⟨U+202E⟩" in page.html()
        assert "evil" not in page.said()
        assert "'=1+1" in page.cells()

    def test_a_vote_is_stored_and_the_next_letter_is_at_hand(self, store: Store):
        taken(store, "a1", "a2", "b1")
        page = Reader(store)
        page.begin()
        first = page.html()
        page.press("Confirm: the report")

        (vote,) = page.votes()
        assert (vote.reviewer, vote.verdict, vote.stage, vote.blind) == (
            "Анна",
            "confirm",
            "first",
            True,
        )
        assert f"Confirmed group {vote.group_id}." in page.said()
        assert page.html() != first

    def test_a_rejection_says_why(self, store: Store):
        taken(store, "a1")
        page = Reader(store)
        page.begin()
        assert page.button("Reject: another reason").disabled
        page.note("seen <b>before</b>")
        page.press("Reject: another reason")

        (vote,) = page.votes()
        assert (vote.verdict, vote.reason, vote.note) == ("reject", "other", "seen <b>before</b>")

    def test_undo_brings_the_group_back(self, store: Store):
        taken(store, "a1", "b1")
        page = Reader(store)
        page.begin()
        page.press("Unsure")
        (vote,) = page.votes()
        page.press("Undo")

        (vote,) = page.votes()
        assert vote.undone_at is not None
        assert f"**Group {vote.group_id}.**" in page.said()
        assert page.button("Undo").disabled

    def test_skipping_leaves_the_group_to_others(self, store: Store):
        taken(store, "a1", "b1")
        page = Reader(store)
        page.begin()
        page.press("Skip")
        page.press("Skip")

        assert "No group is free" in page.said() or "Nothing waits for you" in page.said()
        with store.engine(Role.APP).connect() as connection:
            assert claims(connection, SERVICE, datetime.now(UTC)) == ()
        assert page.votes() == ()

    def test_stopping_gives_the_group_back(self, store: Store):
        taken(store, "a1")
        page = Reader(store)
        page.begin()
        page.press("Stop")

        with store.engine(Role.APP).connect() as connection:
            assert claims(connection, SERVICE, datetime.now(UTC)) == ()
        assert not page.button("Start reviewing").disabled

    def test_a_group_that_somebody_else_took_is_told_and_what_was_typed_is_not_lost(
        self, store: Store
    ):
        (group_id,) = taken(store, "a1")
        page = Reader(store)
        page.begin()
        execute(
            store.engine(Role.OWNER),
            "update team.report_claim set reviewer = 'Борис' where group_id = :group_id",
            group_id=group_id,
        )
        page.press("Confirm: the report")

        assert page.votes() == ()
        assert f"Nothing was stored on group {group_id}. Борис is looking" in page.said()

    def test_the_second_reviewer_does_not_see_the_first_vote_and_the_adjudicator_sees_both(
        self, store: Store
    ):
        (group_id,) = taken(store, "a1")
        execute(
            store.engine(Role.APP),
            "insert into team.report_second_opinion (service, group_id, asked_by, reason, "
            "asked_at) values (:service, :group_id, 'Вера', 'why', :at)",
            service=SERVICE,
            group_id=group_id,
            at=yesterday(),
        )
        vote(store, group_id, "Борис", "confirm", "secret of the first")
        second = Reader(store)
        second.begin("Анна")
        assert "Second opinion" in second.said()
        assert "Борис" not in second.said()
        assert "secret" not in second.said()
        second.press("Stop")
        vote(store, group_id, "Галя", "reject", "secret of the second")
        third = Reader(store)
        third.begin("Анна")

        assert "Adjudication" in third.said()
        assert "Борис: confirm. secret of the first" in third.said()
        assert "Галя: reject" in third.said()
        third.press("Confirm: the report")
        assert [one.blind for one in third.votes()] == [True, True, False]

    def test_asking_for_a_second_opinion_needs_a_reason(self, store: Store):
        (group_id,) = taken(store, "a1")
        page = Reader(store)
        page.begin()
        assert page.button("Second opinion").disabled
        page.note("ask Вера")
        page.press("Second opinion")

        assert f"Somebody else will look at group {group_id}" in page.said()
        page.press("Confirm: the report")
        with store.engine(Role.APP).connect() as connection:
            asked = text("select asked_by, reason from team.report_second_opinion")
            assert connection.execute(asked).one() == ("Анна", "ask Вера")


class TestList:
    def test_it_holds_the_queue_and_a_topic_narrows_it(self, store: Store):
        first, second = taken(store, "a1", "a2", "b1")
        execute(
            store.engine(Role.WORKER),
            "update team.report_group set topic_id = 7 where group_id = :group_id",
            group_id=second,
        )
        execute(
            store.engine(Role.WORKER),
            "insert into team.report_topic values (:service, 7, array['*заказ*'], :at)",
            service=SERVICE,
            at=yesterday(),
        )
        page = Reader(store)
        assert [*page.app.dataframe[0].value["Group"]] == [first, second]
        narrowed = Reader(store, topic="7")
        assert [*narrowed.app.dataframe[0].value["Group"]] == [second]
        assert "\\*заказ\\*" in narrowed.said()
        narrowed.begin()
        narrowed.press("Confirm: the report")
        assert [one.group_id for one in narrowed.votes()] == [second]
        assert "Nothing of this topic waits for you." in narrowed.said()

    def test_a_decision_is_about_the_rows_on_the_screen_and_tells_of_each_that_was_left(
        self, store: Store
    ):
        groups = taken(store, "a1", "b1", "c1")
        page = Reader(store)
        page.begin()
        desk: Desk = page.app.session_state[f"desk·{SERVICE}"]
        assert desk.listed is not None
        listed = [one.group_id for one in desk.listed.seen]
        assert sorted(listed) == groups
        assert desk.claim is not None
        at_hand = desk.claim.group_id
        vote(store, (lost := next(one for one in listed if one != at_hand)), "Борис", "confirm", "")
        rows = [row for row, one in enumerate(listed) if one in {lost, at_hand}]
        _in_session(page, lambda: acts.decide_listed(_found(), desk, rows, "confirm"))
        page.run()

        assert {one.group_id for one in page.votes() if one.reviewer == "Анна"} == {at_hand}
        assert "Confirmed 1 of 2 groups." in page.said()
        assert f"Group {lost} is left as it is. Борис has confirmed this group" in page.said()
        page.press("Undo")
        assert all(one.undone_at for one in page.votes() if one.reviewer == "Анна")


def _found() -> Any:
    return SimpleNamespace(service=SERVICE)


def _in_session(page: Reader, action: Any) -> None:
    """Run what a button of the list would: AppTest cannot tick rows."""
    page.app.session_state["wanted_by_test"] = action
    script = AppTest.from_string(
        "import streamlit as st\nst.session_state.pop('wanted_by_test')()", default_timeout=60
    )
    kept = ("store_address", "clock", "now", "sign_in_policy", "page_shown", "person")
    for key in (*kept, "reviewer", "wanted_by_test"):
        script.session_state[key] = page.app.session_state[key]
    script.run()
    assert not script.exception, [one.value for one in script.exception]


class TestSets:
    def test_a_set_is_foreseen_made_once_and_listed_at_once(self, store: Store):
        (group_id,) = taken(store, "a1")
        vote(store, group_id, "Борис", "confirm", "")
        settle(store, group_id)
        page = Reader(store, tab="Sets")
        assert "**mail\\-1** would hold one letter of one group." in page.said()
        assert page.button("Make the set").disabled
        page.app.text_input(key="reviewer").set_value("Анна")
        page.run()
        page.press("Make the set")

        assert "mail-1 is made: one letter of one group." in page.said()
        with store.engine(Role.APP).connect() as connection:
            (made,) = sets(connection, SERVICE, datetime.now(UTC))
        assert (made.set_id, made.created_by) == ("mail-1", "Анна")
        assert "mail-1" in page.cells()
        page.press("Make the set")
        assert "Nothing is new" in page.said()
        assert {one.proto.label for one in page.app.get("download_button")} == {
            "Zip for training",
            "CSV to look at",
            "Manifest",
        }

    def test_a_withdrawal_wants_a_reason_and_replaces_the_set(self, store: Store):
        (group_id,) = taken(store, "a1")
        vote(store, group_id, "Борис", "confirm", "")
        settle(store, group_id)
        page = Reader(store, tab="Sets")
        page.app.text_input(key="reviewer").set_value("Анна")
        page.run()
        page.press("Make the set")
        page.app.session_state["withdrawing"] = True
        page.run()
        page.app.text_area(key="withdraw_letters").set_value("a1")
        page.press("Withdraw")
        assert "tick that it is meant" in page.said()
        page.app.checkbox(key="withdraw_sure").set_value(True)
        page.press("Withdraw")
        assert "Reason: Is missing" in page.said()
        page.app.text_area(key="withdraw_reason").set_value("asked by the sender")
        page.press("Withdraw")

        assert "Letters withdrawn: 1;" in page.said()
        assert "mail-1 is replaced by mail-1.1" in page.said()
        with store.engine(Role.APP).connect() as connection:
            assert [one.set_id for one in sets(connection, SERVICE, datetime.now(UTC))] == [
                "mail-1",
                "mail-1.1",
            ]
