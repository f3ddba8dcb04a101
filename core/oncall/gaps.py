"""What is wrong with the weeks to come: nobody on call, or one person on call twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from core.oncall.rota import Shift, shifts
from core.ports.oncall import Override, Rota

#: How far ahead a gap is warned about.
AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch, [start, end), in which nobody is on call for a service, and why, as a sentence."""

    service: str
    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True)
class DoubleDuty:
    """One person on call for two services at once, [start, end). That is allowed, and said."""

    member: str
    services: tuple[str, str]
    start: datetime
    end: datetime


def gaps(
    service: str,
    rota: Rota | None,
    overrides: Iterable[Override],
    at: datetime,
    ahead: timedelta = AHEAD,
) -> tuple[Gap, ...]:
    """Where nobody is on call from now on, cut to [at, at + ahead).

    Args:
        service: whose rota.
        rota: None where nobody has made one: all of it is a gap then.
        overrides: of the service.
        at: now.
        ahead: how far to look.
    """
    end = at + ahead
    if rota is None:
        return (Gap(service, at, end, "The service has no rota."),)
    found: list[Gap] = []
    reached = at
    for shift in shifts(rota, overrides, at, end):
        if shift.start > reached:
            found.append(Gap(service, reached, shift.start, _why_no_shift(rota)))
        if not shift.member:
            found.append(Gap(service, max(shift.start, at), min(shift.end, end), shift.why_nobody))
        reached = max(reached, shift.end)
    if reached < end:
        found.append(Gap(service, reached, end, _why_no_shift(rota)))
    return _joined(found)


def double_duty(
    duties: Mapping[str, Sequence[Shift]], at: datetime, ahead: timedelta = AHEAD
) -> tuple[DoubleDuty, ...]:
    """Who is on call for two services at once, cut to [at, at + ahead), in order of time.

    Args:
        duties: the shifts by service.
        at: now.
        ahead: how far to look.
    """
    found = []
    for one, other in combinations(sorted(duties), 2):
        for first in duties[one]:
            for second in duties[other]:
                start = max(first.start, second.start, at)
                end = min(first.end, second.end, at + ahead)
                if start < end and first.member and first.member == second.member:
                    found.append(DoubleDuty(first.member, (one, other), start, end))
    return tuple(sorted(found, key=lambda duty: (duty.start, duty.services)))


def _why_no_shift(rota: Rota) -> str:
    return "The rota has not begun." if any(rota.members) else "The rota is empty."


def _joined(found: Sequence[Gap]) -> tuple[Gap, ...]:
    joined: list[Gap] = []
    for gap in found:
        if joined and joined[-1].end == gap.start and joined[-1].why == gap.why:
            joined[-1] = Gap(gap.service, joined[-1].start, gap.end, gap.why)
        else:
            joined.append(gap)
    return tuple(joined)
