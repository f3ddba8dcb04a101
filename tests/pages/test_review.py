"""The Review page: a review is read, kept and handed out, and decisions are written down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.ports.reviews import Decision, KeptReview
from db.engine import Store
from db.readers.review import SqlReviewReader
from db.review_export import pack
from db.team.reviews import add_decision, keep_review
from tests.fakes_review import drawn, review
from tests.pages.operate import APP, DAY, HOSTILE, HOUR, SERVICE, Desk, app_of, known, now

KEEP = f"review keep·{SERVICE}"
NEW = f"decision new·{SERVICE}"


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def kept(store: Store) -> tuple[KeptReview, ...]:
    return SqlReviewReader(app_of(store)).kept(SERVICE, now() + HOUR)


def decisions(store: Store) -> tuple[Decision, ...]:
    return SqlReviewReader(app_of(store)).decisions(SERVICE, now() + HOUR)


def reading(**query: str) -> AppTest:
    """Somebody who opens a link to a review."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def body(app: AppTest) -> str:
    return "\n".join(one.proto.body for one in app.get("html")).replace("\u00a0", " ")


def test_a_review_is_kept_and_listed(store: Store):
    desk = Desk("review")
    assert desk.title == "No review of mail was kept yet"
    desk.press("Keep this review")
    assert "Is missing." in desk.texts()
    assert kept(store) == ()
    desk.type(KEEP, by="Анна")
    desk.press("Keep this review")
    (made,) = kept(store)
    assert made.kept_by == "Анна"
    assert desk.title.startswith("Mail was last reviewed on ")
    assert made.headline in desk.cells()


def test_what_is_decided_is_written_down_corrected_and_taken_back(store: Store):
    desk = Desk("review")
    desk.press("Write it down")
    assert {"Is missing: what was decided?", "Is missing: who decided it?"} <= set(desk.texts())
    desk.type(NEW, text=HOSTILE, why="потому что", decided_by="Мария", by="Анна")
    desk.press("Write it down")
    (made,) = decisions(store)
    assert (made.text, made.decided_on) == (HOSTILE, now().date())
    assert HOSTILE.split()[0] in desk.cells()
    assert "in the next review" in desk.cells()
    assert desk.live_markup() == []

    desk.field(f"decision·{SERVICE}").set_value(made.decision_id)
    desk.run()
    form = f"decision·{SERVICE}·{made.decision_id}"
    desk.type(form, text="Нет")
    desk.press("Store the change")
    assert decisions(store)[0].text == "Нет"
    desk.press("Take it back")
    assert decisions(store) == ()
    assert "Taken back" in desk.said()


def test_an_earlier_moment_can_be_read_and_nothing_be_done(store: Store):
    at = now() - HOUR
    given = {"text": "Later", "why": "", "decided_by": "М", "decided_on": now().date()}
    add_decision(app_of(store), SERVICE, given, by="А", at=now(), request_id="a")
    desk = Desk("review", as_of=at.strftime("%Y-%m-%dT%H:%MZ"))
    assert not desk.has("Keep this review")
    assert not desk.has("Write it down")
    assert "Later" not in desk.cells()


def test_a_link_to_a_review_shows_it_without_navigation_and_controls(store: Store):
    app = reading(view="review", service=SERVICE)
    assert "Review of mail, " in body(app)
    assert "No goal has been set for this service." in body(app)
    assert len(app.sidebar) == 0
    assert not app.button
    assert app.query_params["as_of"], "the moment stands in the address from now on"
    assert app.query_params["view"] == "review"


def test_a_link_to_a_moment_shows_the_decisions_of_that_moment(store: Store):
    an_hour_ago = now() - HOUR
    given = {"text": "Катим", "why": "", "decided_by": "М", "decided_on": an_hour_ago.date()}
    add_decision(app_of(store), SERVICE, given, by="А", at=an_hour_ago, request_id="a")
    before, after = ((now() - hours * HOUR).strftime("%Y-%m-%dT%H:%MZ") for hours in (2, 0))
    assert "Катим" not in body(reading(view="review", service=SERVICE, as_of=before))
    assert "Катим" in body(reading(view="review", service=SERVICE, as_of=after))


def test_a_kept_review_is_shown_as_it_was(store: Store):
    found = review(as_of=now() - DAY, headline=HOSTILE)
    made = keep_review(app_of(store), pack(drawn(found)), by="А", at=now(), request_id="a")
    app = reading(review=str(made.review_id))
    assert "&lt;img src=" in body(app)
    assert "<img src='https" not in body(app)
    assert 'src="data:image/svg+xml;base64,' in body(app)
    assert len(app.sidebar) == 0


@pytest.mark.parametrize("number", ["999", "x", "-1", "0", "9" * 40, "²"])
def test_a_link_to_a_review_that_nobody_kept_says_so(store: Store, number: str):
    app = reading(review=number)
    assert app.title[0].value == "There is no such review"


def test_a_review_that_this_code_cannot_read_says_so(store: Store):
    packed = pack(drawn(review()))
    foreign = dict(packed.files) | {"values": b'{"format": 99, "review": {}}'}
    later = type(packed)(packed.drawn, foreign)
    made = keep_review(app_of(store), later, by="А", at=now(), request_id="a")
    app = reading(review=str(made.review_id))
    assert app.title[0].value == "This review cannot be shown here"
    assert "format 99" in app.text[0].value
