"""What `core.oncall` asks of a store: rotas, and who stands in for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rota:
    """Who watches a service, by turns of a week (team.rota).

    Attributes:
        zone: an IANA name such as 'Europe/Moscow'.
        handover_weekday: 0 is Monday.
        handover_time: on the clock of the zone.
        starts_on: a day of the week that the first member has.
        members: in the order of their weeks; '' is a week that nobody has yet.
        departed: who has left: weeks and overrides of theirs are nobody's until they are given to
            somebody else.
        escalate_after: how long a page may wait for an acknowledgement.
        escalate_to: whom an escalation calls first, a person or a channel; '' is the next member.
        revision: grows with every change, for optimistic locking.
    """

    service: str
    zone: str
    handover_weekday: int
    handover_time: time
    starts_on: date
    members: tuple[str, ...]
    departed: tuple[str, ...] = ()
    escalate_after: timedelta = timedelta(minutes=15)
    escalate_to: str = ""
    revision: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody else for a while, [starts_at, ends_at) (team.rota_override).

    Attributes:
        override_id: the store's number; of two that overlap the later made one holds.
        member: who stands in; '' is nobody, a gap that is meant.
        swap: what ties the two halves of a swap together; '' for an override alone.
        cancelled_at: since when it does not count; None while it does.
        changed_at: when it was made or cancelled.
    """

    override_id: int
    service: str
    member: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    swap: str
    created_by: str
    created_at: datetime
    cancelled_at: datetime | None = None
    cancelled_by: str = ""
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


class OnCallReader(Protocol):
    """What `core.oncall` asks. Everything is as it was known at as_of."""

    def rota(self, service: str, as_of: datetime) -> Rota | None:
        """A service's rota; None where nobody has made one."""

    def overrides(self, service: str, as_of: datetime) -> tuple[Override, ...]:
        """Overrides that are not cancelled, in the order in which they were made."""
