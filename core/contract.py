"""Are the metric tables what the contract says? The report for the author of a serving stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core import wording
from core.contract_checks import BACK, CHECKS, Check, Severity
from core.ports import ContractReader, TableExtent, TableFreshness
from core.timeframe import (
    DAY,
    HOUR,
    MINUTE,
    STALE_AFTER_DAYS,
    STALE_AFTER_HOURS,
    STALE_AFTER_MINUTES,
    Freshness,
    floor_to,
    write_time,
)

__all__ = ["ContractReport", "Example", "Finding", "Severity", "TableReport", "evidence", "report"]

#: More examples of one finding than anybody reads at once.
EXAMPLES = 3
_STALE_AFTER = {MINUTE: STALE_AFTER_MINUTES, HOUR: STALE_AFTER_HOURS, DAY: STALE_AFTER_DAYS}


@dataclass(frozen=True, slots=True)
class TableReport:
    """What one metric table holds of a service.

    Attributes:
        back: how far back rows are counted; None for all of them.
        newest: the newest minute, hour, day or event up to as-of; None without any row.
        written_at: when that was written; None where the table does not say.
        stale: it ends too long before as-of; None for tables of events, which cannot be stale.
    """

    service: str
    table: str
    back: timedelta | None
    extent: TableExtent
    newest: datetime | None
    written_at: datetime | None
    stale: bool | None

    @property
    def sentence(self) -> str:
        """How fresh and how complete the table is."""
        if self.newest is None:
            return "No rows."
        parts = [f"Newest {write_time(self.newest)}{', which is stale' if self.stale else ''}."]
        span = "in all" if self.back is None else f"in the last {wording.duration(self.back)}"
        parts.append(f"{_rows(self.extent.rows)} {span}.")
        if self.extent.expected:
            parts.append(
                f"{wording.whole(self.extent.present or 0)} of "
                f"{wording.whole(self.extent.expected)} {self.extent.counted}."
            )
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Example:
    """One place where a rule is broken: the row's key, and what is wrong there."""

    key: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that rows of a service break.

    Attributes:
        check: the rule's name.
        total: how many rows (or hours, instances, ...) break it; examples are the newest of them.
        change: what to change in the serving stack.
    """

    service: str
    check: str
    table: str
    severity: Severity
    total: int
    examples: tuple[Example, ...]
    change: str


@dataclass(frozen=True, slots=True)
class ContractReport:
    """Every metric table of the services looked at, and every rule that their rows break."""

    as_of: datetime
    services: tuple[str, ...]
    tables: tuple[TableReport, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make reports wrong; the others are hints."""
        return tuple(found for found in self.findings if found.severity is Severity.ERROR)

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        if not self.services:
            return "No service has written anything."
        names = wording.listing(list(self.services))
        if not self.findings:
            return f"The rows of {names} keep the contract."
        hints = len(self.findings) - len(self.errors)
        parts = [
            f"{wording.number_word(number)} {noun}{'' if number == 1 else 's'}"
            for number, noun in ((len(self.errors), "error"), (hints, "hint"))
            if number
        ]
        return f"Checking {names} found {wording.listing(parts)}."


def report(reader: ContractReader, service: str | None, as_of: datetime) -> ContractReport:
    """Check the tables of one service, or of all.

    What is looked at is bounded: `BACK` says how far each table is read, each check how far it is
    (a day, where it says nothing).

    Raises:
        ValueError: as_of has no zone.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"as_of == {as_of}, must have a time zone")
    services = reader.services() if service is None else (service,)
    tables: list[TableReport] = []
    findings: list[Finding] = []
    for name in services:
        extents = reader.extents(name, as_of, BACK)
        for freshness in reader.freshness(name, as_of):
            tables.append(_table(name, freshness, extents[freshness.table], as_of))
        for check in CHECKS:
            found = _check(reader, check, name, as_of)
            if found is not None:
                findings.append(found)
    return ContractReport(as_of, tuple(services), tuple(tables), tuple(findings))


def evidence(found: ContractReport) -> dict[str, Any]:
    """The report as plain values: the JSON of the terminal."""
    return {
        "as_of": write_time(found.as_of),
        "services": list(found.services),
        "tables": [
            {
                "service": table.service,
                "table": table.table,
                "back": None if table.back is None else int(table.back.total_seconds()),
                "rows": table.extent.rows,
                "newest": None if table.newest is None else write_time(table.newest),
                "written_at": None if table.written_at is None else write_time(table.written_at),
                "stale": table.stale,
                "present": table.extent.present,
                "expected": table.extent.expected,
                "counted": table.extent.counted,
            }
            for table in found.tables
        ],
        "findings": [
            {
                "service": finding.service,
                "check": finding.check,
                "table": finding.table,
                "severity": finding.severity.value,
                "total": finding.total,
                "examples": [
                    {"key": example.key, "wrong": example.wrong} for example in finding.examples
                ],
                "change": finding.change,
            }
            for finding in found.findings
        ],
    }


def _table(
    service: str, freshness: TableFreshness, extent: TableExtent, as_of: datetime
) -> TableReport:
    limit = _STALE_AFTER.get(freshness.step)
    stale = None
    if limit is not None and freshness.newest is not None:
        stale = Freshness.of(as_of, freshness.newest, limit, freshness.step).stale
    return TableReport(
        service,
        freshness.table,
        BACK.get(freshness.table),
        extent,
        freshness.newest,
        freshness.written_at,
        stale,
    )


def _check(reader: ContractReader, check: Check, service: str, as_of: datetime) -> Finding | None:
    found = reader.contradictions(
        check.name,
        service,
        floor_to(as_of - check.back, MINUTE),
        as_of,
        settings=check.settings,
        examples=EXAMPLES,
    )
    if not found.total:
        return None
    return Finding(
        service,
        check.name,
        check.table,
        check.severity,
        found.total,
        tuple(_example(check, columns) for columns in found.examples),
        check.change,
    )


def _example(check: Check, columns: Mapping[str, object]) -> Example:
    written = {name: _written(value) for name, value in columns.items()}
    key = ", ".join(f"{name.replace('_', ' ')} {written[name]}" for name in check.key)
    return Example(key, check.wrong.format_map(written))


def _written(value: object) -> str:
    """A column's value as a sentence carries it."""
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}" if isinstance(value, int) else str(value)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{wording.whole(count)} rows"
