"""What the case of a Russian word says about the words beside it."""

from __future__ import annotations

import re
from functools import lru_cache

from core.text.anonymiser.words import GIVEN, ORDINARY, UNKNOWN, morphology, names, word

#: Surnames that were plural genitives: they have one form for every case.
_WITHOUT_CASES = re.compile(r"[а-яё]{2,}[ыи]х$")

#: The same, and surnames that look like a genitive of things: "Орехов".
_LIKE_A_SURNAME = re.compile(r"[а-яё]{2,}(?:[ыи]х|[оеё]в)")


def is_animate(low: str) -> bool:
    """Whether a word in small letters is what one can be called: a noun for a living being."""
    return any(
        "anim" in reading.tag and "nomn" in reading.tag for reading in morphology().parse(low)
    )


@lru_cache(maxsize=20_000)
def is_thing(low: str) -> bool:
    """Whether a word is a thing's name in the nominative: "машина", but not "волков"."""
    return any(
        {"NOUN", "inan", "nomn"} <= reading.tag.grammemes and "Geox" not in reading.tag
        for reading in morphology().parse(low)
    )


@lru_cache(maxsize=20_000)
def is_name_beside(low: str, given: str) -> bool:
    """Whether a word that is no name by itself can be the surname beside a given name.

    It is a noun in the same case and no title ("директор Иван", "Воробей Иван").

    >>> is_name_beside("воробью", "ивану"), is_name_beside("письмо", "ивану")
    (True, False)
    >>> is_name_beside("директор", "иван"), is_name_beside("рудых", "ивану")
    (False, True)
    """
    return not is_title(low) and not _is_no_name(low) and agree(given, low)


@lru_cache(maxsize=20_000)
def agree(first: str, second: str) -> bool:
    """Whether two nouns stand in the same case, as far as their forms tell; places do not count.

    >>> agree("директор", "дуб"), agree("директор", "департамента")
    (True, False)
    """
    return _WITHOUT_CASES.fullmatch(second) is not None or bool(_cases(first) & _cases(second))


@lru_cache(maxsize=50_000)
def is_title(low: str) -> bool:
    """Whether a word is what people are called by their work, rank or relation, in any case."""
    return _is_listed(low, "titles")


@lru_cache(maxsize=20_000)
def _is_no_name(low: str) -> bool:
    return _is_listed(low, "no_names")


def _is_listed(low: str, of: str) -> bool:
    listed = names(of)
    return low in listed or any(r.normal_form in listed for r in morphology().parse(low))


@lru_cache(maxsize=20_000)
def can_be_surname(low: str) -> bool:
    """Whether an ordinary word with a capital can be somebody's surname: a noun, and no title."""
    if _LIKE_A_SURNAME.fullmatch(low) or word(low).roles & UNKNOWN:
        return True
    return bool(_cases(low)) and not is_title(low) and not _is_no_name(low)


@lru_cache(maxsize=20_000)
def is_only_given(low: str) -> bool:
    """Whether a word is a given name or no noun at all: "катя" is also a form of "катить"."""
    return bool(word(low).roles & GIVEN) and not any(
        "NOUN" in reading.tag and "Name" not in reading.tag for reading in morphology().parse(low)
    )


@lru_cache(maxsize=20_000)
def is_full_lower_name(first: str, second: str) -> bool:
    """Whether two words in small letters are a surname and a given name, in whichever order."""
    roles = (word(first).roles, word(second).roles)
    if any(role & ORDINARY for role in roles):
        return False
    return any(role & GIVEN for role in roles) and bool(_name_cases(first) & _name_cases(second))


def _name_cases(low: str) -> set[str]:
    return {
        reading.tag.case
        for reading in morphology().parse(low)
        if {"Name", "Surn"} & reading.tag.grammemes and "plur" not in reading.tag
    }


def _cases(low: str) -> set[str]:
    return {
        reading.tag.case
        for reading in morphology().parse(low)
        if reading.tag.POS == "NOUN"
        and reading.tag.case
        and "plur" not in reading.tag
        and not {"Geox", "Orgn", "Trad", "Abbr"} & reading.tag.grammemes
    }
