"""Metric tables that are rolled up by day, and which of their days changed since that was done.

Rows with a recent written_at say which days may have changed; the fingerprint of each (how many
rows, and the sum of their written_at) says which did. The worker rolls those up again; a reader
takes them from the rows meanwhile, so that it never answers with an old sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import Connection, TextClause, text

DAY = timedelta(days=1)
#: Before any row can be: the store refuses times before 2000.
BEGINNING = date(2000, 1, 1)
#: After any row can be.
END = date(9000, 1, 1)

_OF_STATE = "service = :service and day >= :first and day < :following"


@dataclass(frozen=True, slots=True)
class Days:
    """Days of one service, [first, following)."""

    service: str
    first: date = BEGINNING
    following: date = END

    @property
    def asked(self) -> dict[str, object]:
        """What the queries here ask for."""
        return {
            "service": self.service,
            "first": self.first,
            "following": self.following,
            "start": midnight(self.first),
            "end": midnight(self.following),
        }


def midnight(day: date) -> datetime:
    """When a day begins, UTC."""
    return datetime.combine(day, time(), UTC)


def runs(days: Iterable[date]) -> list[tuple[datetime, datetime]]:
    """When stretches of neighbouring days begin and end, oldest first.

    >>> [(start.day, end.day) for start, end in runs(date(2026, 6, day) for day in (3, 1, 2, 9))]
    [(1, 4), (9, 10)]
    """
    found: list[tuple[datetime, datetime]] = []
    for day in sorted(days):
        start = midnight(day)
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, midnight(day) + DAY))
    return found


@dataclass(frozen=True)
class DayTable:
    """A metric table that is rolled up by day, UTC.

    Attributes:
        source: its name.
        time: its column that says of which day a row is.
        grain: what rows are grouped by first; SQL on that column.
        day: the day, SQL on `grain`.
        state: the table of what its days looked like when they were last rolled up.
        watermark: the column of rollup.worker that says how far the rollup is.
        compared_at: the one that says when the last days were last compared in full.
    """

    source: str
    time: str
    grain: str
    day: str
    state: str
    watermark: str
    compared_at: str

    @property
    def rows(self) -> str:
        """The SQL of the rows of a span, from `from` on."""
        return (
            f"from {self.source} where service = :service "
            f"and {self.time} >= :start and {self.time} < :end"
        )

    def services(self, connection: Connection) -> list[str]:
        """Every service that has rows or had some, sorted."""
        return sorted(connection.execute(self._services).scalars())

    def touched(self, connection: Connection, days: Days, since: datetime) -> set[date]:
        """Days with rows written since a time that no longer look as when they were rolled up."""
        return set(connection.execute(self._touched, {**days.asked, "since": since}).scalars())

    def changed(self, connection: Connection, days: Days) -> set[date]:
        """All days that changed, lost their rows, or could not be rolled up last time."""
        return set(connection.execute(self._changed, days.asked).scalars())

    def never_rolled_up(self, connection: Connection, days: Days) -> set[date]:
        """Days with rows that nobody has rolled up yet."""
        return set(connection.execute(self._without_state, days.asked).scalars())

    @cached_property
    def _services(self) -> TextClause:
        return text(f"""
            with recursive names as (
                (select service from {self.source} order by service limit 1)
                union all
                select following.service from names cross join lateral (
                    select service from {self.source} where service > names.service
                    order by service limit 1) as following)
            select service from names union select service from {self.state}""")

    @cached_property
    def _touched(self) -> TextClause:
        return text(f"""
            with touched as (
                select distinct {self.day} as day
                from (select distinct {self.grain} as grain {self.rows}
                          and written_at > :since) as grains)
            select day from touched left join (
                    select day, source_rows, fingerprint from {self.state}
                    where {_OF_STATE}) as rolled using (day)
                left join lateral (
                    select count(*) as rows,
                        sum(rollup.written_microseconds(written_at)) as fingerprint
                    from {self.source}
                    where rolled.day is not null and service = :service
                        and {self.time} >= day::timestamp at time zone 'UTC'
                        and {self.time} < (day + 1)::timestamp at time zone 'UTC') as found on true
            where (found.rows, found.fingerprint)
                is distinct from (rolled.source_rows, rolled.fingerprint)""")

    @cached_property
    def _changed(self) -> TextClause:
        return text(f"""
            with grains as (
                select {self.grain} as grain, count(*) as rows,
                    sum(rollup.written_microseconds(written_at)) as fingerprint
                {self.rows} group by 1),
            found as (
                select {self.day} as day, sum(rows) as source_rows,
                    sum(fingerprint) as fingerprint
                from grains group by 1)
            select day from found full join (
                select day, source_rows, fingerprint, error from {self.state}
                where {_OF_STATE}) as rolled using (day)
            where (found.source_rows, found.fingerprint)
                    is distinct from (rolled.source_rows, rolled.fingerprint)
                or rolled.error <> ''""")

    # From day to day by an index: one look-up a day, however many rows it has.
    @cached_property
    def _without_state(self) -> TextClause:
        of_row = f"({self.time} at time zone 'UTC')::date"
        return text(f"""
            with recursive days as (
                (select {of_row} as day {self.rows} order by {self.time} limit 1)
                union all
                select following.day from days cross join lateral (
                    select {of_row} as day from {self.source}
                    where service = :service
                        and {self.time} >= (days.day + 1)::timestamp at time zone 'UTC'
                        and {self.time} < :end
                    order by {self.time} limit 1) as following)
            select day from days where not exists (
                select from {self.state} as rolled
                where rolled.service = :service and rolled.day = days.day)""")


#: Hours come out of an index in order, and each is turned into a day once.
SCORES = DayTable(
    source="metrics.score_hour",
    time="hour",
    grain="hour",
    day="(grain at time zone 'UTC')::date",
    state="rollup.score_day_state",
    watermark="scores_watermark",
    compared_at="scores_compared_at",
)
LABELS = DayTable(
    source="metrics.labelled_letter",
    time="predicted_at",
    grain="(predicted_at at time zone 'UTC')::date",
    day="grain",
    state="rollup.label_day_state",
    watermark="labels_watermark",
    compared_at="labels_compared_at",
)
