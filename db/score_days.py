"""Which days of metrics.score_hour changed since they were rolled up into rollup.score_day.

Rows with a recent written_at say which days may have changed; the fingerprint of each (how many
rows, and the sum of their written_at) says which did. The worker rolls those up again; a reader
takes them from the hours meanwhile, so that it never answers with an old sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, text

DAY = timedelta(days=1)
#: Before any row can be: the store refuses hours before 2000.
BEGINNING = date(2000, 1, 1)
#: After any row can be.
END = date(9000, 1, 1)

# Hours first: they come out of the index in order, and each is turned into a day once.
_BY_DAY = """
    select (hour at time zone 'UTC')::date as day, sum(rows) as source_rows,
        sum(fingerprint) as fingerprint
    from (
        select hour, count(*) as rows, sum(rollup.written_microseconds(written_at)) as fingerprint
        from metrics.score_hour
        where service = :service and hour >= :start and hour < :end
        group by hour) as hours
    group by 1"""
_OF_STATE = "service = :service and day >= :first and day < :following"
_TOUCHED = text(f"""
    with touched as (
        select distinct (hour at time zone 'UTC')::date as day
        from (select distinct hour from metrics.score_hour
              where service = :service and written_at > :since
                  and hour >= :start and hour < :end) as hours)
    select day from touched left join (
            select day, source_rows, fingerprint from rollup.score_day_state
            where {_OF_STATE}) as rolled using (day)
        left join lateral (
            select count(*) as rows, sum(rollup.written_microseconds(written_at)) as fingerprint
            from metrics.score_hour
            where rolled.day is not null and service = :service
                and hour >= day::timestamp at time zone 'UTC'
                and hour < (day + 1)::timestamp at time zone 'UTC') as found on true
    where (found.rows, found.fingerprint)
        is distinct from (rolled.source_rows, rolled.fingerprint)""")
_CHANGED = text(f"""
    select day from ({_BY_DAY}) as found full join (
        select day, source_rows, fingerprint, error from rollup.score_day_state
        where {_OF_STATE}) as rolled using (day)
    where (found.source_rows, found.fingerprint)
            is distinct from (rolled.source_rows, rolled.fingerprint)
        or rolled.error <> ''""")
# From day to day by the primary key: one look-up a day, however many rows it has.
_WITHOUT_STATE = text("""
    with recursive days as (
        (select (hour at time zone 'UTC')::date as day from metrics.score_hour
         where service = :service and hour >= :start and hour < :end order by hour limit 1)
        union all
        select following.day from days cross join lateral (
            select (hour at time zone 'UTC')::date as day from metrics.score_hour
            where service = :service and hour >= (days.day + 1)::timestamp at time zone 'UTC'
                and hour < :end
            order by hour limit 1) as following)
    select day from days where not exists (
        select from rollup.score_day_state as rolled
        where rolled.service = :service and rolled.day = days.day)""")
_SERVICES = text("""
    with recursive names as (
        (select service from metrics.score_hour order by service limit 1)
        union all
        select following.service from names cross join lateral (
            select service from metrics.score_hour where service > names.service
            order by service limit 1) as following)
    select service from names union select service from rollup.score_day_state""")


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


def services(connection: Connection) -> list[str]:
    """Every service that has scores or had some, sorted."""
    return sorted(connection.execute(_SERVICES).scalars())


def touched(connection: Connection, days: Days, since: datetime) -> set[date]:
    """Days with rows written since a time that no longer look as when they were rolled up."""
    return set(connection.execute(_TOUCHED, {**days.asked, "since": since}).scalars())


def changed(connection: Connection, days: Days) -> set[date]:
    """All days that changed, lost their rows, or could not be rolled up last time."""
    return set(connection.execute(_CHANGED, days.asked).scalars())


def never_rolled_up(connection: Connection, days: Days) -> set[date]:
    """Days with rows that nobody has rolled up yet."""
    return set(connection.execute(_WITHOUT_STATE, days.asked).scalars())
