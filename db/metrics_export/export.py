"""The worker's metrics and its health, looked at together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from core import health
from core.health import HealthReport
from db import schema
from db.embedded import EmbeddedError
from db.failures import reason
from db.metrics_export.state import StateCollector
from db.metrics_export.ticks import TickMetrics
from db.readers.health import SqlHealthReader
from db.worker import Tick

#: Whoever asks sooner is told what was found last: scraping costs the store one look in this time.
KEPT_FOR = timedelta(seconds=5)

# When a counter began is a series more for each, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Export:
    """What one worker tells about Greenlight.

    Args:
        engine: the store, as greenlight_worker.
        now: the present, UTC.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._looking = Lock()
        self._found: HealthReport | None = None
        self._registry = CollectorRegistry()
        self._ticks = TickMetrics(self._registry)
        self._registry.register(StateCollector(self.health))

    def note(self, tick: Tick) -> None:
        """Count a tick."""
        self._ticks.note(tick)

    def health(self) -> HealthReport:
        """How Greenlight is; a store that does not work is a finding, not an error."""
        with self._looking:
            now = self._now()
            found = self._found
            if found is None or not timedelta(0) <= now - found.as_of < KEPT_FOR:
                self._found = found = look(self._engine, now)
            return found

    def exposition(self) -> bytes:
        """The metrics in Prometheus's text format."""
        return generate_latest(self._registry)


def look(engine: Engine, as_of: datetime) -> HealthReport:
    """Greenlight's health; whatever keeps the store from working is its sentence."""
    try:
        schema.check(engine)
        return health.report(SqlHealthReader(engine), as_of)
    except schema.SchemaError as error:
        return health.failing(as_of, str(error))
    except (DBAPIError, EmbeddedError) as error:
        return health.failing(as_of, f"The store does not answer: {reason(error)}.")
