"""Names that are ordinary words: in lists of people, and behind what people are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.text.anonymiser.agreement import agree, can_be_surname, is_title
from core.text.anonymiser.cues import Cues
from core.text.anonymiser.hit import GUESSED, Hit
from core.text.anonymiser.reading import Reading
from core.text.anonymiser.runs import Token
from core.text.anonymiser.words import GIVEN, PLACE, SURNAME

_JOINS = (", ", "; ", " и ", " and ", " & ", "/")
#: Behind the last of a list.
_ENDS = re.compile(r"\s*(?:[.,;:!?)\n/]|$)| (?:и|and|&) ")
_TITLE = re.compile(r"(?:^|[^\w-])([а-яё]{3,20}) $")
#: The most words of one entry.
_LONGEST = 3


def listed(read: Reading, left: list[Token], begins: set[int], ends: set[int]) -> Iterator[Hit]:
    """People among the words that are left over, next to somebody or behind a title.

    `begins` and `ends` are where people are named; those that are found are added to them.
    """
    low = read.low
    entries = list(_entries(low, left))
    for entry in entries:
        if entry[0].cyrillic and _is_titled(low, entry) and _can_be_person(low, entry):
            yield _found(entry, begins, ends)
    if not begins:
        return
    for ordered in (entries, entries[::-1]):  # to the right and to the left
        for entry in ordered:
            start, end = entry[0].start, entry[-1].end
            if (
                start not in begins
                and _is_next_to(low, start, end, begins, ends)
                and (not entry[0].cyrillic or _ENDS.match(low, end))
                and _can_be_person(low, entry)
            ):
                yield _found(entry, begins, ends)


def _found(entry: list[Token], begins: set[int], ends: set[int]) -> Hit:
    start, end = entry[0].start, entry[-1].end
    begins.add(start)
    ends.add(end)
    return Hit(start, end, "PERSON", "|".join(token.word.lemma for token in entry), GUESSED)


def _is_titled(low: str, entry: list[Token]) -> bool:
    """Whether a title in the same case stands before: "директор Дуб", not "директор Банка"."""
    start, end = entry[0].start, entry[0].end
    if low[start - 1 : start] != " ":
        return False
    title = _TITLE.search(low[max(0, start - 24) : start])
    return title is not None and is_title(title[1]) and agree(title[1], low[start:end])


def _entries(low: str, left: list[Token]) -> Iterator[list[Token]]:
    """Words that are left over, those together that stand side by side."""
    entry: list[Token] = []
    for token in left:
        title = token.cyrillic and is_title(low[token.start : token.end])
        if entry and (title or low[entry[-1].end : token.start] != " "):
            yield entry
            entry = []
        if not title:
            entry.append(token)
    if entry:
        yield entry


def _can_be_person(low: str, entry: list[Token]) -> bool:
    first = entry[0]
    if len(entry) > _LONGEST or any(token.initial or token.capitals for token in entry):
        return False
    if not first.cyrillic:
        return len(entry) == 1 and first.can_be(GIVEN)
    if any(
        (token.can_be(PLACE) and not token.can_be(SURNAME)) or not token.cyrillic for token in entry
    ):
        return False
    cues = Cues(low, first.start)
    if cues.starts_sentence and not cues.follows_colon:
        return len(entry) == 1 and first.can_be(GIVEN)
    return all(can_be_surname(low[token.start : token.end]) for token in entry)


def _is_next_to(low: str, start: int, end: int, begins: set[int], ends: set[int]) -> bool:
    if low.startswith(_JOINS, end) and any(
        low.startswith(join, end) and end + len(join) in begins for join in _JOINS
    ):
        return True
    return low.endswith(_JOINS, 0, start) and any(
        low.endswith(join, 0, start) and start - len(join) in ends for join in _JOINS
    )
