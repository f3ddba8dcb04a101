"""Finding risks: for a task, what must happen and what must not; the negation of each is a risk.

What comes out is a draft: whoever reads it corrects the words and decides what is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.fields import NAME_LENGTH

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_BULLET = re.compile(r"^(?:[-*•–—]|\d+[.)])\s+")
#: What is negated by a word behind it; the first one of a statement counts.
_VERB = re.compile(r"\b(is|are|will|can)\b(?! not\b)")
#: Behind one of these the verb may be another clause's.
_CLAUSE = re.compile(
    r"\b(what|that|which|who|when|if|while|before|after|until|as)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A risk as it was drafted from a statement.

    Attributes:
        title: the risk, to be edited.
        statement: what must or must not happen, as it was typed.
    """

    title: str
    statement: str


def drafted(must_happen: str, must_not_happen: str) -> tuple[Draft, ...]:
    """Draft the risks of a task, in the order of the statements; each once.

    Args:
        must_happen: one statement a line.
        must_not_happen: likewise.

    >>> [one.title for one in drafted("The rack has power", "The machines must not be dropped")]
    ['Does not happen: the rack has power', 'The machines are dropped']
    """
    found = [Draft(_does_not_happen(one), one) for one in _lines(must_happen)]
    found += [Draft(_happens(one), one) for one in _lines(must_not_happen)]
    return tuple({one.title: one for one in found}.values())


def _lines(typed: str) -> list[str]:
    stripped = (_BULLET.sub("", line.strip()).strip().rstrip(".") for line in typed.splitlines())
    return [line for line in stripped if line]


def _does_not_happen(statement: str) -> str:
    """The negation of what must happen; Russian text stays as typed, behind a Russian word."""
    if _CYRILLIC.search(statement):
        return _cut(f"Не произойдёт: {statement}")
    bare = _without(statement, "must be", "is", "are")
    bare = re.sub(r"^must\s+", "", bare, flags=re.IGNORECASE)
    verb = _VERB.search(bare)
    if verb is not None and not _CLAUSE.search(bare[: verb.start()]):
        return _cut(_capital(_VERB.sub(_negated, bare, count=1)))
    return _cut(f"Does not happen: {_small(bare)}")


def _happens(statement: str) -> str:
    if _CYRILLIC.search(statement):
        return _cut(f"Произойдёт: {statement}")
    bare = _without(statement, "must not be", "is", "are")
    if bare != statement:
        return _cut(_capital(bare))
    bare = re.sub(r"^must not\s+(?:be\s+)?", "", statement, flags=re.IGNORECASE)
    return _cut(f"Happens: {_small(bare)}")


def _without(statement: str, duty: str, one: str, many: str) -> str:
    """A statement as it would be if it came true: 'machines must be' is 'machines are'."""
    found = re.match(rf"(.+?)\s+{duty}\s+(.+)", statement, flags=re.IGNORECASE)
    if found is None:
        return statement
    subject = found[1].split()[-1].lower()
    verb = many if subject.endswith("s") and not subject.endswith("ss") else one
    return f"{found[1]} {verb} {found[2]}"


def _negated(verb: re.Match[str]) -> str:
    return "cannot" if verb[1] == "can" else f"{verb[1]} not"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _small(words: str) -> str:
    """Begin with a small letter, unless the first word is an abbreviation."""
    first = words.split(" ", 1)[0]
    return words if any(sign.isupper() for sign in first[1:]) else words[:1].lower() + words[1:]


def _cut(title: str) -> str:
    return title if len(title) <= NAME_LENGTH else title[: NAME_LENGTH - 1] + "…"
