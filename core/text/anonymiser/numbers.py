"""Numbers of people: cards, taxpayers, insurance, passports, accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.text.anonymiser import checks
from core.text.anonymiser.context import before, digits_of, is_amount, is_business, said
from core.text.anonymiser.hit import CHECKED, PATTERN, SAID, Hit
from core.text.anonymiser.reading import Reading

# A pattern that begins with a class of signs is looked for several times as fast as one that begins
# with a look behind, which is therefore written behind the first sign.
_LONG = re.compile(r"\d(?<![\w*].)(?:[ \-.]?\d){8,22}(?![\w*])")
_CARD_FORM = re.compile(r"\d{4}([ -])\d{4}\1\d{4}\1\d{4}")
_HIDDEN_CARD = re.compile(
    r"\d(?<![\w*•].)\d{3}(?:[ -]?\d{2})?[ -]?[*•xXхХ]{2,4}[ -]?(?:[*•xXхХ]{2,8}[ -]?){0,2}\d{4}"
    r"(?![\w*•])"
)
#: Networks by the first digits and the lengths that they issue (ISO/IEC 7812, the networks' lists).
_NETWORK = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|(?:6\d"
    r"|5[06-9])\d{14,17}"
    r"|35\d{14}|(?:8600|9860|9112)\d{12}"
)
_CARD = said("карт[аыуеой]{1,2}|карточк\\w+|card|visa|mastercard|maestro|мир|amex|pan")
_INN = said("инн|inn|tin|tax id", 16)
_SNILS = said("снилс\\w*|snils|страхово\\w+ (?:свидетельств\\w+|номер\\w*)", 20)
_OGRN = said("огрн(?:ип)?|ogrn(?:ip)?", 16)
_OMS = said("омс|енп|enp|oms")
_POLICY = said("полис\\w*")
_ACCOUNT = said(
    r"р/с|р/сч[её]т|расч\.? ?сч[её]т|л/с|лиц\.? ?сч[её]т|лицево\w+ сч[её]т\w*|сч[её]т\w*|сч\."
    r"|account|acct|a/c|acc"
)
_OWN_ACCOUNT = said(
    r"р/с|л/с|лиц\.? ?сч[её]т\w*|лицево\w+ сч[её]т\w*|account(?: no\.?| number)?|acct|a/c", 14
)
_SNILS_FORM = re.compile(r"\d{3}([ -])\d{3}\1\d{3}[ -]?\d{2}")
_BANK = re.compile(r"40[5-8]|42[0-6]|30[1-3]|47[0-9]|45[4-7]|40[1-4]")
#: Begins with the check digits, behind the country's two letters.
_IBAN = re.compile(
    r"\d\d(?<=(?<![^\W_])[A-Za-z]{2}\d\d)(?: ?[A-Za-z0-9]{2,4}){2,9}(?: [A-Za-z0-9])?(?![^\W_])"
)
_IBAN_SAID = said("iban", 16)
_SHORT_ACCOUNT = re.compile(
    r"(?:account(?: no\.?| number)?|acct|a/c|л/с|лицево\w+ сч[её]т\w*"
    r"|лиц\. ?сч[её]т\w*)[\s:#№.(-]{0,4}"
    r"(?:no\.?|number|номер|is)?[\s:#№.-]{0,4}(\d(?:[ -]?\d){5,15})(?![\w*])"
)

_ACCOUNT_STEMS = ("acc", "a/c", "л/с", "лиц")


def find(read: Reading) -> Iterator[Hit]:
    """Cards, INN, SNILS, OGRN, OMS, accounts, IBAN."""
    text, low = read.text, read.low
    for found in read.near_digits(_LONG, text, 9):
        yield from _classified(text, low, *found.span())
    for found in read.near_digits(_HIDDEN_CARD, text, 8):
        if any(sign in found[0] for sign in "*•") or _CARD.search(before(low, found.start())):
            yield Hit(*found.span(), "CARD", found[0][:4] + found[0][-4:], PATTERN)
    for found in read.near_digits(_IBAN, text, 5):
        yield from _iban(text, low, found.start() - 2, found.end())
    for found in (
        _SHORT_ACCOUNT.finditer(low) if any(stem in low for stem in _ACCOUNT_STEMS) else ()
    ):
        yield Hit(*found.span(1), "ACCOUNT", digits_of(found[1]), SAID)


def _classified(text: str, low: str, start: int, end: int) -> Iterator[Hit]:
    """A run of digits as what its words, its form or its check digits say; else its parts."""
    kind = _kind(text[start:end], low, start, end)
    if kind:
        yield Hit(start, end, kind[0], digits_of(text[start:end]), kind[1])
        return
    # A run may have swallowed a neighbour: "4111 1111 1111 1111 123", "7707083893 773601001".
    groups = [
        (start + part.start(), start + part.end()) for part in _GROUP.finditer(text[start:end])
    ]
    index = 0
    while index < len(groups):
        step = 1
        for last in range(min(len(groups), index + 7), index, -1):
            here, there = groups[index][0], groups[last - 1][1]
            if (here, there) == (start, end) or there - here < 10:
                continue
            kind = _kind(text[here:there], low, here, there)
            if kind:
                yield Hit(here, there, kind[0], digits_of(text[here:there]), kind[1])
                step = last - index
                break
        index += step


_GROUP = re.compile(r"\d+")


def _kind(piece: str, low: str, start: int, end: int) -> tuple[str, int] | None:
    digits = digits_of(piece)
    size = len(digits)
    ahead = before(low, start)
    plain = len(piece) == size
    if size in (10, 12) and _INN.search(ahead):
        return ("INN", SAID)
    if size == 11 and (_SNILS.search(ahead) or _is_snils(piece, low, start)):
        return ("SNILS", SAID)
    if size in (13, 15) and _OGRN.search(ahead):
        return ("OGRN", SAID)
    if (size in (9, 10, 16) and _OMS.search(ahead)) or (size == 16 and _POLICY.search(ahead)):
        return ("OMS", SAID)
    if size == 20 and (_ACCOUNT.search(ahead) or _is_bank_account(digits, low, start)):
        return ("ACCOUNT", SAID)
    return _by_check(piece, digits, low, start, end, plain=plain)


def _is_snils(piece: str, low: str, start: int) -> bool:
    return _SNILS_FORM.fullmatch(piece) is not None and not is_business(low, start)


def _is_bank_account(digits: str, low: str, start: int) -> bool:
    return _BANK.match(digits) is not None and not is_business(low, start)


def _by_check(
    piece: str, digits: str, low: str, start: int, end: int, *, plain: bool
) -> tuple[str, int] | None:
    size = len(digits)
    if 13 <= size <= 19 and _NETWORK.fullmatch(digits):
        ahead = before(low, start)
        as_printed = _CARD_FORM.fullmatch(piece) is not None
        if checks.luhn(digits) and (not is_business(low, start) or as_printed):
            return ("CARD", CHECKED)
        if _CARD.search(ahead) and (as_printed or plain):
            return ("CARD", SAID)
    if is_business(low, start) or is_amount(low, start, end) or not plain:
        return None
    if size == 12 and checks.inn(digits):
        return ("INN", CHECKED)
    if size == 11 and checks.snils(digits):
        return ("SNILS", PATTERN)
    return None


def _iban(text: str, low: str, start: int, end: int) -> Iterator[Hit]:
    """The longest beginning of a candidate that has an IBAN's check digits."""
    piece = text[start:end]
    ends = [place for place, sign in enumerate(piece) if sign == " "] + [len(piece)]
    for last in reversed(ends):
        sign = piece[:last].replace(" ", "").upper()
        if 15 <= len(sign) <= 34 and checks.iban(sign):
            yield Hit(start, start + last, "IBAN", sign, CHECKED)
            return
    if _IBAN_SAID.search(before(low, start)):
        digits = [at for at in ends if any(sign.isdigit() for sign in piece[:at].split(" ")[-1])]
        if digits and 15 <= len(piece[: digits[-1]].replace(" ", "")) <= 34:
            sign = piece[: digits[-1]].replace(" ", "").upper()
            yield Hit(start, start + digits[-1], "IBAN", sign, SAID)
