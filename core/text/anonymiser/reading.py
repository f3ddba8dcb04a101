"""A letter as the rules read it: one form of every sign, with the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

#: The kinds of details; every placeholder names one.
KINDS = (
    *("PERSON", "EMAIL", "PHONE", "CARD", "INN", "SNILS", "OGRN", "PASSPORT", "OMS", "IBAN"),
    *("ACCOUNT", "ADDRESS", "PLATE", "IP", "URL", "BIRTHDATE", "HANDLE", "ID"),
)
#: A placeholder that an earlier run, or another anonymiser of this form, left in the text.
PLACEHOLDER = re.compile(rf"\[({'|'.join(KINDS)})_(\d{{1,9}})\]")
#: Stands for a placeholder in the text that rules read, so that its digits and its length are no
#: context. A private-use sign: real text that contains it is read as if it were a space.
MASK = "\ue000"

_AS_THEY_ARE = "\n\t\r -~А-яЁёІіЇїЄєҐґ«»№…"
_UNUSUAL = re.compile(rf"[^{_AS_THEY_ARE}]+|%40|[^\W\d_]?[\u0300-\u036f]+")
_ANY_UNUSUAL = re.compile(rf"[^{_AS_THEY_ARE}]")
_SAME_LENGTH = {
    **dict.fromkeys(map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"), " "),
    **dict.fromkeys(map(ord, "\u2008\u2009\u200a\u202f\u205f\u3000\u2028\u2029\x0b\x0c\x85"), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "’‘ʼ´`′"), "'"),
    **dict.fromkeys(map(ord, "“”„"), '"'),
    ord("·"): ".",
    ord("∙"): ".",
    ord(MASK): " ",
    ord("İ"): "I",
}
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_IS_LATIN = re.compile("[A-Za-z]")
_TWO_SCRIPTS = re.compile("[А-Яа-яЁё](?:(?<=[A-Za-z].)|(?=[A-Za-z]))")
_LETTERS = re.compile("[A-Za-zА-Яа-яЁё]+")
_LATIN, _CYRILLIC = "ABCEHKMOPTXYaceopxyk", "АВСЕНКМОРТХУасеорхук"
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)


class Reading:
    r"""A text in one form of every sign.

    NFKC sign by sign (full-width digits become digits; the numero sign stays, since NFKC would make
    it two letters), dashes and spaces of all kinds become "-" and " ", signs without a width go,
    "%40" becomes "@", accents join their letters, a word in two alphabets is read in one
    (homoglyphs), and a placeholder becomes `MASK`.

    Attributes:
        text: what the rules read.
        low: the same in lower case, of the same length.
        stretches: where digits are: start, end and how many, with `MARGIN` signs on each side.
        ranges: where names are looked for; all of the text, unless narrowed.

    >>> read = Reading("№ １２\u200b3")
    >>> read.text, read.original(2, 5)
    ('№ 123', (2, 6))
    """

    __slots__ = ("_from", "_to", "low", "ranges", "stretches", "text")

    def __init__(self, original: str) -> None:
        self._from: list[int] = []  # where a changed piece begins in the original, ...
        self._to: list[tuple[int, int, int]] = []  # ... in the text, its end there and over there
        text = original
        if _ANY_UNUSUAL.search(text) or "%40" in text or ("_" in text and PLACEHOLDER.search(text)):
            text = self._one_form(original)
        if _IS_LATIN.search(text) and _TWO_SCRIPTS.search(text):
            text = _LETTERS.sub(_one_script, text)
        self.text = text
        low = text.lower()
        self.low = low if len(low) == len(text) else "".join(_lower(sign) for sign in text)
        self.stretches = _stretches(text)
        self.ranges = [(0, len(text))]

    def narrow(self) -> None:
        """Keep, of what is to be read, the lines and the digits that a placeholder is near to.

        What a rule makes of a place depends on at most `REACH` signs around it and, for names, on
        its line. So what was read before can come out otherwise only near what was masked since.
        """
        ranges: list[tuple[int, int]] = []
        masks: list[int] = []
        place = self.text.find(MASK)
        while place >= 0:
            masks.append(place)
            start = self.text.rfind("\n", 0, max(0, place - REACH)) + 1
            end = self.text.find("\n", place + REACH)
            end = len(self.text) if end < 0 else end
            if ranges and start <= ranges[-1][1]:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((start, end))
            place = self.text.find(MASK, place + 1)
        self.ranges = ranges
        kept = []
        for stretch in self.stretches:
            after = bisect_right(masks, stretch[0] - 2 * REACH)
            if after < len(masks) and masks[after] < stretch[1] + REACH:
                kept.append(stretch)
        self.stretches = kept

    def near_digits(
        self, pattern: re.Pattern[str], text: str, digits: int
    ) -> Iterator[re.Match[str]]:
        """Where a pattern is found around so many digits, in `text` or `low`.

        For patterns whose digits are at most `GAP` signs apart and that reach at most `MARGIN`
        signs beyond them: most of a letter need not be read.
        """
        for start, end, size in self.stretches:
            if size >= digits:
                yield from pattern.finditer(text, start, end)

    def ranges_before_digits(self, reach: int) -> list[tuple[int, int]]:
        """Where digits are and so many signs before them; ranges do not overlap."""
        ranges: list[tuple[int, int]] = []
        for start, end, _ in self.stretches:
            if ranges and start - reach <= ranges[-1][1]:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((max(0, start - reach), end))
        return ranges

    def has_near_digits(self, pattern: re.Pattern[str], text: str, digits: int) -> bool:
        """Whether `near_digits` finds anything."""
        return any(
            size >= digits and pattern.search(text, start, end)
            for start, end, size in self.stretches
        )

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original that a range of the text came from."""
        return self._back(start, at_end=False), self._back(end, at_end=True)

    def _one_form(self, original: str) -> str:
        pieces: list[str] = []
        done = size = 0
        for found in _EITHER.finditer(original):
            start, end = found.span()
            new = MASK if found[0][0] == "[" else _normal(found[0])
            pieces += (original[done:start], new)
            size += start - done
            done = end
            if len(new) != end - start:
                self._from.append(size)
                self._to.append((start, size + len(new), end))
            size += len(new)
        pieces.append(original[done:])
        return "".join(pieces)

    def _back(self, place: int, *, at_end: bool) -> int:
        # An end at the beginning of a changed piece belongs to what is before that piece.
        index = bisect_right(self._from, place - at_end) - 1
        if index < 0:
            return place
        start, new_end, end = self._to[index]
        if place >= new_end:
            return place - new_end + end
        return end if at_end else start


