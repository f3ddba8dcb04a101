"""Numbers as people type them, read exactly; what could mean two things is refused."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from core.status import Operator

SHARE = "share"
#: More digits than a float holds are a slip of the keyboard: JSON and charts carry floats.
MOST_DIGITS = 15
_SCALES = {
    "k": 3,
    "K": 3,
    "M": 6,
    "B": 9,
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "тыс": 3,
    "млн": 6,
    "млрд": 9,
}
#: A letter stands at the number; a word may stand apart.
_NUMBER = re.compile(
    r"(?P<digits>[-+]?[0-9][0-9., ]*)\s*"
    r"(?P<scale>(?:k|K|M|B|thousand|million|billion|тыс\.?|млн\.?|млрд\.?)(?![^\W\d_]))?"
    r"\s*(?P<rest>.*)",
    re.DOTALL,
)
_PLAIN = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_GROUPS = re.compile(r"[-+]?[0-9]{1,3}(?P<sign>[, ])[0-9]{3}(?:(?P=sign)[0-9]{3})*(?:\.[0-9]+)?")
_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")
#: Other ways to write a unit.
_UNITS = {
    "letters/min": "letters a minute",
    "letters per minute": "letters a minute",
    "a minute": "letters a minute",
    "rpm": "letters a minute",
    "letters/day": "letters a day",
    "letters per day": "letters a day",
    "a day": "letters a day",
    "мс": "ms",
    "писем": "letters",
    "писем в минуту": "letters a minute",
    "писем в день": "letters a day",
    "milliseconds": "ms",
}


class Read(NamedTuple):
    """What was understood, or why nothing was.

    Attributes:
        value: None where it was refused.
        refused: a sentence; '' where it was read.
    """

    value: Decimal | None
    refused: str = ""


def read_number(typed: str, unit: str, example: str, *, signed: bool = False) -> Read:
    """Read a number of a unit.

    Args:
        typed: such as '99 %', '0.99', '20 ms', '1M', '1.5 billion letters a day'.
        unit: 'share', or the words that may follow the number; '' takes a bare number.
        example: what is said where something else was meant.
        signed: whether it may be below zero.

    >>> read_number("99.99 %", "share", "99 %").value
    Decimal('0.9999')
    >>> read_number("1M", "letters a minute", "1M").value
    Decimal('1000000')
    >>> read_number("99", "share", "99 %").refused
    'A share needs a sign: is 99 meant as 99 %? Write 99 %, or 0.99.'
    """
    text = re.sub(r"[\u00a0\u202f\u2009]", " ", typed).replace("\u2212", "-").strip()
    wanted = f"Write a number such as {example}."
    match = _NUMBER.fullmatch(text)
    if match is None:
        return Read(None, wanted)
    written, scale = match["digits"].strip(), (match["scale"] or "").rstrip(".")
    rest = " ".join(match["rest"].split())
    digits = _digits(written, decimal_comma=unit == SHARE or bool(scale))
    if isinstance(digits, str):
        return Read(None, digits)
    if len(digits.normalize().as_tuple().digits) > MOST_DIGITS:
        return Read(None, f"Has more than {MOST_DIGITS} digits.")
    if unit == SHARE:
        found = _share(digits, written, scale, rest, example, signed=signed)
    else:
        said = _UNITS.get(rest, rest)
        if said and said != unit:
            what = f"in {unit}" if unit else "as a bare number"
            return Read(None, f"It is measured {what}, not in {rest[:40]!r}. {wanted}")
        found = Read(digits.scaleb(_SCALES.get(scale, 0)))
    if found.value is not None and found.value < 0 and not signed:
        return Read(None, "Must not be below zero.")
    return found if found.value is None else Read(_plain(found.value))


def number_words(value: Decimal, unit: str) -> str:
    """A number in full, as it was understood.

    >>> number_words(Decimal("0.9999"), "share"), number_words(Decimal("-0.05"), "share")
    ('99.99 %', '−5 %')
    >>> number_words(Decimal(1_000_000), "letters a minute")
    '1,000,000 letters a minute'
    """
    scaled = value * 100 if unit == SHARE else value
    said = f"{_plain(scaled):,f}".replace("-", "−")
    after = "%" if unit == SHARE else unit
    return f"{said} {after}".strip()


def limit_words(operator: Operator, value: Decimal, unit: str) -> str:
    """A limit in words, its number in full.

    >>> limit_words(Operator.AT_MOST, Decimal(20), "ms")
    'at most 20 ms'
    """
    word = "at least" if operator is Operator.AT_LEAST else "at most"
    return f"{word} {number_words(value, unit)}"


def typed_words(value: Decimal, unit: str) -> str:
    """A number as a field of a form begins with it: `read_number` reads it back.

    >>> typed_words(Decimal("-0.05"), "share"), typed_words(Decimal(2_000_000), "letters")
    ('-5 %', '2000000')
    """
    if unit == SHARE:
        return f"{_plain(value * 100):f} %"
    return f"{_plain(value):f}"


def _digits(written: str, *, decimal_comma: bool) -> Decimal | str:
    """The number, or why it is in doubt."""
    groups = _GROUPS.fullmatch(written)
    commas = written.count(",")
    if _PLAIN.fullmatch(written) or (groups is not None and groups["sign"] == " "):
        return Decimal(written.replace(" ", ""))
    if groups is None and _COMMA.fullmatch(written):
        return Decimal(written.replace(",", "."))
    if groups is None:
        return f"{written[:40]} is no number: write it as 1000000, 1 000 000, or with a point."
    whole = written.replace(",", "")
    if decimal_comma or (commas == 1 and "." not in written):
        return f"In doubt: is {written} meant as {whole} or as {written.replace(',', '.')}?"
    return Decimal(whole)


def _share(
    digits: Decimal, written: str, scale: str, rest: str, example: str, *, signed: bool
) -> Read:
    if scale or rest not in {"", "%"}:
        said = f"{scale}{rest}"[:40]
        return Read(None, f"It is a share of one, not in {said!r}. Write it as {example}.")
    if rest == "%":
        value = digits / 100
    elif abs(digits) >= 1:
        in_percent = _plain(digits / 100)
        return Read(
            None,
            f"A share needs a sign: is {written} meant as {written} %? "
            f"Write {written} %, or {in_percent:f}.",
        )
    else:
        value = digits
    least = -1 if signed else 0
    if not least <= value <= 1:
        return Read(None, f"A share lies between {least * 100} % and 100 %.")
    return Read(value)


def _plain(value: Decimal) -> Decimal:
    """The same number without zeros at its end, and without an exponent."""
    stripped = value.normalize()
    return stripped.quantize(Decimal(1)) if stripped == stripped.to_integral_value() else stripped
