"""Whether words that make no name by themselves are meant as one, by what is around them."""

from __future__ import annotations

import re

from core.text.anonymiser.agreement import is_thing
from core.text.anonymiser.cues import Cues
from core.text.anonymiser.runs import Token
from core.text.anonymiser.words import GIVEN, NAME, PLACE, SURNAME, UNKNOWN

#: Endings of Slavic, Georgian and Armenian surnames: enough for a surname that stands alone.
_SLAVIC = re.compile(r"(?:[oe]va?|sk(?:y|iy|aya|ii)|enko|chuk|shvili|dze|yan)$")


def is_meant(low: str, part: list[Token], words: list[Token], run: list[Token]) -> bool:
    """Whether the words of a part of a run are a name there; `words` is it without initials."""
    cues = Cues(low, part[0].start)
    end = part[-1].end
    if cues.is_said or _is_family(low, words, end):
        return True
    if cues.is_place or (len(part) == 1 and not cues.is_likely and cues.names_place(end)):
        return False
    first = next((token for token in words if token.is_name), None)
    if first is None:
        return cues.is_likely or cues.fills_line(end) or (not part[0].cyrillic and cues.acts(end))
    if first.is_sure:
        return _is_sure_here(first, cues, part, run)
    if _is_town(first, cues, part):
        return False
    return not first.capitals and _is_named_here(low, first, cues, part, run)


def _is_family(low: str, words: list[Token], end: int) -> bool:
    return words[-1].can_be(SURNAME) and not words[-1].cyrillic and low.startswith(" family", end)


def _is_town(token: Token, cues: Cues, part: list[Token]) -> bool:
    return token.cyrillic and token.can_be(PLACE) and len(part) == 1 and cues.is_in_town


def _is_sure_here(first: Token, cues: Cues, part: list[Token], run: list[Token]) -> bool:
    """Whether a word that is a name and nothing else is one of a person."""
    if _is_town(first, cues, part):
        return False
    end = part[-1].end
    if not _stands_alone(first):
        return not first.capitals and len(run) == 1 and cues.is_addressed(end)
    return first.can_be(GIVEN) or not cues.quotes(end)


def _stands_alone(token: Token) -> bool:
    """Whether a name that is no ordinary word needs nothing else to be taken for one."""
    if token.cyrillic:
        return True
    if token.capitals and token.end - token.start < 5:
        return False  # "IBAN" is a given name, too
    return token.can_be(GIVEN) or _SLAVIC.search(token.word.lemma) is not None


def _is_named_here(low: str, first: Token, cues: Cues, part: list[Token], run: list[Token]) -> bool:
    """Whether a name that is an ordinary word as well is meant as a name."""
    inside = not (cues.starts_sentence or cues.is_quoted)
    if not first.can_be(GIVEN):
        return _is_surname_here(low, first, cues, run)
    if len(run) == 1 and _speaks(low, first, cues):
        return True
    if first.cyrillic:
        return cues.is_addressed(first.end) or inside or cues.is_likely
    if first.can_be(PLACE) and cues.is_towards:
        return False
    if not first.can_be(PLACE) and cues.is_somebody(first.end) and _is_alone(low, first, run):
        return True
    return (
        cues.is_addressed(first.end)
        or (inside and cues.owns(first.end))
        # "Grace Period", "May Day": a title, not a person.
        or (cues.is_likely and part[-1] is run[-1])
    )


def _is_surname_here(low: str, first: Token, cues: Cues, run: list[Token]) -> bool:
    """Whether a surname that is an ordinary word as well is meant as a surname."""
    if not first.cyrillic:
        return len(run) == 1 and cues.acts(first.end)  # "Smith said"
    inside = not (cues.starts_sentence or cues.is_quoted or first.can_be(PLACE))
    acts = cues.is_addressed(first.end) and not is_thing(low[first.start : first.end])
    return (inside or acts) and _is_alone(low, first, run)


def _speaks(low: str, token: Token, cues: Cues) -> bool:
    """Whether a line is a name, or what somebody says: "Роман: иду", but not "Марка: Опель"."""
    if not cues.speaks(token.end) or (token.can_be(PLACE) and not token.cyrillic):
        return False
    is_nominative = token.word.lemma == low[token.start : token.end]
    return is_nominative or not low.startswith(":", token.end)


def _is_alone(low: str, token: Token, run: list[Token]) -> bool:
    """Whether no other word has a capital there, but for the one that begins the sentence."""
    if len(run) == 1:
        return True
    return (
        len(run) == 2
        and run[1] is token
        and not (run[0].initial or run[0].capitals or run[0].can_be(NAME | UNKNOWN))
        and Cues(low, run[0].start).starts_sentence
    )
