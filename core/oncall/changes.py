"""What people fill in to make a rota, an override or a swap: read, and every wrong field named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.fields import Fields, FieldsError
from core.oncall.moments import read_moment
from core.oncall.rota import Shift, handover
from core.ports.oncall import Rota

#: The longest that a page may wait for an acknowledgement: a day.
LONGEST_WAIT_MINUTES = 1_440
#: An override that is longer is a slip of the keyboard; a rota is changed instead.
LONGEST_OVERRIDE = timedelta(days=92)
ROTA_FIELDS = (
    "zone",
    "handover_weekday",
    "handover_time",
    "starts_on",
    "members",
    "departed",
    "escalate_after_minutes",
    "escalate_to",
)


@dataclass(frozen=True, slots=True)
class Cover:
    """Who is to stand in, [starts_at, ends_at); member '' is nobody."""

    member: str
    starts_at: datetime
    ends_at: datetime
    reason: str


def parse_rota(service: str, given: Mapping[str, object]) -> Rota:
    """Read the fields of a rota.

    Args:
        service: whose.
        given: ROTA_FIELDS by name: the weekday is a whole number, 0 for Monday; the time a `time`
            or a text such as '10:00'; members and departed are lists of names, in which '' among
            the members is a week that nobody has.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields({**given, "service": service})
    form.refuse_unknown((*ROTA_FIELDS, "service"))
    name = form.name("service")
    zone = form.name("zone")
    if zone is not None and not _is_zone(zone):
        form.refuse("zone", f"There is no time zone {zone!r}; write one such as Europe/Moscow.")
    weekday = form.whole("handover_weekday", 0, 6)
    clock = _clock(form, given.get("handover_time"))
    starts_on = form.day("starts_on")
    members = _members(form, given.get("members"))
    departed = form.names("departed")
    minutes = form.whole("escalate_after_minutes", 1, LONGEST_WAIT_MINUTES)
    escalate_to = form.name("escalate_to") if form.has("escalate_to") else ""
    if escalate_to and escalate_to in departed:
        form.refuse("escalate_to", "Has left.")
    if form.problems or name is None or zone is None or weekday is None:
        raise FieldsError(form.problems)
    if clock is None or starts_on is None or minutes is None:
        raise FieldsError(form.problems)
    return Rota(
        name,
        zone,
        weekday,
        clock,
        starts_on,
        members,
        departed,
        timedelta(minutes=minutes),
        escalate_to or "",
    )


def parse_cover(given: Mapping[str, object], at: datetime) -> Cover:
    """Read the fields of an override: member, starts_at, ends_at (aware datetimes), reason.

    Args:
        given: the fields; an empty member is nobody, and then a reason is needed.
        at: now; an override that has ended already would change nothing any more.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(("member", "starts_at", "ends_at", "reason"))
    member = form.name("member") if form.has("member") else ""
    reason = form.text("reason")
    starts, ends = read_moment(form, given, "starts_at"), read_moment(form, given, "ends_at")
    if not member and not reason:
        form.refuse("reason", "Is missing: say why nobody is on call.")
    if starts is not None and ends is not None:
        if ends <= starts:
            form.refuse("ends_at", "Must be after the start.")
        elif ends - starts > LONGEST_OVERRIDE:
            form.refuse("ends_at", f"Must be at most {LONGEST_OVERRIDE.days} days after the start.")
        elif ends <= at:
            form.refuse("ends_at", "Is over already.")
    if form.problems or starts is None or ends is None:
        raise FieldsError(form.problems)
    return Cover(member or "", starts, ends, reason)


def keep_turn(seen: Rota, wanted: Rota, at: datetime) -> Rota:
    """A changed rota in which this week stays with whoever has it.

    Whose week it is follows from the number of members, so somebody who joins would move everybody
    else in the middle of a week. Where the members change and nobody has set another first day,
    the first day is moved so that this week's member keeps it. Nothing is moved where that member
    is not among the new ones, or the rota has not begun.
    """
    begun = handover(seen, 0)
    if seen.members == wanted.members or seen.starts_on != wanted.starts_on or at < begun:
        return wanted
    number = (at - begun) // timedelta(days=7) - 1
    while handover(seen, number + 1) <= at:
        number += 1
    on_call = seen.members[number % len(seen.members)] if seen.members else ""
    if not on_call or on_call not in wanted.members:
        return wanted
    turns = number - wanted.members.index(on_call)
    return replace(wanted, starts_on=seen.starts_on + timedelta(days=7 * turns))


def swap_of(first: Shift, second: Shift, at: datetime, reason: str = "") -> tuple[Cover, Cover]:
    """What a swap of two shifts puts in the place of each.

    Raises:
        FieldsError: the two overlap or have one member, a shift is nobody's or is over already.
    """
    form = Fields({"reason": reason})
    said = form.text("reason")
    for field, shift in (("first", first), ("second", second)):
        if not shift.member:
            form.refuse(field, "Is nobody's shift: give it to somebody by an override.")
        elif shift.end <= at:
            form.refuse(field, "Is over already.")
    if first.start < second.end and second.start < first.end:
        form.refuse("second", "Must be another shift than the first.")
    elif first.member == second.member:
        form.refuse("second", f"Is {second.member}'s as well: nothing would change.")
    if form.problems:
        raise FieldsError(form.problems)
    # What has passed of a shift stays with who had it.
    return (
        Cover(second.member, max(first.start, at), first.end, said),
        Cover(first.member, max(second.start, at), second.end, said),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no key at all, the name of a folder
        return False
    return True


def _clock(form: Fields, value: object) -> time | None:
    if isinstance(value, time):
        found: time | None = value
    else:
        written = form.name("handover_time")
        try:
            found = None if written is None else time.fromisoformat(written)
        except ValueError:
            found = None
    if found is None or found.tzinfo is not None or found.second or found.microsecond:
        form.refuse("handover_time", "Must be a time such as 10:00.")
        return None
    return found


def _members(form: Fields, value: object) -> tuple[str, ...]:
    if value is None or not isinstance(value, list | tuple):
        form.refuse("members", "Must be a list of names; it may be empty.")
        return ()
    entries = Fields(
        {f"members[{number}]": entry for number, entry in enumerate(value)}, "", form.problems
    )
    return tuple(
        (entries.name(f"members[{number}]") or "") if entries.has(f"members[{number}]") else ""
        for number in range(len(value))
    )
