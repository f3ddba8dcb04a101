"""Reviews: of a moment, made once for everybody who reads it; and kept ones, which never change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from core.ports.reviews import KeptReview
from core.review.desk import ReviewsReport
from core.review.desk import reviews as reviews_of
from core.timeframe import Window
from db.readers.review import SqlReviewReader
from db.readers.snapshot import snapshot
from db.review_export import Drawn, unpack
from db.review_export.making import made
from pages.parts.data.reports import KEPT, Loaded, load
from pages.parts.data.store import Problem, ask, seen_at
from pages.parts.view import View


@dataclass(frozen=True, slots=True)
class Reading:
    """A kept review as it was: what is known of it, and itself."""

    kept: KeptReview
    drawn: Drawn


def reviews(view: View) -> Loaded[ReviewsReport]:
    """The kept reviews and the decisions of a view's service."""

    def compute(store: Engine, view: View, watermark: str) -> ReviewsReport:
        return _reviews_at(store, view.service, view.as_of, watermark, live=view.live)

    return load("reviews", view, compute)


def review(view: View) -> Loaded[Drawn]:
    """The review of a view, with its charts."""

    def compute(store: Engine, view: View, watermark: str) -> Drawn:
        return _review_at(store, view.service, str(view.window), view.as_of, watermark)

    return load("review", view, compute)


def review_now(view: View, at: datetime) -> Drawn | Problem:
    """The review of a view's service at this very moment, to be kept."""

    def question(store: Engine) -> Drawn:
        with snapshot(store) as connection:
            return made(connection, view.service, view.window, at)

    return ask(question, service=view.service)


def kept_review(review_id: int) -> Reading | Problem | None:
    """A review that was kept; None where there is no such one.

    Raises:
        UnreadableError: it was kept by a version that wrote otherwise.
    """
    kept = ask(lambda store: SqlReviewReader(store).one(review_id))
    if kept is None or isinstance(kept, Problem):
        return kept
    return ask(lambda store: _reading(store, kept), service=kept.service)


def review_file(kept: KeptReview, kind: str) -> bytes | Problem:
    """A file of a kept review, byte for byte: 'html' or 'pdf'."""
    return ask(lambda store: _file(store, kept.review_id, kind), service=kept.service)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _reviews_at(
    _store: Engine, service: str, as_of: datetime, watermark: str, *, live: bool
) -> ReviewsReport:
    with snapshot(_store) as connection:
        return reviews_of(SqlReviewReader(connection), service, seen_at(as_of, live=live))


@st.cache_resource(max_entries=KEPT, show_spinner="The review is being made.")
def _review_at(_store: Engine, service: str, window: str, as_of: datetime, watermark: str) -> Drawn:
    with snapshot(_store) as connection:
        return made(connection, service, Window.parse(window), as_of)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _reading(_store: Engine, kept: KeptReview) -> Reading:
    values, pictures = (_file(_store, kept.review_id, kind) for kind in ("values", "pictures"))
    return Reading(kept, unpack(values, pictures))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _file(_store: Engine, review_id: int, kind: str) -> bytes:
    found = SqlReviewReader(_store).file(review_id, kind)
    assert found is not None, "a kept review has all its files"
    return found
