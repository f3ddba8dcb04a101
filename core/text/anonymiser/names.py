"""Names of people: runs of capitalised words, weighed by what the words are and by their cues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from core.text.anonymiser.cues import Cues
from core.text.anonymiser.hit import GUESSED, NAMED, Hit
from core.text.anonymiser.reading import Reading
from core.text.anonymiser.words import (
    GIVEN,
    NAME,
    ORDINARY,
    PATRONYMIC,
    PLACE,
    SURNAME,
    UNKNOWN,
    Word,
    word,
)

_CYRILLIC = "А-ЯЁІЇЄҐӘҒҚҢӨҰҮҺ"
_SMALL = "а-яёіїєґәғқңөұүһ"
_LATIN = "A-ZÀ-ÖØ-ÞĀ-Ž"
_TOKEN = re.compile(
    rf"[{_CYRILLIC}{_LATIN}](?<![\w@\ue000].)(?:(?P<initial>\.)"
    rf"|(?:(?<=[{_CYRILLIC}])[{_CYRILLIC}{_SMALL}']+"
    rf"(?:-[{_CYRILLIC}{_SMALL}][{_SMALL}{_CYRILLIC}]+){{0,2}}"
    rf"|(?<=[{_LATIN}])(?:'[{_LATIN}])?[A-Za-zÀ-ž]+(?:['\-][A-Za-zÀ-ž]+){{0,2}})(?![\w@]))"
)
_PARTICLE = re.compile(
    r" (?:van der |van den |van de |van |von der |von |de la |de los |de |del |della |di |da "
    r"|dos |du |la |le "
    r"|bin |ibn |al-|el-|ter |ten |ибн |аль-|фон |ван |де )",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"[ -](?:оглы|кызы|углы|заде|оглу|гызы|Jr\.?|Sr\.?|III|II)(?!\w)", re.IGNORECASE
)
#: Endings of Slavic, Georgian and Armenian surnames: enough for a surname that stands alone.
_SLAVIC = re.compile(r"(?:[oe]va?|sk(?:y|iy|aya|ii)|enko|chuk|shvili|dze|yan)$")
#: The most words of one name.
_LONGEST = 5


class _Token(NamedTuple):
    start: int
    end: int
    word: Word
    initial: bool
    capitals: bool
    cyrillic: bool

    @property
    def is_name(self) -> bool:
        return bool(self.word.roles & NAME)

    @property
    def is_sure(self) -> bool:
        """Whether it is a name and nothing else."""
        return self.is_name and not self.word.roles & ORDINARY

    def can_be(self, role: int) -> bool:
        return bool(self.word.roles & role)


def find(read: Reading) -> Iterator[Hit]:
    """Names of people; the key of a hit is its lemmas and initials, joined by "|"."""
    people: set[str] = set()
    begins: set[int] = set()
    left: list[_Token] = []
    for run in _runs(read):
        for part in _candidates(read.low, run, left):
            if _is_person(read.low, part, run):
                yield _person(read.text, part)
                begins.add(part[0].start)
                people.update(token.word.lemma for token in part if _recurs(token))
            else:
                left.extend(part)
    for token in left:
        if token.can_be(NAME | UNKNOWN) and _is_listed(read.low, token, begins):
            yield Hit(token.start, token.end, "PERSON", token.word.lemma, GUESSED)
        # Who was named in full is the same person where the surname stands alone.
        if token.word.lemma in people and not (
            token.can_be(ORDINARY) and Cues(read.low, token.start).starts_sentence
        ):
            yield Hit(token.start, token.end, "PERSON", token.word.lemma, GUESSED)


def _is_listed(low: str, token: _Token, begins: set[int]) -> bool:
    """Whether a word is the surname of "Smith, John" at the beginning of a line or an entry."""
    return (
        low.startswith(", ", token.end)
        and token.end + 2 in begins
        and not token.cyrillic
        and Cues(low, token.start).starts_sentence
        and not Cues(low, token.end + 2).is_said  # "Best, Tom"
    )


def _runs(read: Reading) -> Iterator[list[_Token]]:
    """Capitalised words and initials that follow each other."""
    run: list[_Token] = []
    text = read.text
    for found in chain.from_iterable(_TOKEN.finditer(text, *within) for within in read.ranges):
        token = _token(found)
        if run and not _joins(text, run[-1].end, token.start):
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _token(found: re.Match[str]) -> _Token:
    start, end = found.span()
    written = found[0]
    cyrillic = "\u0400" <= written[0] <= "\u04ff"
    if found["initial"]:
        return _Token(start, end, Word(0, written.lower()), True, False, cyrillic)
    if written.endswith(("'s", "'S")):
        written, end = written[:-2], end - 2
    return _Token(start, end, word(written), False, written.isupper(), cyrillic)


def _joins(text: str, end: int, start: int) -> bool:
    """Whether two words may belong to one name: a space or a particle between them, or nothing."""
    between = text[end:start]
    if between in ("", " ", "  "):
        return True
    return len(between) < 10 and _PARTICLE.fullmatch(between) is not None


def _candidates(low: str, run: list[_Token], left: list[_Token]) -> Iterator[list[_Token]]:
    """The parts of a run that may be names; what is in none goes to `left`."""
    index = 0
    while index < len(run):
        last = index
        while (
            last < len(run) and last - index < _LONGEST and (run[last].initial or run[last].is_name)
        ):
            last += 1
        if last > index:
            first, last = _with_neighbours(low, run, index, last)
            if first < index and left and left[-1] is run[first]:
                left.pop()
        else:
            first, last = index, _unknown_until(low, run, index)
        if last > first:
            yield run[first:last]
            index = last
        else:
            left.append(run[index])
            index += 1


def _unknown_until(low: str, run: list[_Token], first: int) -> int:
    """Where words that no dictionary holds, and that cues make a name, end."""
    last = first
    while last < len(run) and last - first < 3 and run[last].can_be(UNKNOWN):
        last += 1
    if last == first:
        return first
    if last < len(run) and run[last].is_name:
        return first  # the name will take them
    cues = Cues(low, run[first].start)
    if cues.is_said:
        return last
    alone = last - first > 1 and len(run) == last - first and not run[first].capitals
    return last if alone and (cues.fills_line(run[last - 1].end) or cues.is_likely) else first


def _with_neighbours(low: str, run: list[_Token], first: int, last: int) -> tuple[int, int]:
    """Grow a name that is sure of itself by words that no dictionary holds."""
    core = run[first:last]
    cues = Cues(low, run[first].start)
    said = cues.is_said
    inside = core[0].cyrillic and not core[0].capitals and not cues.starts_sentence
    sure = any(token.is_sure and token.can_be(GIVEN | PATRONYMIC) for token in core) or (
        inside and core[-1].can_be(GIVEN)
    )
    if sure or said or sum(token.initial for token in core) >= 2:
        while last < len(run) and last - first < _LONGEST - 1 and _follows(run[last], core):
            last += 1
            if not run[last - 1].initial:
                break
    surname = core[0].is_sure and core[0].can_be(SURNAME)
    if (sure or surname) and first > 0 and _precedes(low, run, first):
        first -= 1
    return first, last


def _follows(token: _Token, core: list[_Token]) -> bool:
    """Whether a word behind a name is part of it."""
    if token.initial:
        return True
    if token.capitals and not all(other.capitals or other.initial for other in core):
        return False
    if token.can_be(UNKNOWN):
        return True
    # "Сергей Волк": in Russian, an ordinary word has no capital inside a sentence.
    return token.cyrillic and not token.capitals and core[-1].can_be(GIVEN | PATRONYMIC)


def _precedes(low: str, run: list[_Token], first: int) -> bool:
    token = run[first - 1]
    if token.initial or not token.can_be(UNKNOWN):
        return False
    if token.capitals and not run[first].capitals:
        return False
    return (
        not token.cyrillic
        or first > 1
        or not Cues(low, token.start).starts_sentence
        or (len(run) > first + 1 and run[first + 1].is_name)
        or token.word.roles & SURNAME > 0
    )


def _recurs(token: _Token) -> bool:
    return not token.initial and token.can_be(SURNAME | UNKNOWN) and len(token.word.lemma) > 3


def _is_person(low: str, part: list[_Token], run: list[_Token]) -> bool:
    words = [token for token in part if not token.initial]
    if not words:
        return False
    if any(token.can_be(PATRONYMIC) for token in words) or _is_combination(part, words):
        return True
    cues = Cues(low, part[0].start)
    if cues.is_said or cues.is_place:
        return cues.is_said
    first = next((token for token in words if token.is_name), None)
    if first is None:
        return cues.is_likely or cues.fills_line(part[-1].end)
    if first.is_sure:
        return _stands_alone(first)
    return not first.capitals and _is_named_here(first, cues, part, run)


def _stands_alone(token: _Token) -> bool:
    """Whether a name that is no ordinary word needs nothing else to be taken for one."""
    if token.cyrillic:
        return True
    if token.capitals and token.end - token.start < 5:
        return False  # "IBAN" is a given name, too
    return token.can_be(GIVEN) or _SLAVIC.search(token.word.lemma) is not None


def _is_named_here(first: _Token, cues: Cues, part: list[_Token], run: list[_Token]) -> bool:
    """Whether a name that is an ordinary word as well is meant as a name."""
    inside = not (cues.starts_sentence or cues.is_quoted)
    if not first.can_be(GIVEN):
        return inside and first.cyrillic and len(run) == 1 and not first.can_be(PLACE)
    if cues.is_addressed(first.end):
        return True
    if first.cyrillic:
        return inside or cues.is_likely
    # "Grace Period", "May Day": a title, not a person.
    return cues.is_likely and part[-1] is run[-1]


def _is_combination(part: list[_Token], words: list[_Token]) -> bool:
    """Whether words that may each be something else make a name together."""
    if len(part) == 1:
        return False
    named = [token for token in words if token.is_name]
    initials = len(part) - len(words)
    if initials:
        return bool(named) or initials > 1
    if any(token.is_sure for token in named):
        return True
    given = sum(token.can_be(GIVEN) for token in named)
    return len(named) > 1 and given > 0 and any(token.can_be(SURNAME) for token in named)


def _person(text: str, part: list[_Token]) -> Hit:
    suffix = _SUFFIX.match(text, part[-1].end)
    end = suffix.end() if suffix else part[-1].end
    lemmas = "|".join(token.word.lemma for token in part)
    return Hit(part[0].start, end, "PERSON", lemmas, NAMED)
