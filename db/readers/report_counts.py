"""Reports of false decisions and the letters that they are held against, counted in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, text

from core.ports import Arrivals, Counts, Exposure, GroupCounts
from core.timeframe import DAY, HOUR, Span, floor_to
from db.readers.binary import INT4, copy_records
from db.readers.day_spans import DaySpans, score_spans, whole_hours

_INT8 = ">i8"

# One look at every report, however many exposures there are: between which of their edges it lies
# is found by halving. A shadow run decides nothing that anybody could report; what is reported of
# it has no letters to be held against.
_REPORTED = text("""
    select group_id, version, place, count(*) from (
        select group_id, array_position(cast(:versions as text[]), model_version) as version,
            width_bucket(predicted_at, cast(:edges as timestamptz[])) as place
        from team.report_letter
        where service = :service and model_version = any (cast(:versions as text[]))
            and predicted_at >= :start and predicted_at < :end and reported_at < :as_of
            and reported_at <= predicted_at + :within and source <> 'shadow') as reported
    group by group_id, version, place""")
_REPORTED_COLUMNS = {"group_id": _INT8, "version": INT4, "place": INT4, "reports": _INT8}

_DAYS = text("""
    select model_version, day, segment, sum(letters)::bigint from rollup.score_day
    where service = :service and day >= :first and day < :following
        and day <> all (cast(:left_out as date[])) and model_version = any (:versions)
    group by model_version, day, segment""")
_HOURS = text("""
    select model_version, hour, segment, sum(letters)::bigint
    from unnest(cast(:starts as timestamptz[]), cast(:ends as timestamptz[]))
        as part (beginning, finish)
    join metrics.score_hour as scored on service = :service and hour >= beginning
        and hour < finish and model_version = any (:versions)
    group by model_version, hour, segment""")

_ARRIVALS = text("""
    select (reported_at at time zone 'UTC')::date as day,
        count(*) filter (where kind = 'false_positive'),
        count(*) filter (where kind = 'false_negative')
    from metrics.false_report
    where service = :service and reported_at >= :start and reported_at < :end
    group by day""")


def reported(
    connection: Connection,
    service: str,
    exposures: Sequence[Exposure],
    within_hours: float,
    as_of: datetime,
) -> GroupCounts:
    """Reports by group and exposure; see the protocol."""
    if not exposures:
        return GroupCounts(np.zeros(0, np.int64), np.zeros((0, 0), np.int64))
    versions = sorted({name for one in exposures for name in one.model_versions})
    edges = sorted({edge for one in exposures for edge in (one.start, one.end)})
    asked = {
        "service": service,
        "versions": versions,
        "edges": edges,
        "start": edges[0],
        "end": edges[-1],
        "within": timedelta(hours=within_hours),
        "as_of": as_of,
    }
    found = copy_records(connection, _REPORTED, asked, _REPORTED_COLUMNS)
    ids, rows = np.unique(found["group_id"].astype(np.int64), return_inverse=True)
    counts = np.zeros((ids.size, len(exposures)), np.int64)
    # Between edge number n and the next lies place n + 1; versions are counted from 1, too.
    for slot, one in enumerate(exposures):
        numbers = [versions.index(name) + 1 for name in one.model_versions]
        inside = np.isin(found["version"], numbers) & (found["place"] > edges.index(one.start))
        inside &= found["place"] <= edges.index(one.end)
        counts[:, slot] = np.bincount(rows[inside], found["reports"][inside], ids.size)
    known = counts.any(axis=1)
    return GroupCounts(ids[known], counts[known])


def exposed(
    connection: Connection, service: str, exposures: Sequence[Exposure]
) -> dict[str, Counts]:
    """Letters scored by segment and exposure, '' for all segments.

    Days that the worker has added up are taken from there, the rest from the hours' rows, as the
    quality report does.

    Raises:
        ValueError: an exposure is not whole hours.
    """
    letters: dict[str, Counts] = {"": np.zeros(len(exposures), np.int64)}
    spans = [whole_hours(one.start, one.end) for one in exposures]
    if not spans:
        return letters
    around = Span(min(span.start for span in spans), max(span.end for span in spans))
    known = score_spans(connection, service, around)
    asked = {
        "service": service,
        "versions": sorted({name for one in exposures for name in one.model_versions}),
    }
    ragged = _ragged(spans, known)
    hours = {"starts": [part.start for part in ragged], "ends": [part.end for part in ragged]}
    rows = [
        (version, datetime(day.year, day.month, day.day, tzinfo=UTC), DAY, segment, count)
        for version, day, segment, count in connection.execute(_DAYS, asked | known.asked)
    ] + [
        (version, hour, HOUR, segment, count)
        for version, hour, segment, count in connection.execute(_HOURS, asked | hours)
    ]
    whole_days = [(_midnight(span.start + DAY - HOUR), _midnight(span.end)) for span in spans]
    for version, start, length, segment, count in rows:
        day = _midnight(start)
        rolled = known.first <= day.date() < known.following and day.date() not in known.left_out
        for slot, (span, (first, following)) in enumerate(zip(spans, whole_days, strict=True)):
            if version not in exposures[slot].model_versions or start not in span:
                continue
            # A day that lies wholly in the span and is rolled up is taken as one, else by the hour.
            if (length == DAY) == (rolled and first <= day < following):
                letters[""][slot] += count
                if segment:
                    letters.setdefault(segment, np.zeros(len(spans), np.int64))[slot] += count
    return letters


def _ragged(spans: Sequence[Span], known: DaySpans) -> list[Span]:
    """Hours that are read from rows: what the rollup does not hold, and the ends of spans."""
    hours = {
        start
        for span in spans
        for edge in (span.start, span.end)
        for start in _hours_of_day(edge)
        if span.start <= start < span.end
    }
    for part in known.rows:
        hours |= {part.start + at * HOUR for at in range((part.end - part.start) // HOUR)}
    merged: list[Span] = []
    for start in sorted(hours):
        if merged and merged[-1].end == start:
            merged[-1] = Span(merged[-1].start, start + HOUR)
        else:
            merged.append(Span(start, start + HOUR))
    return merged


def _hours_of_day(edge: datetime) -> list[datetime]:
    midnight = _midnight(edge)
    return [midnight + at * HOUR for at in range(24)] if edge != midnight else []


def _midnight(moment: datetime) -> datetime:
    return floor_to(moment, DAY)


def arrivals(connection: Connection, service: str, start: datetime, end: datetime) -> Arrivals:
    """Reports made in a span, by day."""
    asked = {"service": service, "start": start, "end": end}
    found = {day: counts for day, *counts in connection.execute(_ARRIVALS, asked)}
    first, last = start.astimezone(UTC).date(), (end - timedelta(microseconds=1)).date()
    days = tuple(first + at * DAY for at in range(max((last - first).days + 1, 0)))
    counts = np.array([found.get(day, (0, 0)) for day in days], np.int64).reshape(-1, 2)
    return Arrivals(days, counts[:, 0], counts[:, 1])
