"""What `core.life_cycle` asks of the store: shadow runs, what was measured, what people said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from sqlalchemy import text

from core.ports import Release, TrainingRun
from core.ports.life_cycle import (
    Activity,
    JudgedLetters,
    KeptItem,
    PassedGate,
    ServedHour,
    ShadowHours,
)
from core.timeframe import Span
from db.readers.audit import states
from db.readers.releases import releases
from db.readers.snapshot import Source, snapshot
from db.readers.training import SqlTrainingReader
from db.readers.values import value_of

_SHADOW = text("""
    select production_version, candidate_version, segment, hour at time zone 'UTC',
        both_positive, production_only, candidate_only, both_negative,
        candidate_errors, candidate_slow, user_visible
    from metrics.shadow_hour
    where service = :service and hour >= :start and hour < :end
    order by hour, production_version collate "C", candidate_version collate "C",
        segment collate "C" """)
_SERVED = text("""
    select hour, sum(letters)::bigint, sum(errors)::bigint, sum(slow)::bigint
    from rollup.serving_hour
    where service = :service and model_version = :version and hour >= :start and hour < :end
    group by hour order by hour""")
# Both rows of a letter lie on the same shard, where the table is distributed by letter_id.
_JUDGED = text("""
    select mine.decision, theirs.decision, mine.label, mine.inclusion_probability, count(*)
    from metrics.labelled_letter as mine
    join metrics.labelled_letter as theirs
        on theirs.service = mine.service and theirs.letter_id = mine.letter_id
    where mine.service = :service and mine.model_version = :production
        and theirs.model_version = :candidate
        and mine.predicted_at >= :start and mine.predicted_at < :end
        and mine.labelled_at <= :known_at and theirs.labelled_at <= :known_at
    group by 1, 2, 3, 4 order by 1, 2, 3, 4""")
_LAST_SERVED = text("""
    select max(hour) from rollup.serving_hour
    where service = :service and hour < :as_of and letters > 0""")
_ACTIVITIES = text("""
    select 'collecting',
        (select max(reported_at) from metrics.false_report
         where service = :service and reported_at < :as_of),
        (select count(*) from metrics.false_report
         where service = :service and reported_at >= :since and reported_at < :as_of)
    union all
    select 'retraining', max(started_at), count(*) filter (where started_at >= :since)
    from metrics.training_run where service = :service and started_at < :as_of
    union all
    select 'ab_test', max(day)::timestamp at time zone 'UTC',
        count(distinct day) filter (where day >= (:since at time zone 'UTC')::date)
    from metrics.experiment_bucket_day
    where service = :service and dimension = 'all'
        and day < (:as_of at time zone 'UTC')::date
    union all
    select 'production_metrics', max(day)::timestamp at time zone 'UTC',
        count(distinct day) filter (where day >= (:since at time zone 'UTC')::date)
    from metrics.product_day
    where service = :service and day < (:as_of at time zone 'UTC')::date
    union all
    select 'quick_fixes', max(done_at), count(*) filter (where done_at >= :since)
    from team.action where service = :service and done_at <= :as_of
    union all
    select 'accidents', max(began_at), count(*) filter (where began_at >= :since)
    from team.incident where service = :service and drill_id is null and began_at <= :as_of
    union all
    select 'drills', max(started_at), count(*) filter (where started_at >= :since)
    from team.drill where service = :service and started_at <= :as_of""")


class SqlLifeCycleReader:
    """Fulfils `core.ports.life_cycle.LifeCycleReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def shadow_hours(self, service: str, start: datetime, end: datetime) -> ShadowHours:
        """Every row of the hours of a span, start <= hour < end, as known now."""
        asked = {"service": service, "start": start, "end": end}
        with snapshot(self._source) as connection:
            rows = connection.execute(_SHADOW, asked).all()
        names = np.array([row[:3] for row in rows], dtype=object).reshape(len(rows), 3)
        counts = np.array([row[4:] for row in rows], np.int64).reshape(len(rows), 7)
        return ShadowHours(
            names[:, 0],
            names[:, 1],
            names[:, 2],
            np.array([row[3] for row in rows], "datetime64[s]"),
            counts[:, :4],
            counts[:, 4],
            counts[:, 5],
            counts[:, 6],
        )

    def served(
        self, service: str, version: str, start: datetime, end: datetime
    ) -> tuple[ServedHour, ...]:
        """What a version answered in production in a span, by hour; hours without it left out."""
        asked = {"service": service, "version": version, "start": start, "end": end}
        with snapshot(self._source) as connection:
            return tuple(ServedHour(*row) for row in connection.execute(_SERVED, asked))

    def judged_twice(
        self, service: str, production: str, candidate: str, span: Span, known_at: datetime
    ) -> tuple[JudgedLetters, ...]:
        """Letters scored in a span whose labels, known then, carry the decisions of both.

        What assessors said is taken from the row of production, and so is the probability.
        """
        asked = {
            "service": service,
            "production": production,
            "candidate": candidate,
            "start": span.start,
            "end": span.end,
            "known_at": known_at,
        }
        with snapshot(self._source) as connection:
            return tuple(JudgedLetters(*row) for row in connection.execute(_JUDGED, asked))

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Every training run started before as_of, oldest first, as known now."""
        return SqlTrainingReader(self._source).training_runs(service, as_of)

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        with snapshot(self._source) as connection:
            return releases(connection, service, start, end)

    def activities(self, service: str, since: datetime, as_of: datetime) -> Mapping[str, Activity]:
        """What was done in each stage of operation, by its key, counted since a moment."""
        asked = {"service": service, "since": since, "as_of": as_of}
        with snapshot(self._source) as connection:
            return {
                stage: Activity(newest, count)
                for stage, newest, count in connection.execute(_ACTIVITIES, asked)
            }

    def last_served(self, service: str, as_of: datetime) -> datetime | None:
        """The newest hour before as_of in which letters were served; None without any."""
        asked = {"service": service, "as_of": as_of}
        with snapshot(self._source) as connection:
            newest: datetime | None = connection.execute(_LAST_SERVED, asked).scalar_one()
        return newest

    def items(self, service: str, as_of: datetime) -> tuple[KeptItem, ...]:
        """What is there at as_of, in the order in which it was said."""
        with snapshot(self._source) as connection:
            found = [
                value_of(KeptItem, row) for row in states(connection, "kept item", service, as_of)
            ]
        kept = [one for one in found if one.removed_at is None]
        return tuple(sorted(kept, key=lambda one: one.item_id))

    def gates(self, service: str, as_of: datetime) -> tuple[PassedGate, ...]:
        """Every gate passed by as_of, oldest first, those taken back included."""
        with snapshot(self._source) as connection:
            found = [
                value_of(PassedGate, row) for row in states(connection, "gate", service, as_of)
            ]
        return tuple(sorted(found, key=lambda one: (one.passed_at, one.gate_id)))
