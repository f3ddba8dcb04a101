"""Numbers and times as a reader meets them. A displayed number is cut toward the side that flatters less."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction

_SCALES = ((10**9, "B"), (10**6, "M"), (10**3, "k"))


def percent(share: Fraction | float, digits: int = 2, *, good: str = "high") -> str:
    """A share in percent, cut, never rounded: down where high is good, up where low is good.

    >>> percent(Fraction(999_895, 1_000_000))
    '99.98 %'
    >>> percent(Fraction(999_895, 1_000_000), 4)
    '99.9895 %'
    >>> percent(Fraction(-62, 1000), 1, good="low")
    '−6.2 %'
    """
    scaled = Fraction(share) * 100 * 10**digits
    cut = math.floor(scaled) if good == "high" else math.ceil(scaled)
    return f"{_signed(Fraction(cut, 10**digits), digits)} %"


def count(number: Fraction | float, digits: int = 2) -> str:
    """A count, cut toward zero at the scale a person says it in.

    >>> count(43_199_999_999), count(1_999_999), count(950), count(10_000_000)
    ('43.19B', '1.99M', '950', '10M')
    """
    exact = Fraction(number)
    for size, letter in _SCALES:
        if abs(exact) >= size:
            cut = Fraction(math.trunc(exact / size * 10**digits), 10**digits)
            written = _signed(cut, digits)
            return (written.rstrip("0").rstrip(".") if "." in written else written) + letter
    return _signed(Fraction(math.trunc(exact)), 0)


def whole(number: Fraction | float) -> str:
    """A count in full, thousands apart.

    >>> whole(4_320_000)
    '4,320,000'
    """
    return f"{math.trunc(Fraction(number)):,}".replace("-", "−")


def milliseconds(value: float | None) -> str:
    """A latency with three significant digits, cut up: a longer time flatters less.

    >>> milliseconds(20.431), milliseconds(4.0512), milliseconds(None)
    ('20.5 ms', '4.06 ms', 'no data')
    """
    if value is None:
        return "no data"
    digits = 1 if value >= 10 else 2
    return f"{math.ceil(round(value * 10**digits, 6)) / 10**digits:.{digits}f} ms"


def rate(value: Fraction | float | None) -> str:
    """A burn rate, cut up to one digit below 10 and to whole numbers above 100.

    >>> rate(Fraction(72, 5)), rate(0.0312), rate(1000), rate(None)
    ('14.4', '0.1', '1,000', 'unknown')
    """
    if value is None:
        return "unknown"
    exact = Fraction(value)
    if exact >= 100:
        return f"{math.ceil(exact):,}"
    return f"{math.ceil(exact * 10) / 10:.1f}"


def duration(length: timedelta) -> str:
    """A length of time in its largest fitting unit, cut down.

    >>> duration(timedelta(hours=74)), duration(timedelta(minutes=90)), duration(timedelta(seconds=59))
    ('3 days', '90 minutes', 'less than a minute')
    """
    minutes = length // timedelta(minutes=1)
    if minutes < 1:
        return "less than a minute"
    for size, unit, least in ((1440, "day", 2), (60, "hour", 2), (1, "minute", 1)):
        if minutes >= size * least:
            number = minutes // size
            return f"{number} {unit}" + ("" if number == 1 else "s")
    return f"{minutes} minutes"


def day(moment: datetime) -> str:
    """A day of the year.

    >>> day(datetime(2026, 6, 1, tzinfo=UTC))
    '1 June'
    """
    return f"{moment.day} {moment:%B}"


def clock(moment: datetime, as_of: datetime | None = None) -> str:
    """A time in UTC; the day is left out where it is as-of's.

    >>> clock(datetime(2026, 6, 1, 3, 12, tzinfo=UTC))
    '1 Jun 2026 03:12 UTC'
    >>> clock(datetime(2026, 6, 1, 3, 12, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC))
    '03:12 UTC'
    """
    utc = moment.astimezone(UTC)
    if as_of is not None and as_of.astimezone(UTC).date() == utc.date():
        return f"{utc:%H:%M} UTC"
    return f"{utc.day} {utc:%b %Y %H:%M} UTC"


def listing(parts: list[str]) -> str:
    """Parts as a sentence lists them.

    >>> listing(["one", "two", "three"])
    'one, two and three'
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_word(number: int) -> str:
    """Small numbers as words.

    >>> number_word(3), number_word(12)
    ('three', '12')
    """
    return _SMALL[number] if 0 <= number < len(_SMALL) else str(number)


def _signed(exact: Fraction, digits: int) -> str:
    return f"{float(exact):.{digits}f}".replace("-", "−")
