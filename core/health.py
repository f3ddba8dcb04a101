"""Is Greenlight itself well? The store, the worker, the data that it judges by, the notifications.

A dashboard that has stopped looks like a service without problems. So whoever watches Greenlight
from outside asks for this report; nothing in it is about whether the services meet their targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core import wording
from core.ports.health import HealthReader, OwnState, ServiceState
from core.timeframe import Freshness, write_time

#: A tick may take a while in the middle of a backlog; alerts are evaluated every minute.
TICK_LATE_AFTER = timedelta(minutes=2)
#: Notifications are tried again after seconds, then minutes; one that is due for longer is stuck.
NOTIFICATION_LATE_AFTER = timedelta(minutes=15)


class State(StrEnum):
    """How a part is: a warning does not keep Greenlight from its work, a failure does."""

    OK = "ok"
    WARNING = "warning"
    FAILING = "failing"


_ORDER = (State.OK, State.WARNING, State.FAILING)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of Greenlight, its state, and a sentence that says it."""

    name: str
    state: State
    sentence: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How Greenlight is.

    Attributes:
        as_of: when it was asked.
        parts: store, worker, notifications, and the data of each service.
        own: what the parts were judged by; None where the store does not work.
    """

    as_of: datetime
    parts: tuple[Part, ...]
    own: OwnState | None = None

    @property
    def state(self) -> State:
        """The worst state of a part."""
        return max((part.state for part in self.parts), key=_ORDER.index)

    @property
    def sentence(self) -> str:
        """The whole in a sentence."""
        if self.state is State.OK:
            return "Greenlight is well."
        wrong = [part.name for part in self.parts if part.state is self.state]
        worst = "Failing" if self.state is State.FAILING else "With warnings"
        return f"{worst}: {wording.listing(wrong)}."


def report(reader: HealthReader, as_of: datetime) -> HealthReport:
    """Judge what Greenlight knows about itself.

    Args:
        reader: where to read it.
        as_of: the present, UTC.
    """
    own = reader.own_state(as_of)
    return HealthReport(
        as_of,
        (
            Part("store", State.OK, f"The store answers, at revision {own.revision}."),
            _worker(own, as_of),
            _notifications(own, as_of),
            *(_data(service, as_of) for service in own.services if service.writes),
        ),
        own,
    )


def failing(as_of: datetime, sentence: str) -> HealthReport:
    """The report where the store does not work, so that nothing else is known."""
    return HealthReport(as_of, (Part("store", State.FAILING, sentence),))


def values(found: HealthReport) -> dict[str, Any]:
    """The report as plain values, times in ISO 8601 UTC."""
    return {
        "as_of": write_time(found.as_of),
        "state": found.state.value,
        "sentence": found.sentence,
        "parts": [
            {"name": part.name, "state": part.state.value, "sentence": part.sentence}
            for part in found.parts
        ],
    }


def _worker(own: OwnState, as_of: datetime) -> Part:
    tick = own.tick
    if tick.at is None:
        return Part("worker", State.FAILING, "No worker has ever ticked: start cli.py worker.")
    ago = wording.duration(as_of - tick.at)
    if as_of - tick.at > TICK_LATE_AFTER:
        sentence = f"The worker's last tick was {ago} ago: {tick.leader} led then."
        return Part("worker", State.FAILING, sentence)
    if tick.error:
        return Part("worker", State.WARNING, f"{tick.leader} ticked {ago} ago. {tick.error}")
    return Part("worker", State.OK, f"{tick.leader} leads and ticked {ago} ago.")


def _notifications(own: OwnState, as_of: datetime) -> Part:
    outbox = own.outbox
    if _long(outbox.oldest_due, as_of):
        sentence = f"{outbox.waiting} wait, and nobody tries to deliver them."
        return Part("notifications", State.FAILING, sentence)
    if _long(outbox.oldest_tried, as_of):
        sentence = f"{outbox.waiting} wait; the oldest has failed for more than a quarter hour."
        return Part("notifications", State.WARNING, sentence)
    if outbox.failed:
        sentence = f"{outbox.failed} were given up within the last day."
        return Part("notifications", State.WARNING, sentence)
    return Part("notifications", State.OK, f"{outbox.waiting} wait, none for long.")


def _long(since: datetime | None, as_of: datetime) -> bool:
    return since is not None and as_of - since > NOTIFICATION_LATE_AFTER


def _data(service: ServiceState, as_of: datetime) -> Part:
    """A service that stopped writing: its own trouble, which alerts tell; here it is a warning."""
    fresh = Freshness.of(as_of, service.data_through)
    name = f"data of {service.service}"
    if service.data_through is None:
        return Part(name, State.WARNING, "No minute has been written yet.")
    through = write_time(service.data_through)
    if fresh.stale:
        return Part(name, State.WARNING, f"Complete only through {through}: stale.")
    return Part(name, State.OK, f"Complete through {through}.")
