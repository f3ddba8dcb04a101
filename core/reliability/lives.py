"""The lives of instances as they were known at a moment: who should have been writing when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from core.ports import Lifetime

#: An instance whose heart has not beaten this long is silent: it is dead or cut off, not just late.
SILENT_AFTER = timedelta(minutes=3)
#: An instance that fell silent without an orderly stop stays expected this long; then it is gone,
#: unless nothing else of the service beats either.
GONE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Life:
    """One life of an instance, seen from a moment: nothing in it is later.

    Attributes:
        beat_at: its last beat so far.
        ended_at: its orderly stop, or the next start of its instance; None while it should run.
    """

    datacenter: str
    instance: str
    started_at: datetime
    beat_at: datetime
    ended_at: datetime | None

    @property
    def key(self) -> tuple[str, str]:
        """The instance as its rows name it."""
        return self.datacenter, self.instance

    def expected_until(self, newest: datetime | None) -> datetime | None:
        """When rows stop being expected from it; None while they are.

        Args:
            newest: the newest beat of the whole service: where nothing beats any more, nobody is
                taken to be gone.
        """
        if self.ended_at is not None:
            return self.ended_at
        gone = self.beat_at + GONE_AFTER
        return gone if newest is not None and newest > gone else None


def lives(
    lifetimes: Sequence[Lifetime],
    last_minutes: Mapping[tuple[str, str], datetime],
    as_of: datetime,
) -> tuple[Life, ...]:
    """Every life that had begun at a moment, as it looked then, by datacenter, instance and start.

    A heartbeat that names no datacenter counts for the one where an instance of its name last
    wrote. A stop from before the start belongs to an earlier life: a restart may have left it.
    """
    begun = [life for life in lifetimes if life.started_at <= as_of]
    placed = sorted(
        ((_place(life, last_minutes), life) for life in begun),
        key=lambda found: (found[0], found[1].instance, found[1].started_at),
    )
    known = []
    for (datacenter, life), following in zip_longest(placed, placed[1:]):
        ends = [life.stopped_at] if life.stopped_at and life.stopped_at >= life.started_at else []
        if following and (following[0], following[1].instance) == (datacenter, life.instance):
            ends.append(following[1].started_at)
        ended = min(ends, default=None)
        known.append(
            Life(
                datacenter,
                life.instance,
                life.started_at,
                min(life.beat_at, as_of),
                ended if ended is not None and ended <= as_of else None,
            )
        )
    return tuple(known)


def newest_beat(known: Sequence[Life]) -> datetime | None:
    """The newest beat of a whole service; None without any."""
    return max((life.beat_at for life in known), default=None)


def _place(life: Lifetime, last_minutes: Mapping[tuple[str, str], datetime]) -> str:
    if life.datacenter:
        return life.datacenter
    wrote = {
        minute: datacenter
        for (datacenter, instance), minute in last_minutes.items()
        if instance == life.instance
    }
    return wrote[max(wrote)] if wrote else ""
