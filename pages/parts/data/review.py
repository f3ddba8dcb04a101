"""What the review of reported groups asks of the store while somebody works."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from sqlalchemy import Engine

from core.false_reports import FalseReportsReport
from core.false_reports.queue import Queue, queue
from core.false_reports.retraining import SetSettings
from core.false_reports.retraining_manifest import Preview
from core.ports import Letter, RetrainingSet, Review
from db.readers import retraining_sets as stored_sets
from db.readers.false_reports import SqlFalseReportReader
from db.readers.report_reviews import reviews_of
from db.team.retraining_sets import preview
from pages.parts.data.reports import KEPT, watermark
from pages.parts.data.store import Problem, ask, moment
from pages.parts.view import View


def review_order(found: FalseReportsReport) -> Queue:
    """The groups that wait, in order; worked out once for each report."""
    return _order(id(found), found)[1]


def letters(service: str, report_ids: Sequence[str]) -> tuple[Letter, ...] | Problem:
    """Reported letters as they may be shown now: one withdrawn a moment ago has no text."""
    return ask(lambda store: SqlFalseReportReader(store).letters(service, report_ids))


def votes(service: str, group_id: int) -> tuple[Review, ...] | Problem:
    """The votes on a group that stand now, oldest first: for who adjudicates, and nobody before."""

    def asked(store: Engine) -> tuple[Review, ...]:
        with store.connect() as connection:
            found = reviews_of(connection, service, [group_id])
        return tuple(one for one in found if one.undone_at is None)

    return ask(asked)


def retraining_sets(view: View) -> tuple[RetrainingSet, ...] | Problem:
    """Retraining sets, oldest first; on a live page also one made within this minute."""
    mark = watermark(view.service)
    if isinstance(mark, Problem):
        return mark
    return ask(lambda store: _sets(store, view, mark))


def preview_set(service: str, settings: SetSettings) -> Preview | Problem:
    """What a set would be that is made now."""
    mark = watermark(service)
    if isinstance(mark, Problem):
        return mark
    asked = (settings.cumulative, settings.test_percent, settings.variants)
    return ask(lambda store: _preview(store, service, mark, *asked))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _order(identity: int, _found: FalseReportsReport) -> tuple[FalseReportsReport, Queue]:
    """The report is kept beside its order, so that its identity cannot be handed out again."""
    return _found, queue(_found.groups, _found.standings, _found.as_of)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _sets(_store: Engine, view: View, watermark: str) -> tuple[RetrainingSet, ...]:
    with _store.connect() as connection:
        until = moment() if view.live else view.as_of
        return stored_sets.sets(connection, view.service, until)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _preview(
    _store: Engine,
    service: str,
    watermark: str,
    cumulative: bool,
    test_percent: int,
    variants: int,
) -> Preview:
    settings = SetSettings(cumulative, test_percent, variants)
    return preview(_store, service, at=moment(), settings=settings)
