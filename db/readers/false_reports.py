"""What `core.false_reports` asks of the store: reports as they may be shown, and their groups.

Of texts only those in team.report_letter are read: they have been through this house's anonymiser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, TextClause, text

from core.ports import (
    Arrivals,
    Claim,
    Counts,
    Exposure,
    FeedbackPulse,
    GroupCounts,
    Groups,
    Intake,
    Letter,
    Release,
    RetrainingSet,
    Review,
    SecondOpinion,
    Topic,
    TrainingRun,
)
from db.readers import report_counts, report_reviews, retraining_sets
from db.readers.releases import releases
from db.readers.snapshot import Source, snapshot
from db.readers.training import SqlTrainingReader

_BEGINNING = datetime.min.replace(tzinfo=UTC)

_ANONYMISERS = text("""
    select anonymiser, count(*) from metrics.false_report
    where service = :service and reported_at < :as_of
    group by anonymiser order by anonymiser collate "C" """)
_TAKEN = text("""
    select
        (select count(*) from team.report_letter
         where service = :service and reported_at < :as_of),
        (select count(*) from (
            select from team.report_letter where service = :service and reported_at < :as_of
            group by letter_key) as letters),
        (select count(*) from (
            select from team.report_letter where service = :service and reported_at < :as_of
            group by group_id) as groups)""")
_MASKED = text("""
    select detail, sum(number::bigint)::bigint
    from team.report_letter cross join lateral jsonb_each_text(masked) as found (detail, number)
    where service = :service and reported_at < :as_of and masked <> '{}'
    group by detail order by detail collate "C" """)

# One pass over the letters, sorted by group: what needs an order of its own takes the largest of an
# array that begins with what it is ordered by.
_GROUPS = text("""
    select group_id, stored.kind, exemplar, topic_id, reports, reporters, furthest[2], furthest[3],
        first_reported, last_reported, version, most.segment, newest[2], withdrawn
    from (
        select group_id, sum(reports)::bigint as reports, sum(anonymous)::bigint as anonymous,
            min(first_reported) as first_reported, max(last_reported) as last_reported,
            max(furthest) as furthest, max(newest) as newest, sum(withdrawn)::bigint as withdrawn,
            (max(array[lpad(reports::text, 12, '0'), segment] collate "C"))[2] as segment
        from (
            select group_id, segment, count(*) as reports,
                count(*) filter (where reporter_key = '') as anonymous,
                min(reported_at) as first_reported, max(reported_at) as last_reported,
                max(array[case kind when 'false_positive' then score - threshold
                          else threshold - score end, score, threshold]) as furthest,
                max(array[to_char(predicted_at at time zone 'UTC', 'YYYYMMDDHH24MISSUS'),
                          model_version] collate "C") as newest,
                count(*) filter (where withdrawn_at <= :as_of) as withdrawn
            from team.report_letter where service = :service and reported_at < :as_of
            group by group_id, segment) as parts
        group by group_id) as most
    join team.report_group as stored using (group_id)
    cross join lateral (
        select count(distinct reporter_key) + anonymous as reporters from team.report_letter
        where service = :service and report_letter.group_id = most.group_id
            and reported_at < :as_of and reporter_key <> '') as known
    where stored.service = :service
    order by group_id""")
_TOPICS = text("""
    select topic_id, words, refreshed_at from team.report_topic
    where service = :service order by topic_id""")
_LETTERS = text("""
    select report_id, group_id, kind, source, text, anonymiser, language, segment, sender_domain,
        model_version, score, threshold, predicted_at, reported_at, withdrawn_at is not null
    from unnest(cast(:report_ids as text[])) with ordinality as asked (report_id, place)
    join team.report_letter using (report_id)
    where service = :service
    order by place""")

# The intake says since when something may be waiting; without it, everything is.
_PULSE = text("""
    select
        (select max(reported_at) from metrics.false_report
         where service = :service and reported_at < :as_of),
        beating.beat_at, coalesce(beating.stopped, false), waiting.reports, waiting.since,
        (select min(hour) from metrics.score_hour where service = :service)
    from (
        select max(least(beat_at, :as_of)) as beat_at,
            bool_and(coalesce(stopped_at <= :as_of, false)) as stopped
        from (
            select started_at, beat_at, stopped_at from metrics.heartbeat
            where service = :service and component = 'feedback'
            union all
            select started_at, beat_at, stopped_at from rollup.lifetime
            where service = :service and component = 'feedback') as lives
        where started_at <= :as_of) as beating
    cross join (
        select count(*) as reports, min(written_at) as since
        from metrics.false_report as written
        where service = :service and reported_at < :as_of
            and written_at >= coalesce((
                select looked_from from team.report_intake where service = :service), '-infinity')
            and not exists (
                select from team.report_letter as taken
                where taken.service = :service and taken.report_id = written.report_id
                    and taken.source_written_at = written.written_at)) as waiting""")


class SqlFalseReportReader:
    """Fulfils `core.ports.FalseReportReader` from PostgreSQL.

    What is asked is answered as it was known at as_of: reports that had been made, votes that had
    been cast and not yet taken back, texts that had not been withdrawn. Two things cannot be had
    back: the text that was erased since, and the group that a report was in before it was
    corrected.
    """

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def intake(self, service: str, as_of: datetime) -> Intake:
        """How many reports came."""
        asked = {"service": service, "as_of": as_of}
        with snapshot(self._source) as connection:
            anonymisers = dict(_pairs(connection, _ANONYMISERS, asked))
            taken, letters, groups = connection.execute(_TAKEN, asked).one()
            masked = dict(_pairs(connection, _MASKED, asked))
        return Intake(sum(anonymisers.values()), taken, letters, groups, masked, anonymisers)

    def groups(self, service: str, as_of: datetime) -> Groups:
        """Every group with a report made before as_of; its kind and exemplar are those of now."""
        with snapshot(self._source) as connection:
            rows = connection.execute(_GROUPS, {"service": service, "as_of": as_of}).all()
        columns = list(zip(*rows, strict=True)) or [()] * 14
        ids, kinds, exemplars, topics, reports, reporters, scores, thresholds = columns[:8]
        first, last, versions, segments, model_versions, withdrawn = columns[8:]
        return Groups(
            group_ids=np.array(ids, np.int64),
            kinds=kinds,
            exemplars=exemplars,
            topics=np.array(topics, np.int64),
            reports=np.array(reports, np.int64),
            reporters=np.array(reporters, np.int64),
            scores=np.array(scores, np.float64),
            thresholds=np.array(thresholds, np.float64),
            first_reported=_times(first),
            last_reported=_times(last),
            versions=np.array(versions, np.int64),
            segments=segments,
            model_versions=model_versions,
            withdrawn=np.array(withdrawn, np.int64),
        )

    def topics(self, service: str) -> tuple[Topic, ...]:
        """The topics of the last refresh, by topic_id."""
        with snapshot(self._source) as connection:
            return tuple(
                Topic(topic_id, tuple(words), refreshed_at)
                for topic_id, words, refreshed_at in connection.execute(
                    _TOPICS, {"service": service}
                )
            )

    def reviews(self, service: str, as_of: datetime) -> tuple[Review, ...]:
        """Every vote before as_of, oldest first; one undone later than as_of is not yet undone."""
        with snapshot(self._source) as connection:
            return report_reviews.reviews(connection, service, as_of)

    def second_opinions(self, service: str, as_of: datetime) -> tuple[SecondOpinion, ...]:
        """Every second opinion asked for before as_of, oldest first."""
        with snapshot(self._source) as connection:
            return report_reviews.second_opinions(connection, service, as_of)

    def claims(self, service: str, as_of: datetime) -> tuple[Claim, ...]:
        """Leases that run at as_of."""
        with snapshot(self._source) as connection:
            return report_reviews.claims(connection, service, as_of)

    def letters(self, service: str, report_ids: Sequence[str]) -> tuple[Letter, ...]:
        """The reports named, in the order asked for; unknown ones are left out."""
        asked = {"service": service, "report_ids": list(report_ids)}
        with snapshot(self._source) as connection:
            return tuple(Letter(*row) for row in connection.execute(_LETTERS, asked))

    def sets(self, service: str, as_of: datetime) -> tuple[RetrainingSet, ...]:
        """Retraining sets, oldest first."""
        with snapshot(self._source) as connection:
            return retraining_sets.sets(connection, service, as_of)

    def releases(self, service: str, as_of: datetime) -> tuple[Release, ...]:
        """Every deployment before as_of, oldest first."""
        with snapshot(self._source) as connection:
            return releases(connection, service, _BEGINNING, as_of)

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Every training run started before as_of, oldest first."""
        return SqlTrainingReader(self._source).training_runs(service, as_of)

    def reported(
        self, service: str, exposures: Sequence[Exposure], within_hours: float, as_of: datetime
    ) -> GroupCounts:
        """Reports of decisions that users saw, by group and exposure; see the protocol."""
        with snapshot(self._source) as connection:
            return report_counts.reported(connection, service, exposures, within_hours, as_of)

    def exposed(self, service: str, exposures: Sequence[Exposure]) -> Mapping[str, Counts]:
        """Letters scored by segment ('' for all of them), each of shape (len(exposures),)."""
        with snapshot(self._source) as connection:
            return report_counts.exposed(connection, service, exposures)

    def arrivals(self, service: str, start: datetime, end: datetime) -> Arrivals:
        """Reports made in a span, by day; the first and the last day may be cut."""
        with snapshot(self._source) as connection:
            return report_counts.arrivals(connection, service, start, end)

    def pulse(self, service: str, as_of: datetime) -> FeedbackPulse:
        """How fresh the reports are."""
        with snapshot(self._source) as connection:
            row = connection.execute(_PULSE, {"service": service, "as_of": as_of}).one()
            return FeedbackPulse(*row)


def _pairs(
    connection: Connection, statement: TextClause, asked: Mapping[str, object]
) -> list[tuple[str, int]]:
    return [(name, number) for name, number in connection.execute(statement, asked)]


def _times(moments: Sequence[datetime]) -> NDArray[np.datetime64]:
    """Aware times as numpy's, exactly: datetime64[us] of UTC."""
    return np.array([at.astimezone(UTC).replace(tzinfo=None) for at in moments], "datetime64[us]")
