"""Who is on call: weeks of a rota, cut by overrides.

A week begins at the handover on the clock of the rota's zone, so it is 167 or 169 hours long where
the clock is changed in it. A handover at a time that the clock skips or shows twice is read as RFC
5545 (section 3.3.5) reads it: with the offset from before the skip, and as the first of the two.

Whose week it is follows from the first week and the order of the members, and everything is told of
the rota as it is. Whoever wants to know who was on call in a week long ago asks with the rota and
the overrides as they were known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from core.ports.oncall import Override, Rota

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch in which one person is on call, [start, end), UTC.

    Attributes:
        member: who is; '' is nobody.
        scheduled: whose week it is by the rota; '' where it is nobody's.
        override: what put somebody else in; None where the rota holds.
        why_nobody: why nobody is on call, as a sentence; '' where somebody is.
    """

    start: datetime
    end: datetime
    member: str
    scheduled: str = ""
    override: Override | None = None
    why_nobody: str = ""

    @property
    def length(self) -> timedelta:
        """From start to end."""
        return self.end - self.start


def who(rota: Rota, overrides: Iterable[Override], at: datetime) -> Shift | None:
    """The shift that a moment lies in.

    Returns:
        A shift whose member is '' where nobody is on call; None where there is no shift at all: the
        rota is empty or has not begun, and no override says otherwise.

    Raises:
        ValueError: at has no zone.
    """
    found = shifts(rota, overrides, at, at + timedelta.resolution)
    return found[0] if found else None


def shifts(
    rota: Rota, overrides: Iterable[Override], start: datetime, end: datetime
) -> tuple[Shift, ...]:
    """Whole shifts that touch a span, in order of time; the first and last may reach beyond it.

    An override cuts the weeks that it touches; of two that overlap, the later made one holds.

    Args:
        rota: the rota.
        overrides: cancelled ones do not count.
        start: of the span, aware.
        end: of the span, which does not belong to it.

    Raises:
        ValueError: start or end has no zone.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError(f"span == {start} to {end}, must have a time zone")
    counted = sorted(
        (one for one in overrides if one.cancelled_at is None),
        key=lambda one: (one.created_at, one.override_id),
    )
    touching = [one for one in counted if one.starts_at < end and one.ends_at > start]
    # An override is told whole, though it may begin weeks before the span.
    first = min([start, *(one.starts_at for one in touching)]).astimezone(UTC)
    last = max([end, *(one.ends_at for one in touching)]).astimezone(UTC)
    weeks = tuple(_weeks(rota, first, last))
    pieces = _joined(_pieces(rota, weeks, counted, first, last))
    return tuple(piece for piece in pieces if piece.start < end and piece.end > start)


def handover(rota: Rota, number: int) -> datetime:
    """When a week begins, UTC; week 0 is the first member's first."""
    day = rota.starts_on - timedelta(
        days=(rota.starts_on.weekday() - rota.handover_weekday) % WEEK_DAYS
    )
    local = datetime.combine(day + timedelta(days=WEEK_DAYS * number), rota.handover_time)
    return local.replace(tzinfo=ZoneInfo(rota.zone), fold=0).astimezone(UTC)


def _weeks(rota: Rota, start: datetime, end: datetime) -> Iterator[Shift]:
    """The rota's weeks that touch a span."""
    if not rota.members:
        return
    begun = handover(rota, 0)
    number = max((start - begun) // timedelta(days=WEEK_DAYS) - 1, 0)
    while (first := handover(rota, number)) < end:
        following = handover(rota, number + 1)
        if following > start:
            yield _shift(rota, first, following, rota.members[number % len(rota.members)], None)
        number += 1


def _shift(
    rota: Rota, start: datetime, end: datetime, scheduled: str, override: Override | None
) -> Shift:
    chosen = scheduled if override is None else override.member
    why = ""
    if chosen in rota.departed:
        why = f"{chosen} has left."
    elif not chosen:
        why = "Nobody has this week." if override is None else "An override says nobody."
    return Shift(start, end, "" if why else chosen, scheduled, override, why)


def _pieces(
    rota: Rota,
    weeks: Sequence[Shift],
    overrides: Sequence[Override],
    first: datetime,
    last: datetime,
) -> Iterator[Shift]:
    """Weeks and overrides, cut wherever one of them begins or ends."""
    begins = min([first, *(week.start for week in weeks)])
    ends = max([last, *(week.end for week in weeks)])
    cuts = {moment for week in weeks for moment in (week.start, week.end)} | {
        moment.astimezone(UTC)
        for one in overrides
        for moment in (one.starts_at, one.ends_at)
        if begins <= moment <= ends
    }
    for start, end in pairwise(sorted(cuts)):
        week = next((week for week in weeks if week.start <= start < week.end), None)
        held = [one for one in overrides if one.starts_at <= start < one.ends_at]
        if week is None and not held:
            continue
        scheduled = "" if week is None else week.scheduled
        yield _shift(rota, start, end, scheduled, held[-1] if held else None)


def _joined(pieces: Iterable[Shift]) -> tuple[Shift, ...]:
    """Pieces of one override put together again: handovers within it change nothing."""
    joined: list[Shift] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and last.end == piece.start and _same_override(last, piece):
            joined[-1] = replace(last, end=piece.end)
        else:
            joined.append(piece)
    return tuple(joined)


def _same_override(one: Shift, other: Shift) -> bool:
    return (
        one.override is not None
        and other.override is not None
        and one.override.override_id == other.override.override_id
    )