def _stretches(text: str) -> list[tuple[int, int, int]]:
    stretches: list[tuple[int, int, int]] = []
    start = last = size = 0
    for found in _DIGITS.finditer(text):
        here, there = found.span()
        if size and here - last > GAP:
            stretches.append((max(0, start - MARGIN), last + MARGIN, size))
            size = 0
        if not size:
            start = here
        last = there
        size += there - here
    if size:
        stretches.append((max(0, start - MARGIN), last + MARGIN, size))
    return stretches


#: Digits with more signs than this between them are of two stretches, which do not overlap.
GAP = 25
MARGIN = 12
#: How far from a name its cues are; those of a number may be twice as far before it.
REACH = 48
_DIGITS = re.compile(r"\d+")
_EITHER = re.compile(f"{PLACEHOLDER.pattern}|{_UNUSUAL.pattern}")


def _normal(piece: str) -> str:
    if piece == "%40":
        return "@"
    piece = unicodedata.normalize("NFKC", piece.translate(_SAME_LENGTH)).translate(_SAME_LENGTH)
    if not piece.isascii():
        piece = _ACCENTS.sub("", piece)
        piece = "".join(sign for sign in piece if unicodedata.category(sign) not in _NO_WIDTH)
    return piece


_NO_WIDTH = {"Cf", "Cc", "Mn"}


def _one_script(found: re.Match[str]) -> str:
    word = found[0]
    latin = sum(sign.isascii() for sign in word)
    if latin in (0, len(word)):
        return word
    to = _TO_LATIN if 2 * latin > len(word) else _TO_CYRILLIC
    other = word.translate(to)
    return other if other.isascii() or not _LATIN_LETTER.search(other) else word


_LATIN_LETTER = re.compile("[A-Za-z]")


def _lower(sign: str) -> str:
    low = sign.lower()
    return low if len(low) == 1 else sign
