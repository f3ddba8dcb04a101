"""What `core.quality` asks of the store: scores by day, labels by cell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, TextClause, text

from core.ports import LabelCounts, LabelLags, Release, ScoreCounts
from core.stats.scores import LOWEST_BIN
from db.label_sums import EDGES, INDEX_OF_SCORE, KINDS, SUMS, WEIGHT
from db.readers.binary import copy_rows
from db.readers.day_spans import label_spans, score_spans, whole_hours
from db.readers.releases import releases
from db.readers.score_cells import cell, microseconds, read_cells, sent
from db.readers.snapshot import Source, once, snapshot
from db.readers.watermark import watermark

#: The most lags that are handed over: their quantiles are wanted, and twenty thousand tell those.
MOST_LAGS = 20_000
_MICROSECONDS = 1_000_000

# A year of two versions and two segments is 160,000 cells out of a million labels. Hashing one
# number and two names a row takes 0.7 s; with day, decision and bin each by itself it is 1.1 s, and
# a tenth more in batches on disk. Two processes take a fifth less, and the sums of floats would
# come out a little different each time.
_PREPARE = text("""
    select set_config('work_mem', '64MB', true),
        set_config('max_parallel_workers_per_gather', '0', true)""")

_SENT = "string_agg(sent, ''::bytea)"
_OF_ROLLUP = """where service = :service and day >= :first and day < :following
        and day <> all (cast(:left_out as date[]))"""
_PARTS = """from unnest(cast(:starts as timestamptz[]), cast(:ends as timestamptz[]))
            as part (beginning, finish)"""
_LETTERS = {"letters": "int8"}
_SCORES = text(f"""
    select model_version, segment, {_SENT} from rollup.score_day {_OF_ROLLUP}
    group by model_version, segment
    union all
    select model_version, segment, {_SENT} from (
        select model_version, segment, {sent(_LETTERS)} as sent from (
            select {cell("day", f"bin - ({LOWEST_BIN})")} as cell, model_version, segment, letters
            {_PARTS} cross join lateral (
                select (hour at time zone 'UTC')::date as day, model_version, segment, decision,
                    bin, sum(letters)::bigint as letters
                from metrics.score_hour
                where service = :service and hour >= part.beginning and hour < part.finish
                group by 1, 2, 3, 4, 5 having sum(letters) > 0) as hours) as cells) as records
    group by model_version, segment""")

# A cell lies in one day, so that it comes from the rollup as a whole or from rows as a whole: its
# sums of floats are the same either way but for the order in which they were added up.
_LABELS = text(f"""
    select model_version, segment, {_SENT} from rollup.label_day {_OF_ROLLUP}
    group by model_version, segment
    union all
    select model_version, segment, {_SENT} from (
        select model_version, segment, {sent(KINDS)} as sent from (
            select cell, model_version, segment, {SUMS} from (
                select {cell("(predicted_at at time zone 'UTC')::date", INDEX_OF_SCORE)} as cell,
                    model_version, segment, label, {WEIGHT} as weight
                {_PARTS} cross join lateral (
                    select * from metrics.labelled_letter
                    where service = :service and predicted_at >= part.beginning
                        and predicted_at < part.finish and labelled_at <= :known_at) as labelled
            ) as weighed group by cell, model_version, segment) as cells) as records
    group by model_version, segment""")

_KNOWN = """service = :service and predicted_at >= :start and predicted_at < :end
            and labelled_at <= :known_at"""
_LAGS = text(f"""
    select coalesce(string_agg(timestamptz_send(predicted_at), ''::bytea), ''),
        coalesce(string_agg(timestamptz_send(labelled_at), ''::bytea), '')
    from (select predicted_at, labelled_at from metrics.labelled_letter where {_KNOWN}
          order by predicted_at desc, labelled_at desc limit {MOST_LAGS}) as newest""")
_NEWEST_HOUR = text(
    "select max(hour) from metrics.score_hour where service = :service and hour < :before"
)
_NEWEST_LABEL = text("""
    select max(labelled_at) from metrics.labelled_letter
    where service = :service and labelled_at <= :known_at""")


class SqlQualityReader:
    """Fulfils `core.ports.QualityReader` from PostgreSQL. Cells come sorted, days first."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def scores(self, service: str, start: datetime, end: datetime) -> ScoreCounts:
        """All letters of the hours of a span, by day; always what metrics.score_hour adds up to.

        Days whose letters are too many to add up are left out, until somebody corrects their rows.

        Raises:
            ValueError: the span is not whole hours.
        """
        span = whole_hours(start, end)
        with self._snapshot() as connection:
            spans = score_spans(connection, service, span)
            asked = {"service": service, **spans.asked}
            cells, (letters,) = read_cells(copy_rows(connection, _SCORES, asked), _LETTERS)
        return ScoreCounts(cells, letters)

    def labels(
        self, service: str, start: datetime, end: datetime, known_at: datetime
    ) -> LabelCounts:
        """Labels of letters that were scored in a span, by day of the score.

        Always what metrics.labelled_letter adds up to; sums of floats but for rounding.

        Raises:
            ValueError: the span is not whole hours.
        """
        span = whole_hours(start, end)
        with self._snapshot() as connection:
            spans = label_spans(connection, service, span, known_at)
            asked = {"service": service, "known_at": known_at, "edges": EDGES, **spans.asked}
            rows = copy_rows(connection, _LABELS, asked)
            cells, sums = read_cells(rows, KINDS)
        return LabelCounts(cells, *sums)

    def lags(self, service: str, start: datetime, end: datetime, known_at: datetime) -> LabelLags:
        """Lags of the labels of letters scored in a span, oldest first; see the protocol.

        Raises:
            ValueError: the span is not whole hours.
        """
        asked = _known(service, start, end, known_at)
        with self._snapshot() as connection:
            ((predicted, labelled),) = copy_rows(connection, _LAGS, asked)
            scored, given = microseconds(predicted), microseconds(labelled)
        order = np.lexsort((given, scored))
        return LabelLags(
            scored[order] / _MICROSECONDS,
            (given - scored)[order] / _MICROSECONDS,
        )

    def newest_hour(self, service: str, before: datetime) -> datetime | None:
        """The newest hour before a moment (hour < before) that has scores; None without any."""
        return self._newest(_NEWEST_HOUR, service=service, before=before)

    def newest_label(self, service: str, known_at: datetime) -> datetime | None:
        """When the newest label known at a moment was given (labelled_at); None without any."""
        return self._newest(_NEWEST_LABEL, service=service, known_at=known_at)

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        with snapshot(self._source) as connection:
            return releases(connection, service, start, end)

    def watermark(self, service: str) -> str:
        """A token that changes with everything that is read about a service; see `watermark`."""
        return watermark(self._source, service)

    def _newest(self, statement: TextClause, **asked: object) -> datetime | None:
        with snapshot(self._source) as connection:
            newest: datetime | None = connection.execute(statement, asked).scalar_one()
            return newest

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        with snapshot(self._source) as connection:
            once(connection, "memory for scores", lambda: connection.execute(_PREPARE).one())
            yield connection


def _known(service: str, start: datetime, end: datetime, known_at: datetime) -> dict[str, object]:
    span = whole_hours(start, end)
    return {"service": service, "start": span.start, "end": span.end, "known_at": known_at}
