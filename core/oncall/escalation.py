"""Who is called when nobody acknowledges a page.

A page that fires waits `rota.escalate_after` for somebody to acknowledge it. Then the first of the
chain is called, after as long again the second, and so on: the chain is `rota.escalate_to`, where
one is named, and then the members of the rota after the one who is on call, each once. Whoever
has acknowledged stops it; an acknowledgement that expires, or a silence that ends, starts the wait
anew.

Nothing escalates that calls nobody anyway: tickets, alerts that are silenced or inhibited, and
drills whose alert does not say that it is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import wording
from core.alerts.silences import matches, silence_of
from core.oncall.rota import who
from core.ports.alerts import Acknowledgement, Episode, Silence
from core.ports.oncall import Override, Rota

#: The label of an alert that a drill has raised; its value names the drill.
DRILL_LABEL = "drill"


@dataclass(frozen=True, slots=True)
class Escalation:
    """One step of an escalation.

    Attributes:
        key: the same for the same step however often it is found: it is to be told once.
        step: 1 for the first.
        to: a person, or the channel that the rota names.
        at: when it fell due, not when it was found; for `db.notifications.outbox.enqueue`.
        drill: it has to be told as a drill.
        sentence: what it says; names are data.
    """

    key: str
    episode_id: int
    step: int
    to: str
    at: datetime
    drill: bool
    sentence: str


def due(
    episode: Episode,
    acknowledgements: Iterable[Acknowledgement],
    rota: Rota | None,
    at: datetime,
    *,
    overrides: Iterable[Override] = (),
    silences: Iterable[Silence] = (),
) -> Escalation | None:
    """The last step that is due by a moment; None where there is none. See `steps`."""
    found = steps(episode, acknowledgements, rota, at, overrides=overrides, silences=silences)
    return found[-1] if found else None


def steps(
    episode: Episode,
    acknowledgements: Iterable[Acknowledgement],
    rota: Rota | None,
    at: datetime,
    *,
    overrides: Iterable[Override] = (),
    silences: Iterable[Silence] = (),
) -> tuple[Escalation, ...]:
    """Every step that is due by a moment since the wait began, the first first.

    Args:
        episode: as it is now.
        acknowledgements: of any episodes; those of this one count.
        rota: of its service; without one nobody can be called.
        at: now.
        overrides: of the rota.
        silences: all that run, or ran since the page fired.
    """
    if rota is None or not _escalates(episode):
        return ()
    silences = tuple(silences)
    since = _waiting_since(episode, acknowledgements, silences, at)
    if since is None:
        return ()
    called = chain(rota, tuple(overrides), since)
    reached = min((at - since) // rota.escalate_after, len(called))
    return tuple(
        _escalation(episode, number, called[number - 1], since, rota.escalate_after)
        for number in range(1, reached + 1)
    )


def chain(rota: Rota, overrides: Iterable[Override], at: datetime) -> tuple[str, ...]:
    """Whom an escalation that begins at a moment calls, in this order; the one on call is not."""
    duty = who(rota, overrides, at)
    on_call = "" if duty is None else duty.member
    # Somebody who stands in is not in the rota: then the next one follows whose week it is.
    turn = on_call if on_call in rota.members else ("" if duty is None else duty.scheduled)
    first = rota.members.index(turn) + 1 if turn in rota.members else 0
    others = [*rota.members[first:], *rota.members[:first]]
    named = [rota.escalate_to, *others]
    left_out = {"", on_call, *rota.departed}
    return tuple(dict.fromkeys(name for name in named if name not in left_out))


def _escalates(episode: Episode) -> bool:
    return (
        episode.severity == "page"
        and episode.state in {"firing", "unknown"}
        and episode.fired_at is not None
        and not episode.inhibited_by
        and not (episode.drill and DRILL_LABEL not in episode.labels)
    )


def _waiting_since(
    episode: Episode,
    acknowledgements: Iterable[Acknowledgement],
    silences: tuple[Silence, ...],
    at: datetime,
) -> datetime | None:
    """Since when nobody has had the page in hand; None while somebody has, or it is silenced."""
    if episode.fired_at is None or silence_of(silences, episode, at) is not None:
        return None
    until = [
        one.until
        for one in acknowledgements
        if one.episode_id == episode.episode_id and one.at <= at
    ]
    until += [
        min(one.ends_at, one.ended_at or one.ends_at)
        for one in silences
        if one.starts_at <= at and matches(one, episode)
    ]
    since = max([episode.fired_at, *until])
    return None if since > at else since


def _escalation(
    episode: Episode, number: int, to: str, since: datetime, wait: timedelta
) -> Escalation:
    fell_due = since + number * wait
    waited = wording.duration(number * wait)
    drill = "Drill: " if episode.drill else ""
    return Escalation(
        f"escalation-{episode.episode_id}-{since:%Y%m%dT%H%M%S%f}-{number}",
        episode.episode_id,
        number,
        to,
        fell_due,
        episode.drill,
        f"{drill}nobody has acknowledged this page for {waited}; {to} is called.",
    )
