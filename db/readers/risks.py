"""What `core.risks` asks of the store: risks as they were at a moment, and how their ranks went."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text

from core.ports.risks import Ranked, RedLine, Risk
from db.readers.audit import Row, states
from db.readers.snapshot import Source, snapshot
from db.readers.values import value_of

_RANKS = text("""
    select cast(subject_id as bigint), changed_at, changed_by,
        cast(cast(after ->> 'probability' as numeric) as integer),
        cast(cast(after ->> 'consequence' as numeric) as integer),
        after ->> 'closed_at' is not null
    from team.audit
    where service = :service and subject = 'risk' and changed_at <= :as_of
    order by changed_at, change_id""")
_WITH_LINES = text("""
    select to_jsonb(stored) from team.risk stored
    where service = :service and closed_at is null and plan_b_ended_at is null
      and (line_due_on is not null or line_path <> '')
    order by risk_id""")


class SqlRiskReader:
    """Fulfils `core.ports.risks.RiskReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def risks(self, service: str, as_of: datetime) -> tuple[Risk, ...]:
        """Every risk of a service, closed ones too, in the order in which they were written."""
        with snapshot(self._source) as connection:
            found = [risk_of(row) for row in states(connection, "risk", service, as_of)]
        return tuple(sorted(found, key=lambda one: one.risk_id))

    def ranks(self, service: str, as_of: datetime) -> tuple[Ranked, ...]:
        """The ranks of a service's risks after each change, oldest first."""
        asked = {"service": service, "as_of": as_of}
        with snapshot(self._source) as connection:
            return tuple(Ranked(*row) for row in connection.execute(_RANKS, asked))

    def watched(self, service: str) -> tuple[Risk, ...]:
        """Open risks with a red line that is not spent, as they are now, for the worker."""
        with snapshot(self._source) as connection:
            rows = connection.execute(_WITH_LINES, {"service": service}).scalars()
            return tuple(risk_of(row) for row in rows)


def risk_of(row: Row) -> Risk:
    """A risk from its row."""
    return value_of(Risk, row, line=_line(row))


def _line(row: Row) -> RedLine | None:
    if row["line_due_on"] is not None:
        return RedLine(date.fromisoformat(row["line_due_on"]))
    if not row["line_path"]:
        return None
    return RedLine(
        None,
        row["line_path"],
        row["line_operator"],
        float(row["line_value"]),
        row["line_window"],
    )
