"""Names that were typed without capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from core.text.anonymiser.agreement import is_animate, is_full_lower_name, is_only_given
from core.text.anonymiser.cues import Cues
from core.text.anonymiser.hit import NAMED, Hit
from core.text.anonymiser.reading import Reading
from core.text.anonymiser.words import (
    GIVEN,
    ORDINARY,
    PATRONYMIC,
    SURNAME,
    UNKNOWN,
    names,
    word,
)

_SMALL = "а-яёіїєґa-z"
_INTRODUCED = re.compile(
    rf"(?P<by>зовут|мо[её] имя|это|с уважением,?|my name is|i am|i'm|this is)\s"
    rf"([{_SMALL}]{{3,20}}(?:-[{_SMALL}]{{3,20}})?)(?: ([{_SMALL}]{{3,20}}))?(?!\w)"
)
_PATRONYMIC = re.compile("вич|вн|ичн|ьич")
_SURE = ("зовут", "имя", "name is", "уважением")
_WITH_PATRONYMIC = re.compile(
    r"(?<![\w-])(?:([а-яё]{3,20}) )?([а-яё]{3,20}) "
    r"([а-яё]{2,20}(?:[оеё]вич|[оеё]вн|иничн|ичн|ильич|ьич)[а-яё]{0,3})(?!\w)(?: ([а-яё]{3,20}))?"
)
_WORD = re.compile(r"[а-яё](?<![\w@./\-].)[а-яё]{2,12}(?![\w@\-])")
_LETTERS = re.compile("[а-яёa-z]{3,13}")
#: English names in small letters need a word before them.
_CUE = re.compile(
    r"(?<![\w@./\-])(?:tell|told|ask|asked|hi|hey|hello|dear|thanks|thx|cheers|love|with|call|called"
    r"|text|email|met|saw|remind|give|is|and|if|when|from|for),? ([a-z]{3,12})(?![\w@./\-]\w|-)"
)
_JOINED_BEHIND = re.compile(r"(?:, | и | с |/)([а-яё]{3,12})(?![\w-])")
_JOINED_BEFORE = re.compile(r"(?<![\w-])([а-яё]{3,12})(?:, | и | с |/)$")
#: A word that ends like a surname.
_LIKE_A_SURNAME = re.compile(
    r"[^\w-]([а-яё]{2,20}(?:[оеё]в|[иы]н|[сц]к)(?:а|у|е|ой|ым|ого|ому|ий|ая|ую)?)(?![\w-])"
)
_BEHIND = re.compile(r" ([а-яё]{3,20})(?![\w-])")
_BEFORE = re.compile(r"(?:^|[^\w-])([а-яё]{3,20}) $")


def find(read: Reading) -> Iterator[Hit]:
    """Names behind "my name is" and around a patronymic, in small letters too."""
    low = read.low
    for found in _INTRODUCED.finditer(low):
        if low[found.start() - 1 : found.start()].isalnum():
            continue
        first = word(found[2])
        is_name = first.roles & GIVEN and not first.roles & ORDINARY
        believed = found["by"].endswith(_SURE) or is_only_given(found[2])
        if not is_name and not (first.roles & GIVEN and believed):
            continue
        both = found[3] and (word(found[3]).roles & (SURNAME | UNKNOWN) or is_animate(found[3]))
        yield _hit(low, found.start(2), found.end(3) if both else found.end(2))
    for found in _WITH_PATRONYMIC.finditer(low) if _PATRONYMIC.search(low) else ():
        if word(found[2]).roles & GIVEN and word(found[3]).roles & PATRONYMIC:
            start = found.start(1) if found[1] and _is_surname(found[1]) else found.start(2)
            end = found.end(4) if found[4] and _is_surname(found[4]) else found.end(3)
            yield _hit(low, start, end)
    shifted = "\n" + low
    for found in chain.from_iterable(
        _LIKE_A_SURNAME.finditer(shifted, first, last + 1) for first, last in read.ranges
    ):
        if _is_surname(found[1]):
            yield from _beside(low, found.start(), found.end() - 1)
    yield from _known(read)


def _known(read: Reading) -> Iterator[Hit]:
    """Given names that are nothing else, and those that stand with one: "света и дима"."""
    low, text = read.low, read.text
    known = names("given_small")
    if known.isdisjoint(_LETTERS.findall(text)):
        return  # in most letters, at a tenth of what it takes to look closer
    for cue in _CUE.finditer(low):
        if cue[1] in known and text[cue.start(1)] == cue[1][0]:
            yield _hit(low, *cue.span(1))
    for found in chain.from_iterable(_WORD.finditer(low, *within) for within in read.ranges):
        start, end = found.span()
        if found[0] not in known or text[start] != low[start] or Cues(low, start).is_place:
            continue
        yield _hit(low, start, end)
        other = _JOINED_BEHIND.match(low, end)
        if other and word(other[1]).roles & GIVEN:
            yield _hit(low, *other.span(1))
        ahead = low[max(0, start - 24) : start]
        before = _JOINED_BEFORE.search(ahead)
        if before and word(before[1]).roles & GIVEN:
            begin = start - len(ahead) + before.start(1)
            yield _hit(low, begin, begin + len(before[1]))


def _beside(low: str, start: int, end: int) -> Iterator[Hit]:
    """A surname with the given name behind or before it."""
    behind = _BEHIND.match(low, end)
    if behind and is_full_lower_name(low[start:end], behind[1]):
        yield _hit(low, start, behind.end())
        return
    before = _BEFORE.search(low[max(0, start - 22) : start])
    if before and is_full_lower_name(before[1], low[start:end]):
        yield _hit(low, start - len(before[1]) - 1, end)


def _is_surname(low: str) -> bool:
    roles = word(low).roles
    return bool(roles & SURNAME) and not roles & ORDINARY


def _hit(low: str, start: int, end: int) -> Hit:
    lemmas = "|".join(word(part).lemma for part in low[start:end].split(" "))
    return Hit(start, end, "PERSON", lemmas, NAMED)
