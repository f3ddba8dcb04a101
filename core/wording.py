"""Numbers and times as a reader meets them, cut toward the side that flatters less."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

_SCALES = ((10**3, "k"), (10**6, "M"), (10**9, "B"))
_SIZES = {"": 1} | {letter: size for size, letter in _SCALES}


def percent(share: Fraction | float, digits: int = 2, *, good: str = "high") -> str:
    """A share in percent, cut, never rounded: down where high is good, up where low is good.

    >>> percent(Fraction(999_895, 1_000_000))
    '99.98 %'
    >>> percent(Fraction(999_895, 1_000_000), 4)
    '99.9895 %'
    >>> percent(Fraction(-62, 1000), 1, good="low")
    '−6.2 %'
    """
    scaled = _exact(share) * 100 * 10**digits
    cut = math.floor(scaled) if good == "high" else math.ceil(scaled)
    return f"{_signed(Fraction(cut, 10**digits), digits)} %"


def count(number: Fraction | float, digits: int = 2, *, good: str = "high") -> str:
    """A count at the scale a person says it in: cut toward zero, or up where low is good.

    >>> count(43_199_999_999), count(1_999_999), count(950), count(10_000_000)
    ('43.19B', '1.99M', '950', '10M')
    >>> count(100_001, good="low"), count(999_999, good="low")
    ('100.01k', '1M')
    """
    exact = _exact(number)
    cut = math.trunc if good == "high" else math.ceil
    # From the smallest scale up: a number that is cut up may reach the next one.
    written, letter = Fraction(cut(exact)), ""
    for size, name in _SCALES:
        if abs(written) * _SIZES[letter] < size:
            break
        written, letter = Fraction(cut(exact / size * 10**digits), 10**digits), name
    if not letter:
        return _signed(written, 0)
    shown = _signed(written, digits)
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + letter


def about(number: Fraction | float) -> str:
    """How many are still needed, two digits of it, up: it is an estimate, and short is worse.

    >>> about(1_083), about(89), about(214_001)
    ('1,100', '89', '220,000')
    """
    exact = math.ceil(_exact(number))
    step = 10 ** max(len(str(abs(exact))) - 2, 0)
    return whole(-(-exact // step) * step)


def whole(number: Fraction | float) -> str:
    """A count in full, thousands apart.

    >>> whole(4_320_000)
    '4,320,000'
    """
    return f"{math.trunc(_exact(number)):,}".replace("-", "−")


def score(value: float) -> str:
    """A classifier's score, with as many digits as keep it apart from 0 and 1.

    >>> score(0.5), score(0.98901), score(0.999952), score(1.0)
    ('0.5', '0.989', '0.999952', '1')
    """
    margin = min(value, 1 - value)
    digits = 3 if margin <= 0 else max(3, 1 - math.floor(math.log10(margin)))
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def milliseconds(value: float | None) -> str:
    """A latency to a tenth of a millisecond, or a hundredth below 10 ms, cut up.

    A longer time flatters less.

    >>> milliseconds(20.431), milliseconds(4.0512), milliseconds(None)
    ('20.5 ms', '4.06 ms', 'no data')
    """
    if value is None:
        return "no data"
    digits = 1 if value >= 10 else 2
    return f"{_signed(Fraction(math.ceil(_exact(value) * 10**digits), 10**digits), digits)} ms"


def rate(value: Fraction | float | None) -> str:
    """A burn rate, cut up: to a tenth, and to whole numbers from 100 on.

    >>> rate(Fraction(72, 5)), rate(0.0312), rate(1000), rate(None)
    ('14.4', '0.1', '1,000', 'unknown')
    """
    if value is None:
        return "unknown"
    exact = _exact(value)
    if exact >= 100:
        return f"{math.ceil(exact):,}"
    return _signed(Fraction(math.ceil(exact * 10), 10), 1)


def duration(length: timedelta) -> str:
    """A length of time in its largest fitting unit, cut down.

    >>> duration(timedelta(hours=74)), duration(timedelta(minutes=90))
    ('3 days', '90 minutes')
    >>> duration(timedelta(seconds=59))
    'less than a minute'
    """
    minutes = length // timedelta(minutes=1)
    if minutes < 1:
        return "less than a minute"
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}s"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def day(moment: datetime) -> str:
    """A day of the year.

    >>> day(datetime(2026, 6, 1, tzinfo=UTC))
    '1 June'
    """
    return f"{moment.day} {moment:%B}"


def short_date(day: date) -> str:
    """A day with its year, as a cell or a label has room for it.

    >>> short_date(date(2026, 6, 1))
    '1 Jun 2026'
    """
    return f"{day.day} {day:%b %Y}"


def long_date(day: date) -> str:
    """A day with its year, as a sentence says it.

    >>> long_date(date(2026, 6, 1))
    '1 June 2026'
    """
    return f"{day.day} {day:%B %Y}"


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


def _exact(number: Fraction | float) -> Fraction:
    """The number as it is written: a float 0.07 is 7/100, not the 0.070000000000000007 it holds."""
    return Fraction(repr(float(number))) if isinstance(number, float) else Fraction(number)


def _signed(exact: Fraction, digits: int) -> str:
    return f"{float(exact):.{digits}f}".replace("-", "−")
