"""What `core.contract` asks of a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.ports.overview import TableFreshness


@dataclass(frozen=True, slots=True)
class TableExtent:
    """How much of a service one metric table holds, as far back as a check looks.

    Attributes:
        rows: its rows.
        present: of what is expected, how much is there.
        expected: None where nothing tells what should be there.
        counted: what present and expected count, e.g. 'instance minutes'.
    """

    rows: int
    present: int | None = None
    expected: int | None = None
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Contradictions:
    """Rows that break a rule: how many, and the columns of a few of them."""

    total: int
    examples: tuple[Mapping[str, object], ...]


class ContractReader(Protocol):
    """What `core.contract` asks."""

    def services(self) -> tuple[str, ...]:
        """Every service that has written a row or a heartbeat, or has a goal; sorted."""

    def freshness(self, service: str, as_of: datetime) -> tuple[TableFreshness, ...]:
        """Every metric table, in the contract's order."""

    def extents(
        self, service: str, as_of: datetime, back: Mapping[str, timedelta]
    ) -> Mapping[str, TableExtent]:
        """How much each table holds, looking back so far; tables that are not in back in full."""

    def contradictions(
        self,
        check: str,
        service: str,
        start: datetime,
        as_of: datetime,
        *,
        settings: Mapping[str, object],
        examples: int,
    ) -> Contradictions:
        """Rows of [start, as_of) that break the rule of a check, by its name in `core.contract`."""
