"""The store's side of the metrics: read anew whenever somebody scrapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core.health import HealthReport, State
from core.ports.health import OwnState


class StateCollector(Collector):
    """Turns a health report into gauges; where the store does not work, only that is told.

    Args:
        look: the report of this moment.
    """

    def __init__(self, look: Callable[[], HealthReport]) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        """The gauges of this moment."""
        found = self._look()
        yield _gauge(
            "greenlight_store_up",
            "Whether the store works with this code (1) or not (0).",
            int(found.own is not None),
        )
        health = GaugeMetricFamily(
            "greenlight_health",
            "Whether a part of Greenlight is in this state (1) or in another (0).",
            labels=["part", "state"],
        )
        for part in found.parts:
            for state in State:
                health.add_metric([part.name, state.value], int(part.state is state))
        yield health
        if found.own is not None:
            yield from _worker(found.own, found.as_of)
            yield from _services(found.own, found.as_of)
            yield from _alerts(found.own)
            yield from _notifications(found.own, found.as_of)
            yield from _sizes(found.own)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _worker(own: OwnState, as_of: datetime) -> Iterator[Metric]:
    schema = GaugeMetricFamily(
        "greenlight_schema_info", "The schema's revision, as a label.", labels=["revision"]
    )
    schema.add_metric([own.revision], 1)
    yield schema
    tick = own.tick
    if tick.at is not None:
        yield _gauge(
            "greenlight_last_tick_timestamp_seconds",
            "When the leading worker's last tick began.",
            tick.at.timestamp(),
        )
        yield _gauge(
            "greenlight_last_tick_age_seconds",
            "How long ago the leading worker's last tick began.",
            (as_of - tick.at).total_seconds(),
        )
        yield _gauge(
            "greenlight_last_tick_duration_seconds",
            "How long the leading worker's last tick took.",
            tick.seconds or 0.0,
        )
        yield _gauge(
            "greenlight_last_tick_rolled_up",
            "Hours that the leading worker's last tick rolled up.",
            tick.hours_rolled,
        )
        yield _gauge(
            "greenlight_last_tick_trouble",
            "Whether there is something to know about the last tick (1).",
            int(bool(tick.error)),
        )
    yield _gauge(
        "greenlight_rollup_failures",
        "Hours that cannot be rolled up until their rows are corrected.",
        own.failed_hours,
    )


def _services(own: OwnState, as_of: datetime) -> Iterator[Metric]:
    families = {
        name: GaugeMetricFamily(f"greenlight_{name}", about, labels=["service"])
        for name, about in (
            ("data_through_timestamp_seconds", "The newest minute that all instances wrote."),
            ("data_lag_seconds", "How long ago the newest complete minute ended."),
            ("rolled_up_rows_last_day", "Rows of the last day's hours, as rolled up."),
            ("evaluated_timestamp_seconds", "When the service's rules were last evaluated."),
            ("rules_evaluated", "Rules that the last evaluation looked at."),
            ("rules_unknown", "Rules that the last evaluation could not judge."),
        )
    }
    for service in own.services:
        told: dict[str, float] = {"rolled_up_rows_last_day": service.rows_rolled}
        if service.data_through is not None:
            told["data_through_timestamp_seconds"] = service.data_through.timestamp()
            told["data_lag_seconds"] = max((as_of - service.data_through).total_seconds() - 60, 0)
        if service.evaluated_at is not None:
            told["evaluated_timestamp_seconds"] = service.evaluated_at.timestamp()
            told["rules_evaluated"] = service.rules
            told["rules_unknown"] = service.unknown
        for name, value in told.items():
            families[name].add_metric([service.service], value)
    yield from families.values()


def _alerts(own: OwnState) -> Iterator[Metric]:
    open_now = {(one.service, one.severity, one.state): one.episodes for one in own.episodes}
    family = GaugeMetricFamily(
        "greenlight_episodes",
        "Episodes of alerts that are not over, drills left out.",
        labels=["service", "severity", "state"],
    )
    # Zeros are told too: a series that vanishes cannot be alerted on.
    for service in own.services:
        for severity in ("page", "ticket"):
            for state in ("pending", "firing", "unknown"):
                key = (service.service, severity, state)
                family.add_metric(list(key), open_now.get(key, 0))
    yield family


def _notifications(own: OwnState, as_of: datetime) -> Iterator[Metric]:
    outbox = own.outbox
    family = GaugeMetricFamily(
        "greenlight_outbox", "Notifications that are still to be delivered.", labels=["status"]
    )
    family.add_metric(["waiting"], outbox.waiting)
    family.add_metric(["held"], outbox.held)
    yield family
    family = GaugeMetricFamily(
        "greenlight_notifications_last_day",
        "Notifications of the last day that were delivered, or given up.",
        labels=["status"],
    )
    family.add_metric(["sent"], outbox.sent)
    family.add_metric(["failed"], outbox.failed)
    yield family
    since = min(filter(None, (outbox.oldest_due, outbox.oldest_tried)), default=as_of)
    yield _gauge(
        "greenlight_outbox_oldest_age_seconds",
        "How long the oldest notification has waited since it was first tried or due.",
        (as_of - since).total_seconds(),
    )


def _sizes(own: OwnState) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "greenlight_store_bytes", "Size on disk, indexes included.", labels=["schema"]
    )
    for schema, size in sorted(own.bytes_by_schema.items()):
        family.add_metric([schema], size)
    yield family
    yield _gauge(
        "greenlight_database_bytes", "Size on disk of the whole database.", own.database_bytes
    )
