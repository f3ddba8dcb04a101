"""What `core.oncall` asks of the store: rotas and overrides."""

from __future__ import annotations

from datetime import datetime

from core.ports.oncall import Override, Rota
from core.timeframe import MINUTE
from db.readers.audit import Row, states
from db.readers.snapshot import Source, snapshot
from db.readers.values import value_of


class SqlOnCallReader:
    """Fulfils `core.ports.oncall.OnCallReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def rota(self, service: str, as_of: datetime) -> Rota | None:
        """A service's rota; None where nobody has made one."""
        with snapshot(self._source) as connection:
            found = states(connection, "rota", service, as_of)
        return rota_of(found[0]) if found else None

    def overrides(self, service: str, as_of: datetime) -> tuple[Override, ...]:
        """Overrides that are not cancelled, in the order in which they were made."""
        with snapshot(self._source) as connection:
            found = [
                value_of(Override, row) for row in states(connection, "override", service, as_of)
            ]
        made = sorted(found, key=lambda one: (one.created_at, one.override_id))
        return tuple(one for one in made if one.cancelled_at is None)


def rota_of(row: Row) -> Rota:
    """A rota from its row."""
    return value_of(Rota, row, escalate_after=row["escalate_after_minutes"] * MINUTE)
