"""Which channels an event of an alert goes to: at once, later, or not at all, and why.

An event either calls somebody (firing, escalated, test) or is news of an alert that somebody was
called for (unknown, known, resolved, acknowledged). Calls are held back while a silence or a page
makes them superfluous; tickets of every kind wait for the end of a channel's quiet hours, pages go
through. News goes to channels alone that were told of the alert. Drills are rehearsed on the real
ways: they go wherever the alert would have gone, labelled, except to channels that want none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core import wording
from core.ports.alerts import Episode, Silence

#: What a notification may tell. 'known': the data of an unknown alert are back, and it still fires.
EVENTS = ("firing", "unknown", "known", "resolved", "escalated", "acknowledged", "test")
#: Events that want somebody to do something.
CALLS = frozenset({"firing", "escalated", "test"})
#: The states of an episode in which telling an event still makes sense, after it was held.
_STILL_TRUE = {
    "firing": ("firing", "unknown"),
    "unknown": ("unknown",),
    "known": ("firing",),
    "resolved": ("resolved",),
    "escalated": ("firing", "unknown"),
    "acknowledged": ("firing", "unknown"),
}


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours in which tickets wait, [start, end) on the clock of a zone; they may span midnight."""

    start: time
    end: time
    zone: str = "UTC"

    def until(self, at: datetime) -> datetime | None:
        """When the quiet hours that `at` lies in end, UTC; None outside of them.

        >>> night = QuietHours(time(22), time(8), "Europe/Moscow")
        >>> night.until(datetime(2026, 6, 1, 20, tzinfo=UTC)).isoformat()
        '2026-06-02T05:00:00+00:00'
        >>> night.until(datetime(2026, 6, 1, 12, tzinfo=UTC)) is None
        True
        """
        zone = ZoneInfo(self.zone)
        local = at.astimezone(zone)
        clock = local.time()
        spans_midnight = self.end <= self.start
        inside = (
            clock >= self.start or clock < self.end
            if spans_midnight
            else self.start <= clock < self.end
        )
        if not inside:
            return None
        day = local.date() + timedelta(days=1 if spans_midnight and clock >= self.start else 0)
        end = datetime.combine(day, self.end, tzinfo=zone)
        if end.astimezone(UTC) <= at:  # an hour that the clock goes through twice
            end = end.replace(fold=1)
        return end.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Channel:
    """Where notifications go (team.channel), without the address: that is a secret.

    Attributes:
        service: whose alerts; '' is every service.
        severities: what of 'page' and 'ticket' it takes.
        quiet: when tickets wait; None where they never do.
        drills: whether it hears of drills.
    """

    channel_id: str
    name: str
    service: str = ""
    severities: tuple[str, ...] = ("page", "ticket")
    quiet: QuietHours | None = None
    drills: bool = True
    enabled: bool = True


class Way(StrEnum):
    """What happens with an event in a channel."""

    SEND = "send"
    HOLD = "hold"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens with an event in one channel.

    Attributes:
        reason: why it waits or is dropped, as a sentence; '' where it is sent.
        until: when a held one is to be looked at again; None where nobody knows: each time.
    """

    channel_id: str
    way: Way
    reason: str = ""
    until: datetime | None = None


def event_of(before: str, after: str) -> str | None:
    """The event that a change of an episode's state is; None for one that nobody is told of.

    >>> event_of("pending", "firing"), event_of("unknown", "firing"), event_of("", "pending")
    ('firing', 'known', None)
    """
    match before, after:
        case _, "pending":
            return None
        case "pending", "resolved" | "unknown":
            return None  # it never fired
        case "unknown", "firing":
            return "known"
        case _, "firing" | "unknown" | "resolved":
            return after
    raise ValueError(f"after == {after!r} is no state of an episode")


def concerns(channel: Channel, episode: Episode) -> bool:
    """Whether a channel would ever hear of an episode: by service, severity, drill, enabled."""
    return (
        channel.enabled
        and channel.service in {"", episode.service}
        and episode.severity in channel.severities
        and (channel.drills or not episode.drill)
    )


def route(
    channels: Iterable[Channel],
    episode: Episode,
    event: str,
    at: datetime,
    *,
    silence: Silence | None = None,
    told: frozenset[str] = frozenset(),
    escalate_to: str = "",
) -> tuple[Decision, ...]:
    """Decide for every channel that an event concerns.

    Args:
        channels: all there are.
        episode: as it is after the event.
        event: one of EVENTS except 'test', which is sent to the one channel that is tried.
        at: now.
        silence: one that matches the episode now, the one that ends last.
        told: channels in which the alert was announced, whether or not it has arrived yet.
        escalate_to: a channel's id or name, which an escalation goes to whatever the channel takes
            otherwise. Where it names no enabled channel, the escalation goes to all that the alert
            concerns, and its text names whom to call.

    Returns:
        A decision for each channel that is concerned, in the order of the channels.
    """
    everywhere = tuple(channels)
    concerned = [channel for channel in everywhere if concerns(channel, episode)]
    if event == "escalated" and (named := named_channels(everywhere, escalate_to)):
        concerned = named
    return tuple(
        decide(channel, episode, event, at, silence=silence, told=channel.channel_id in told)
        for channel in concerned
    )


def named_channels(channels: Iterable[Channel], name: str) -> list[Channel]:
    """The enabled channels that an escalation names by id or by name."""
    return [
        channel
        for channel in channels
        if channel.enabled and name and name in {channel.channel_id, channel.name}
    ]


def decide(
    channel: Channel,
    episode: Episode,
    event: str,
    at: datetime,
    *,
    silence: Silence | None = None,
    told: bool = False,
) -> Decision:
    """Decide for one channel that is concerned; again for what was held, each time it is looked at.

    Args:
        channel: it has to be concerned, or named by an escalation.
        episode: as it is now.
        event: one of EVENTS except 'test'.
        at: now.
        silence: one that matches the episode now.
        told: whether the alert was announced in this channel.
    """

    def drop(reason: str) -> Decision:
        return Decision(channel.channel_id, Way.DROP, reason)

    def hold(reason: str, until: datetime | None) -> Decision:
        return Decision(channel.channel_id, Way.HOLD, reason, until)

    if event not in CALLS and not told:
        return drop("Not sent: this channel was not told of the alert.")
    if episode.state not in _STILL_TRUE[event]:
        return drop(f"Not sent: the alert was {episode.state} by the time it could be.")
    over = event in {"resolved", "acknowledged"}
    if episode.inhibited_by and not over:
        return hold("Held while the page that says the same fires.", None)
    if silence is not None and not over:
        end = wording.clock(silence.ends_at, at)
        return hold(f"Held until {end}: silenced by {silence.author}.", silence.ends_at)
    quiet = channel.quiet
    if episode.severity == "ticket" and quiet is not None and (until := quiet.until(at)):
        return hold(f"Held until {quiet.end:%H:%M} ({quiet.zone}): quiet hours.", until)
    return Decision(channel.channel_id, Way.SEND)
