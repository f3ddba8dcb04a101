"""As-of, windows and freshness. All times are aware and in UTC; nothing here reads a clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}

#: An as-of outside of these years is a slip of the keyboard.
FIRST_YEAR, LAST_YEAR = 2000, 2199

#: How far as-of may be ahead of the data before they are stale.
STALE_AFTER_MINUTES = timedelta(minutes=3)
STALE_AFTER_HOURS = timedelta(hours=2)
STALE_AFTER_DAYS = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Window:
    """A length of time, written as in a URL: 5m, 6h, 30d.

    >>> Window.parse("30d").length
    datetime.timedelta(days=30)
    >>> str(Window(timedelta(hours=36)))
    '36h'
    """

    length: timedelta

    def __post_init__(self) -> None:
        if self.length < MINUTE or self.length % MINUTE:
            raise ValueError(f"window == {self.length}, must be whole minutes, at least one")

    @classmethod
    def parse(cls, written: str) -> Window:
        """Read a window.

        Raises:
            ValueError: it is not a whole number of minutes, hours or days up to 400 days.
        """
        match = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", written.strip())
        if match is None:
            raise ValueError(f"window == {written!r}, must be a number and m, h or d, such as 30d")
        window = cls(int(match[1]) * _UNITS[match[2]])
        if window.length > 400 * DAY:
            raise ValueError(f"window == {written!r}, must be at most 400d")
        return window

    def __str__(self) -> str:
        for unit, size in (("d", DAY), ("h", HOUR)):
            if self.length % size == timedelta(0):
                return f"{self.length // size}{unit}"
        return f"{self.length // MINUTE}m"

    @property
    def last(self) -> str:
        """The window as the end of a sentence.

        >>> Window.parse("30d").last, Window.parse("1h").last
        ('last 30 days', 'last hour')
        """
        return f"last {self.words.removeprefix('1 ')}"

    @property
    def words(self) -> str:
        """The window as a reader says it.

        >>> Window.parse("30d").words, Window.parse("1h").words
        ('30 days', '1 hour')
        """
        if self.length == DAY:
            return "24 hours"
        written = str(self)
        count, unit = int(written[:-1]), {"m": "minute", "h": "hour", "d": "day"}[written[-1]]
        return f"{count} {unit}" + ("" if count == 1 else "s")


def parse_as_of(written: str) -> datetime:
    """Read an as-of: ISO 8601 with a zone, or without one in UTC.

    Raises:
        ValueError: it is no time, or outside the years 2000 to 2199: every window before it and
            every step after it must be a time too.

    >>> parse_as_of("2026-06-01T12:00Z").isoformat()
    '2026-06-01T12:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise ValueError(
            f"as_of == {written!r}, must be a time such as 2026-06-01T12:00Z"
        ) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"as_of == {written!r}, must lie in {FIRST_YEAR} to {LAST_YEAR}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def write_time(moment: datetime) -> str:
    """A time as URLs and files carry it: ISO 8601 in UTC, without seconds where it has none.

    >>> write_time(parse_as_of("2026-06-01T14:00+02:00"))
    '2026-06-01T12:00Z'
    """
    utc = moment.astimezone(UTC)
    whole = not (utc.second or utc.microsecond)
    return utc.strftime("%Y-%m-%dT%H:%MZ") if whole else utc.isoformat().replace("+00:00", "Z")


def floor_to(moment: datetime, step: timedelta) -> datetime:
    """The last multiple of step since the epoch that is not after moment.

    >>> floor_to(parse_as_of("2026-06-01T12:34:56Z"), MINUTE).isoformat()
    '2026-06-01T12:34:00+00:00'
    """
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return moment - (moment - epoch) % step


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time, [start, end), in whole minutes."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """Its length in minutes."""
        return (self.end - self.start) // MINUTE

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def span_of(window: Window, as_of: datetime) -> Span:
    """The finished minutes of a window: [T - W, T), with T cut to the minute.

    The minute that as-of lies in is not over, so it is never counted.

    Raises:
        ValueError: as_of has no zone.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"as_of == {as_of}, must have a time zone")
    end = floor_to(as_of.astimezone(UTC), MINUTE)
    return Span(end - window.length, end)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the data reach, seen from as-of.

    Attributes:
        data_through: the start of the newest minute (hour, day) that is complete; None without any
            row.
        stale: the data end too long before as-of to be trusted as current.
    """

    as_of: datetime
    data_through: datetime | None
    stale: bool

    @classmethod
    def of(
        cls,
        as_of: datetime,
        data_through: datetime | None,
        stale_after: timedelta = STALE_AFTER_MINUTES,
        step: timedelta = MINUTE,
    ) -> Freshness:
        """Judge freshness: stale when as-of is more than stale_after past the newest step's end."""
        if data_through is None:
            return cls(as_of, None, stale=True)
        return cls(as_of, data_through, as_of - (data_through + step) > stale_after)
