"""The report of the on-call area: who watches now, who comes next, and where nobody will."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import wording
from core.oncall.calendar import calendar
from core.oncall.gaps import AHEAD, DoubleDuty, Gap, double_duty, gaps
from core.oncall.rota import Shift, shifts, who
from core.ports.oncall import OnCallReader, Override, Rota

#: How far ahead shifts are told.
SHOWN = timedelta(days=56)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who watches one service.

    Attributes:
        rota: None where nobody has made one.
        now: the shift that as_of lies in; None where there is none.
        upcoming: the shifts after it, up to SHOWN ahead.
        gaps: where nobody is on call within the next 14 days, and why.
        overrides: those that run or are still to come, the first first.
        sentence: who is on call, as the header of every page says it.
    """

    service: str
    rota: Rota | None
    now: Shift | None
    upcoming: tuple[Shift, ...]
    gaps: tuple[Gap, ...]
    overrides: tuple[Override, ...]
    sentence: str

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """The present shift and those to come."""
        return self.upcoming if self.now is None else (self.now, *self.upcoming)


@dataclass(frozen=True, slots=True)
class OnCallReport:
    """Everything the on-call area shows.

    Attributes:
        headline: the finding, as the page's first sentence.
        duties: one a service, in the order asked for.
        double: who is on call for two services at once in the next 14 days.
        warnings: every gap as a sentence, the first first.
        notes: what is worth knowing and nothing to mend, as sentences.
    """

    as_of: datetime
    headline: str
    duties: tuple[Duty, ...]
    double: tuple[DoubleDuty, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    def duty(self, service: str) -> Duty:
        """The duty of one service.

        Raises:
            KeyError: it was not asked for.
        """
        for duty in self.duties:
            if duty.service == service:
                return duty
        raise KeyError(service)

    def calendar(self, *, member: str | None = None) -> str:
        """The shifts to come as an iCalendar feed, of everybody or of one person."""
        known = {duty.service: duty for duty in self.duties if duty.rota is not None}
        stamps = {
            name: duty.rota.changed_at or self.as_of
            for name, duty in known.items()
            if duty.rota is not None
        }
        return calendar({name: duty.shifts for name, duty in known.items()}, stamps, member=member)


def report(reader: OnCallReader, services: Sequence[str], as_of: datetime) -> OnCallReport:
    """Put the on-call report of some services together.

    Raises:
        ValueError: as_of has no zone.
    """
    duties = tuple(on_duty(reader, service, as_of) for service in services)
    found = [gap for duty in duties for gap in duty.gaps]
    double = double_duty({duty.service: duty.shifts for duty in duties}, as_of)
    return OnCallReport(
        as_of,
        _headline(duties, found, as_of),
        duties,
        double,
        tuple(
            gap_sentence(gap, as_of)
            for gap in sorted(found, key=lambda gap: (gap.start, gap.service))
        ),
        tuple(_double_sentence(one, as_of) for one in double),
    )


def on_duty(reader: OnCallReader, service: str, as_of: datetime) -> Duty:
    """Who watches one service: what every page's header needs, without the others."""
    rota = reader.rota(service, as_of)
    if rota is None:
        missing = gaps(service, None, (), as_of)
        return Duty(service, None, None, (), missing, (), now_sentence(service, None, None, as_of))
    overrides = reader.overrides(service, as_of)
    now = who(rota, overrides, as_of)
    found = shifts(rota, overrides, as_of, as_of + SHOWN)
    return Duty(
        service,
        rota,
        now,
        tuple(shift for shift in found if shift.start > as_of),
        gaps(service, rota, overrides, as_of),
        tuple(
            sorted(
                (one for one in overrides if one.ends_at > as_of),
                key=lambda one: (one.starts_at, one.override_id),
            )
        ),
        now_sentence(service, rota, now, as_of),
    )


def now_sentence(service: str, rota: Rota | None, now: Shift | None, as_of: datetime) -> str:
    """Who is on call now, in one sentence; names are data."""
    if rota is None:
        return f"Nobody is on call for {service}: it has no rota."
    if now is None:
        why = "has not begun" if any(rota.members) else "is empty"
        return f"Nobody is on call for {service}: the rota {why}."
    until = wording.clock(now.end, as_of)
    if not now.member:
        return f"Nobody is on call for {service} until {until}. {now.why_nobody}"
    instead = ""
    if now.override is not None and now.scheduled and now.scheduled != now.member:
        instead = f", instead of {now.scheduled}"
    return f"{now.member} is on call for {service} until {until}{instead}."


def gap_sentence(gap: Gap, as_of: datetime) -> str:
    """A gap as a warning."""
    if gap.start <= as_of:
        when = f"now and until {wording.clock(gap.end, as_of)}"
        if gap.end - as_of >= AHEAD:
            when = f"now and for at least {wording.duration(AHEAD)}"
    else:
        when = f"from {wording.clock(gap.start, as_of)} to {wording.clock(gap.end, as_of)}"
    return f"Nobody is on call for {gap.service} {when}. {gap.why}"


def _double_sentence(double: DoubleDuty, as_of: datetime) -> str:
    return (
        f"{double.member} is on call for {wording.listing(list(double.services))} at once from "
        f"{wording.clock(double.start, as_of)} to {wording.clock(double.end, as_of)}."
    )


def _headline(duties: Sequence[Duty], found: Sequence[Gap], as_of: datetime) -> str:
    if not duties:
        return "There is no service to watch yet"
    uncovered = [duty.service for duty in duties if duty.now is None or not duty.now.member]
    if uncovered:
        return f"Nobody is on call now for {wording.listing(uncovered)}"
    if found:
        first = min(found, key=lambda gap: (gap.start, gap.service))
        return (
            f"Somebody is on call for every service now, but nobody for {first.service} from "
            f"{wording.clock(first.start, as_of)}"
        )
    if len(duties) == 1:
        return duties[0].sentence.removesuffix(".")
    return f"Somebody is on call for every service, for the next {wording.duration(AHEAD)} as well"
