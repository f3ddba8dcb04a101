"""Shifts as a calendar feed: iCalendar, RFC 5545.

Written by hand: five properties an event. Times are UTC, so no time zone has to be described; text
is escaped (section 3.3.11) and lines are folded at 75 octets, never within a character (3.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from core.oncall.rota import Shift

#: The longest line in octets, its end left out.
LINE_OCTETS = 75
_ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}


def calendar(
    duties: Mapping[str, Iterable[Shift]],
    stamps: Mapping[str, datetime],
    *,
    member: str | None = None,
) -> str:
    """The feed of some services' shifts.

    An event is known by its service and its beginning, so that a calendar that reads the feed again
    changes the event of a shift that was given to somebody else, and does not show it twice.

    Args:
        duties: the shifts by service.
        stamps: when the rota of each service was changed last; an override says so itself.
        member: leave out the shifts of others, and gaps; None is everybody.

    Returns:
        The text, with the line ends that the format asks for (CR LF).
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Greenlight//On-call//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    for service in sorted(duties):
        for shift in duties[service]:
            if member is None or shift.member == member:
                lines += _event(service, shift, stamps[service])
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(service: str, shift: Shift, stamp: datetime) -> Iterator[str]:
    known_by = sha256(f"{len(service)}:{service}{_time(shift.start)}".encode()).hexdigest()[:32]
    made = stamp if shift.override is None else max(stamp, shift.override.created_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{known_by}@greenlight"
    yield f"DTSTAMP:{_time(made)}"
    yield f"DTSTART:{_time(shift.start)}"
    yield f"DTEND:{_time(shift.end)}"
    summary = f"On call for {service}: {shift.member or 'nobody'}"
    yield f"SUMMARY:{_text(summary)}"
    said = _description(shift)
    if said:
        yield f"DESCRIPTION:{_text(said)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _description(shift: Shift) -> str:
    if shift.override is None:
        return shift.why_nobody
    instead = f"Instead of {shift.scheduled}." if shift.scheduled else ""
    return " ".join(filter(None, (shift.why_nobody, instead, shift.override.reason)))


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(written: str) -> str:
    r"""A text value: escaped, and without control characters, which the format has no way to write.

    >>> print(_text("a, b; c\r\nd\\e\x07"))
    a\, b\; c\nd\\e
    """
    lines = "\n".join(written.splitlines())
    kept = "".join(sign for sign in lines if sign == "\n" or (sign >= " " and sign != "\x7f"))
    return "".join(_ESCAPES.get(sign, sign) for sign in kept)


def _folded(line: str) -> Iterator[str]:
    """A content line in parts of at most LINE_OCTETS; those after the first begin with a space."""
    part, octets = "", 0
    for sign in line:
        size = len(sign.encode())
        if octets + size > LINE_OCTETS:
            yield part
            part, octets = " ", 1
        part += sign
        octets += size
    yield part
