"""What this worker has done since it started: counters of its ticks."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from db.worker import Tick

#: Upper edges of the histogram of a tick's seconds; a tick is due every ten.
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class TickMetrics:
    """Counts the ticks of this process.

    Args:
        registry: where the counters are registered.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._leads = Gauge(
            "greenlight_worker_leads",
            "Whether this worker leads (1) or waits for the one that does (0).",
            registry=registry,
        )
        self._seconds = Histogram(
            "greenlight_worker_tick_duration_seconds",
            "How long the ticks took that this worker led.",
            buckets=SECONDS,
            registry=registry,
        )
        self._trouble = Counter(
            "greenlight_worker_ticks_with_trouble",
            "Ticks of this worker after which somebody should know something.",
            registry=registry,
        )
        self._done = Counter(
            "greenlight_worker_rolled_up",
            "What this worker rolled up or took in, by kind.",
            ["kind"],
            registry=registry,
        )
        self._pending = Gauge(
            "greenlight_worker_pending",
            "What was left to be rolled up or taken in after the last tick, by kind.",
            ["kind"],
            registry=registry,
        )

    def note(self, tick: Tick) -> None:
        """Count a tick."""
        self._leads.set(int(tick.leads))
        if not tick.leads:
            return
        self._seconds.observe(tick.seconds)
        self._trouble.inc(1 if tick.errors else 0)
        for kind, done, pending in (
            ("hours", tick.hours_rolled, tick.pending),
            ("score_days", tick.score_days_rolled, tick.score_days_pending),
            ("label_days", tick.label_days_rolled, tick.label_days_pending),
            ("reports", tick.reports_taken, tick.reports_pending),
        ):
            self._done.labels(kind).inc(done)
            self._pending.labels(kind).set(pending)
