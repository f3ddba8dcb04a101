"""Which reports are still to be taken, in the order in which they are.

They are found by `written_at`, from a while before the last look on, for transactions that were
still open then; once an hour those of the last days are compared in full. A report that was taken
as it stands is not looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from db.changes import BEGINNING
from db.rollup import Schedule

#: More than this many reports that wait are not counted one by one.
COUNTED = 1_000_000

_COLUMNS = """report.report_id, report.kind, report.source, report.letter_key, report.reporter_key,
    report.language, report.segment, report.sender_domain, report.model_version, report.score,
    report.threshold, report.predicted_at, report.reported_at, report.text, report.written_at"""
_SERVICES = text("""
    with recursive names as (
        (select service from metrics.false_report order by service limit 1)
        union all
        select following.service from names cross join lateral (
            select service from metrics.false_report where service > names.service
            order by service limit 1) as following
    )
    select service from names""")
_WAITING = """
    from metrics.false_report report
    where report.service = :service
        and (report.written_at, report.report_id collate "C") > (:after, :after_id)
        and not exists (
            select from team.report_letter letter
            where letter.service = :service and letter.report_id = report.report_id
                and letter.source_written_at = report.written_at)"""
_PAGE = text(f"""
    select {_COLUMNS} {_WAITING}
    order by report.written_at, report.report_id collate "C" limit :rows""")
#: A page is read along the index, each report held against the one letter that it may have become.
#: Left to itself the planner joins and sorts all that waits with all that was taken, at every page.
_ALONG_THE_INDEX = text("""
    select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
           set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_material', 'off', true)""")
_COUNT = text(f"select count(*) from (select {_WAITING} limit {COUNTED}) as waiting")
_OUTDATED = text(f"""
    select {_COLUMNS} from team.report_letter letter
    join metrics.false_report report using (service, report_id)
    where letter.service = :service
        and (letter.anonymiser < :anonymiser or letter.anonymiser > :anonymiser)
    order by letter.report_id collate "C" limit :rows""")
_STATE = text("""
    select now() as at, state.looked_from, state.compared_at
    from (select) as always left join team.report_intake state on state.service = :service""")
_KEEP = text("""
    insert into team.report_intake as kept (service, looked_from, compared_at)
    values (:service, :looked_from, :compared_at)
    on conflict (service) do update set
        looked_from = greatest(kept.looked_from, excluded.looked_from),
        compared_at = greatest(kept.compared_at, excluded.compared_at)""")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report as the serving stack wrote it; columns mean what the metric contract says."""

    report_id: str
    kind: str
    source: str
    letter_key: str
    reporter_key: str
    language: str
    segment: str
    sender_domain: str
    model_version: str
    score: float
    threshold: float
    predicted_at: datetime
    reported_at: datetime
    text: str
    written_at: datetime


@dataclass(slots=True)
class Look:
    """One look at a service's reports, page by page, oldest first.

    Attributes:
        service: whose.
        at: when it began, by the store's clock.
        open_since: transactions may still be open that began after this.
        in_full: whether the last days are looked at in full.
        compared_at: when they were last.
        after, after_id: where the next page begins.
    """

    service: str
    at: datetime
    open_since: datetime
    in_full: bool
    compared_at: datetime
    after: datetime
    after_id: str = ""

    def page(self, connection: Connection, rows: int) -> list[Arrival]:
        """The next reports to be taken; none at the end. The transaction is for this alone."""
        connection.execute(_ALONG_THE_INDEX)
        found = connection.execute(_PAGE, {**self._asked, "rows": rows}).all()
        return [Arrival(*row) for row in found]

    def pending(self, connection: Connection) -> int:
        """How many are left."""
        return int(connection.execute(_COUNT, self._asked).scalar_one())

    def advance(self, connection: Connection, taken: list[Arrival]) -> None:
        """Remember that these were taken; an empty page ends the look."""
        if taken:
            self.after, self.after_id = taken[-1].written_at, taken[-1].report_id
            looked_from = min(self.after, self.open_since)
        else:
            looked_from = self.open_since
        ended_in_full = self.in_full and not taken
        connection.execute(
            _KEEP,
            {
                "service": self.service,
                "looked_from": looked_from,
                "compared_at": self.at if ended_in_full else self.compared_at,
            },
        )

    @property
    def _asked(self) -> dict[str, object]:
        return {"service": self.service, "after": self.after, "after_id": self.after_id}


def services(connection: Connection) -> list[str]:
    """Every service with reports, sorted."""
    return sorted(connection.execute(_SERVICES).scalars())


def look(connection: Connection, service: str, schedule: Schedule) -> Look:
    """Begin to look at a service's reports."""
    state = connection.execute(_STATE, {"service": service}).one()
    since = state.looked_from or BEGINNING
    compared_at = state.compared_at or BEGINNING
    in_full = state.at - compared_at >= schedule.compare_every
    after = min(since, state.at - schedule.compare_back) if in_full else since
    return Look(service, state.at, state.at - schedule.overlap, in_full, compared_at, after)


def outdated(connection: Connection, service: str, anonymiser: str, rows: int) -> list[Arrival]:
    """Reports that were taken with another anonymiser than this house's present one."""
    asked = {"service": service, "anonymiser": anonymiser, "rows": rows}
    return [Arrival(*row) for row in connection.execute(_OUTDATED, asked).all()]
