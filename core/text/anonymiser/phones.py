"""Telephone numbers, in the writings of many countries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from core.text.anonymiser.context import before, digits_of, is_amount, is_business, said
from core.text.anonymiser.hit import CHECKED, PATTERN, SAID, Hit
from core.text.anonymiser.reading import Reading

_BETWEEN = r"(?!\. )[ \-.()/]{0,3}"  # "at 7.45. 07700 900128": two numbers
_RUSSIAN = re.compile(
    r"[+78](?<![\w+*].)(?<!\d[.,\-].)(?:(?<=[78])|(?<=\+) ?7)(?:[ \-.()]{0,3}\d){10}(?!\w|[.,]\d)"
)
_ABROAD = re.compile(r"[+0](?<![\w+].)(?:(?<=\+)|0)[ (]{0,2}\d(?:[ \-.()/]{0,3}\d){6,14}(?!\w)")
_NATIONAL = re.compile(
    rf"[(\d](?<![\w+*].)(?<!\d[.,/-].)(?:(?<=\d)|\d)(?:{_BETWEEN}\d){{4,11}}(?!\w|[.,/-]?\d)"
)
_EXTENSION = re.compile(
    r"\s?[,;(]?\s?(?:доб(?:авочный|ав)?\.?|вн(?:утр)?\.?|внутренний|ext\.?|extension"
    r"|x)\s?[:.№]?\s?\d{1,6}\)?(?!\d)"
)
_SAID = said(
    r"тел(?:ефон\w*)?|т\.|моб(?:ильн\w*)?|сот(?:ов\w*)?|звон\w*|по?звон\w*|перезвон\w*|набер\w*"
    r"|набира\w*|whats ?app|ватсап\w*"
    r"|вотсап\w*|вацап\w*|viber|вайбер\w*|telegram|телеграм\w*|номер\w*|phone\w*|telephone"
    r"|call\w*|tel|mob|mobile|cell\w*|fax|факс\w*"
    r"|(?:my|his|her) number|contact\w*|контакт\w*|sms|смс\w*|text|dial|reach|ring|ph"
    r"|кому звонить|связ\w+|handy|rufnummer",
    20,
)
_PHONE_WORD = said(
    r"тел(?:ефон\w*)?|т\.|моб(?:ильн\w*)?|сот(?:ов\w*)?|(?:пере|по)?звон\w*|набер\w*"
    r"|(?:my|his|her) number"
    r"|whats ?app|ватсап\w*|вотсап\w*|viber|вайбер\w*"
    r"|phone|telephone|call|tel|mobile|cell|fax|факс|домашн\w+|рабоч\w+|городск\w+",
    16,
)
_SIX = re.compile(r"\d\d-\d\d-\d\d")
_LOCAL_FORM = re.compile(r"\d{1,3}[- ]\d{2}[- ]\d{2}|\d{3}[- ]\d{4}")
_NO_PREFIX = re.compile(r"\(?\d{3,5}\)?[ \-]{1,2}\d{1,3}[ \-]?\d{2}[ \-]?\d{2}")
_AMERICAN = re.compile(r"(?:1[ \-.])?(?:\(\d{3}\) ?|\d{3}[\-.])\d{3}[ \-.]\d{4}")
_BRITISH = re.compile(
    r"\(?0\d{2,4}\)?[ \-]\d{3,4}[ \-]?\d{3,4}|07\d{3} ?\d{3} ?\d{3}|\(0\d\) \d{4} \d{4}"
    r"|0\d{2} \d{3} \d{2} \d{2}"
)
#: What Ofcom keeps for films and examples: nobody's, but written as one's own.
_BRITISH_EXAMPLE = re.compile(r"07700900\d{3}|0(?:1\d{3}|1632)960\d{3}|01\d{3}4960\d{2,3}")
#: Tried for a number without a country, in this order, when words say that it is a telephone's.
_REGIONS = ("RU", "US", "GB", "DE", "FR", "UA", "KZ", "BY", "IT", "ES", "TR", "IN")


def find(read: Reading) -> Iterator[Hit]:
    """Telephone numbers with their extensions."""
    text, low = read.text, read.low
    for found in read.near_digits(_RUSSIAN, text, 11):
        yield from _extended(low, _russian(low, *found.span()))
    for found in read.near_digits(_ABROAD, text, 7):
        yield from _extended(low, _abroad(low, *found.span()))
    for found in read.near_digits(_NATIONAL, text, 5):
        yield from _extended(low, _national(low, *found.span()))


def _extended(low: str, hit: Hit | None) -> Iterator[Hit]:
    if hit is not None:
        more = _EXTENSION.match(low, hit.end)
        yield hit if more is None else hit._replace(end=more.end())


def _russian(low: str, start: int, end: int) -> Hit | None:
    piece = low[start:end]
    number = digits_of(piece)[1:]
    if is_amount(low, start, end) or not is_valid("+7" + number):
        return None
    ahead = before(low, start)
    if piece.isdigit() and not _PHONE_WORD.search(ahead):
        # Eleven digits in a row: a mobile number, unless words say that they count something else.
        if is_business(low, start):
            return None
        if number[0] != "9" and number[:3] != "800" and not _SAID.search(ahead):
            return None
    return Hit(start, end, "PHONE", "+7" + number, CHECKED)


def _abroad(low: str, start: int, end: int) -> Hit | None:
    """The longest beginning, by groups of digits, that is a number of its country."""
    piece = low[start:end]
    if piece[0] != "+" and not _SAID.search(before(low, start)) and is_business(low, start):
        return None
    ends = [place + 1 for place in range(len(piece)) if _ends_group(piece, place)]
    for last in reversed(ends):
        sign = digits_of(_TRUNK.sub("", piece[:last])).removeprefix("" if piece[0] == "+" else "00")
        if is_valid("+" + sign) and not is_amount(low, start, start + last):
            return Hit(start, start + last, "PHONE", "+" + sign, CHECKED)
    sign = digits_of(piece)
    if piece[0] == "+" and 10 <= len(sign) <= 15 and not is_amount(low, start, end):
        return Hit(start, end, "PHONE", "+" + sign, PATTERN)
    return None


#: The zero that is dialled inside a country only: "+44 (0)20".
_TRUNK = re.compile(r"\(0\)")


def _ends_group(piece: str, place: int) -> bool:
    return piece[place].isdigit() and (place + 1 == len(piece) or not piece[place + 1].isdigit())


def _national(low: str, start: int, end: int) -> Hit | None:
    """A number without a country: by the words before it, or by its form."""
    piece = low[start:end]
    number = digits_of(piece)
    ahead = before(low, start)
    if is_amount(low, start, end) or (
        _DATE.fullmatch(piece) and not (_SIX.fullmatch(piece) and _PHONE_WORD.search(ahead))
    ):
        return None
    if len(number) <= 7:
        formed = _LOCAL_FORM.fullmatch(piece) or (piece.isdigit() and len(number) > 5)
        local = formed and _PHONE_WORD.search(ahead)
        return Hit(start, end, "PHONE", number, SAID) if local else None
    if is_business(low, start):
        return None
    if len(number) >= 9 and _SAID.search(ahead) and _is_somewhere(number, ahead):
        return Hit(start, end, "PHONE", _key(number), SAID)
    return Hit(start, end, "PHONE", _key(number), PATTERN) if _has_form(piece, number) else None


def _is_somewhere(number: str, ahead: str) -> bool:
    """Whether a number is one of a country; behind "tel." ten to twelve digits are believed."""
    if len(number) in (10, 11, 12) and _PHONE_WORD.search(ahead):
        return True
    return any(is_valid(number, region) for region in _REGIONS)


def _has_form(piece: str, number: str) -> bool:
    if _AMERICAN.fullmatch(piece) and is_valid(number, "US"):
        return True
    if _NO_PREFIX.fullmatch(piece) and len(number) == 10 and piece[0] in "(9" and "-" in piece:
        return is_valid(number, "RU")
    if _BRITISH_EXAMPLE.fullmatch(number):
        return "-" in piece or " " in piece
    regions = ("GB", "UA", "FR", "AU") if _BRITISH.fullmatch(piece) else ()
    return any(is_valid(number, region) for region in regions)


_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}(?: \d\d)?")


def _key(number: str) -> str:
    """The number as it is after its country; a Russian one with the country."""
    return "+7" + number if len(number) == 10 and number[0] == "9" else number


@lru_cache(maxsize=20_000)
def is_valid(number: str, region: str | None = None) -> bool:
    """Whether a number's digits are in a range that its country hands out."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_valid_number(parsed))
