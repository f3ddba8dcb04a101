"""Capitalised words and initials of a letter, in runs that may hold a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from core.text.anonymiser.reading import Reading
from core.text.anonymiser.words import NAME, ORDINARY, Word, word

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
    r"|bin |ibn |al-|el-|ter |ten |n[ií] |nic |ó |mac |ибн |аль-|фон |ван |де "
    r"|(?-i:[A-Z]) )",
    re.IGNORECASE,
)


class Token(NamedTuple):
    """A capitalised word or an initial, and where it stands.

    Attributes:
        start, end: half-open range of the text that is read, without "'s".
        word: its roles.
        initial: one letter with a full stop.
        capitals: all of it is in capitals.
        cyrillic: its first letter is.
    """

    start: int
    end: int
    word: Word
    initial: bool
    capitals: bool
    cyrillic: bool

    @property
    def is_name(self) -> bool:
        """Whether it can be a name."""
        return bool(self.word.roles & NAME)

    @property
    def is_sure(self) -> bool:
        """Whether it is a name and nothing else."""
        return self.is_name and not self.word.roles & ORDINARY

    def can_be(self, role: int) -> bool:
        """Whether it has one of the roles."""
        return bool(self.word.roles & role)


def runs(read: Reading) -> Iterator[list[Token]]:
    """Capitalised words and initials that follow each other."""
    run: list[Token] = []
    text = read.text
    for found in chain.from_iterable(_TOKEN.finditer(text, *within) for within in read.ranges):
        token = _token(found)
        if run and not _joins(text, run[-1].end, token.start):
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _token(found: re.Match[str]) -> Token:
    start, end = found.span()
    written = found[0]
    cyrillic = "\u0400" <= written[0] <= "\u04ff"
    if found["initial"]:
        return Token(start, end, Word(0, written.lower()), True, False, cyrillic)
    if written.endswith(("'s", "'S")):
        written, end = written[:-2], end - 2
    return Token(start, end, word(written), False, written.isupper(), cyrillic)


def _joins(text: str, end: int, start: int) -> bool:
    """Whether two words may belong to one name: a space or a particle between them, or nothing."""
    between = text[end:start]
    if between in ("", " ", "  "):
        return True
    return len(between) < 10 and _PARTICLE.fullmatch(between) is not None
