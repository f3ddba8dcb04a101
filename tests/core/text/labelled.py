"""Letters with marked personal details and harmless numbers, and how well they are found."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.text.anonymise import Anonymised, anonymise

_MARK = re.compile(r"\{\{([A-Z]+|-)\|(.*?)\}\}", re.DOTALL)
_CAPITALISED = re.compile(r"[A-ZА-ЯЁ][A-Za-zА-Яа-яЁё]+")
HARMLESS = "-"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Mark:
    """A marked piece of a letter; `kind` is HARMLESS for a number that identifies nobody."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Letter:
    text: str
    marks: tuple[Mark, ...]


def letter(marked: str) -> Letter:
    """Take the marks out of a letter."""
    pieces, marks, done, size = [], [], 0, 0
    for found in _MARK.finditer(marked):
        size += found.start() - done
        pieces += (marked[done : found.start()], found[2])
        marks.append(Mark(size, size + len(found[2]), found[1]))
        size += len(found[2])
        done = found.end()
    pieces.append(marked[done:])
    return Letter("".join(pieces), tuple(marks))


@dataclass
class Measured:
    """Counts over letters: of details, harmless numbers and harmless capitalised words."""

    found: Counter[str] = field(default_factory=Counter)
    details: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    numbers: int = 0
    masked_numbers: list[str] = field(default_factory=list)
    words: int = 0
    masked_words: list[str] = field(default_factory=list)

    def recall(self, *kinds: str) -> float:
        """The share of details that are covered in full; of all kinds where none is named."""
        of = kinds or tuple(self.details)
        return sum(self.found[kind] for kind in of) / sum(self.details[kind] for kind in of)


def measure(letters: Iterable[str]) -> Measured:
    """Anonymise marked letters and hold the result against the marks."""
    measured = Measured()
    for marked in letters:
        one = letter(marked)
        _count(one, anonymise(one.text), measured)
    return measured


def _count(one: Letter, done: Anonymised, measured: Measured) -> None:
    covered = bytearray(len(one.text))
    people = bytearray(len(one.text))
    for span in done.spans:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
        if span.kind == "PERSON":
            people[span.start : span.end] = b"\1" * (span.end - span.start)
    personal = bytearray(len(one.text))
    for mark in one.marks:
        piece = one.text[mark.start : mark.end]
        signs = [i for i in range(mark.start, mark.end) if one.text[i].isalnum()]
        if mark.kind == HARMLESS:
            measured.numbers += 1
            if any(covered[i] for i in signs):
                measured.masked_numbers.append(piece)
            continue
        personal[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
        measured.details[mark.kind] += 1
        if all(covered[i] for i in signs):
            measured.found[mark.kind] += 1
        else:
            measured.missed.append(f"{mark.kind} {piece!r} in {done.text[:2000]!r}")
    for word in _CAPITALISED.finditer(one.text):
        if not any(personal[word.start() : word.end()]):
            measured.words += 1
            if any(people[word.start() : word.end()]):
                measured.masked_words.append(word[0])


def letters(name: str) -> list[str]:
    """The marked letters of one of the sets beside this module, such as "first"."""
    read = json.loads((_FOLDER / f"letters_{name}.json").read_text(encoding="utf-8"))
    return ["\n".join(lines) for lines in read["letters"]]
