"""A review made from the store: at a moment, with its charts."""

from __future__ import annotations

from datetime import datetime

from core.timeframe import Window
from db.readers.review import SqlReviewReader
from db.readers.snapshot import Source
from db.reports import overview_report, review_plan
from db.review_export.pack import Drawn, draw


def made(source: Source, service: str, window: Window, as_of: datetime) -> Drawn:
    """The review of a service as it was known at a moment.

    Args:
        source: the connection of a `snapshot`, so that all its numbers are of one look.
        service: whose.
        window: over which criteria without one of their own are judged.
        as_of: everything is as it was known then.
    """
    overview = overview_report(source, service, window, as_of)
    plan = review_plan(source, service, window, as_of)
    return draw(SqlReviewReader(source), overview, plan)
