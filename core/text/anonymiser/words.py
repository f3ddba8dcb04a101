"""What a single word can be: a given name, a patronymic, a surname, an ordinary word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from core.text.anonymiser.transliteration import in_cyrillic

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

GIVEN, PATRONYMIC, SURNAME = 1, 2, 4
#: The word is also an ordinary word or a place: as a name it needs a context.
ORDINARY = 8
#: The ordinary meaning is a place or an organisation.
PLACE = 32
#: No dictionary holds the word: beside a name it is part of it.
UNKNOWN = 16
NAME = GIVEN | PATRONYMIC | SURNAME
#: Share of a word's readings that may be no name before the word counts as ordinary (weights of
#: pymorphy3, from OpenCorpora). "Иван" has 0, "Роман" .8, "Вера" .7, "Королёва" .25 (a town).
_ORDINARY_SHARE = 0.15

_RUSSIAN_SURNAME = re.compile(
    r"(?:[оеё]в|[иы]н|ск(?:ий|ой|ая)|цк(?:ий|ой|ая)|янц?|дзе|швили|[иуа]ани?|енко|[чщ]ук|юк|ук"
    r"|ко|ич|[ыи]х|ава|ия|ба|ец|як|ов[ао]|[еи]в[ао]|ина)$"
)
_LONE_SURNAME = re.compile(
    r"(?:[оеё]в|ск(?:ий|ая)|цк(?:ий|ая)|ян|дзе|швили|енко|чук|юк|[оеё]ва|(?:ул|ат|им|ет|уд|ал|ит"
    r"|ид|ер|он|юх|юш|ах|ух|иц|иг)ин(?:а)?)$"
)
_PATRONYMIC = re.compile(
    r"[а-яё]{2,}(?:[оеё]вич|[оеё]вн|[иь]ич|иничн|ичн|ильич|кузьмич|лукич|фомич)(?:а|у|ем|ом|е|ы"
    r"|ой|и|ами?|ах|ей)?$"
)
#: Endings of Russian, Ukrainian, Armenian and Georgian names in Latin letters: worth a look by
#: their Cyrillic form.
_TRANSLITERATED = re.compile(
    r"(?:ov|ova|ev|eva|yov|yova|in|ina|sky|skiy|skii|skij|ski|skaya|skaia|tsky|enko|chuk|yuk|uk"
    r"|yan|ian|dze|shvili|vich|vna|ich|iev|ieva"
    r"|ei|ey|iy|ii|ya|ia|ay|ai|oy|il|im|or|ur|an|na|ta|la|ra|sha|dya|lya|nya|tya)$"
)


class Word(NamedTuple):
    """A word's possible roles.

    Attributes:
        roles: sum of GIVEN, PATRONYMIC, SURNAME, ORDINARY, PLACE, UNKNOWN.
        lemma: what its case forms have in common.
    """

    roles: int
    lemma: str


@lru_cache(maxsize=100_000)
def word(written: str) -> Word:
    """The roles of a word, whatever its case.

    >>> word("петровичу") == Word(PATRONYMIC, "петрович")
    True
    >>> word("роман").roles & ORDINARY, word("smith").roles & SURNAME
    (8, 4)
    """
    low = written.lower()
    if "\u0400" <= low[:1] <= "\u04ff":
        return _cyrillic(low)
    return _latin(_folded(low))


#: OpenCorpora's grammemes of names.
_GRAMMEMES = (("Patr", PATRONYMIC), ("Name", GIVEN), ("Surn", SURNAME))


def _cyrillic(low: str) -> Word:
    if "-" in low:
        return _joined(low)
    if low in names("ordinary"):
        return Word(ORDINARY, low)
    given = _listed_given(low)
    return Word(GIVEN, given) if given else _by_morphology(low)


def _by_morphology(low: str) -> Word:
    read = _read(low)
    known = morphology().word_is_known(low)
    if _PATRONYMIC.fullmatch(low) and (not known or read.roles & PATRONYMIC):
        return Word(PATRONYMIC, _patronymic_lemma(low))
    if not known:
        return _guessed(low, read)
    if not read.roles:
        whose = read.possessor if read.ordinary_share < _ORDINARY_SHARE else ""  # "машина"
        return Word(GIVEN, whose) if whose else Word(ORDINARY, low)
    ordinary = ORDINARY | read.place if read.ordinary_share > _ORDINARY_SHARE else 0
    if ordinary and read.roles & SURNAME and _is_rather_surname(low):
        return Word(SURNAME | read.place, read.lemma.replace("ё", "е"))
    return Word(read.roles | ordinary, read.lemma.replace("ё", "е"))


def _listed_given(low: str) -> str:
    """The nominative of a listed name in some case; empty where there is none.

    The dictionary lacks many Tatar, Caucasian and Central Asian names, or holds them for a form of
    another word ("Ренат" for one of "рената").
    """
    listed = names("given_cyrillic")
    if low in listed:
        return low
    ending = _CASE_ENDING.search(low)
    if ending is None:
        return ""
    stem = low[: ending.start()]
    ends = _NOMINATIVES[ending[0]]
    if ending[0] == "и" and stem[-1] in "гкхжшчщ":
        ends = (*ends, "а")
    return next((stem + end for end in ends if stem + end in listed), "")


_CASE_ENDING = re.compile(r"(?<=..)(?:ом|ем|ём|ой|ей|ою|ею|[ауеыюия])$")
#: What a name in a case ends with in the nominative, by the ending of the case.
_NOMINATIVES: Mapping[str, tuple[str, ...]] = {
    "ом": ("",),
    "ем": ("", "й", "ь"),
    "ём": ("ь", "й"),
    "ой": ("а",),
    "ою": ("а",),
    "ей": ("я", "а"),
    "ею": ("я", "а"),
    "а": ("",),
    "у": ("", "а"),
    "ы": ("а",),
    "е": ("", "а", "я", "й", "ь"),
    "ю": ("й", "я", "ь"),
    "я": ("й", "ь"),
    "и": ("я", "ь"),
}


class _Readings(NamedTuple):
    """What the morphology makes of a word; `place` is PLACE if a reading is a place's name."""

    roles: int
    lemma: str
    ordinary_share: float
    possessor: str
    place: int


def _read(low: str) -> _Readings:
    roles, lemma, best = 0, low, 0.0
    as_name = others = 0.0
    possessor, place = "", 0
    for reading in morphology().parse(low):
        tag = reading.tag
        role = next((role for name, role in _GRAMMEMES if name in tag), 0)
        if role:
            roles |= role
            as_name += reading.score
            # A case form of "Петров" is also one of "Петрова": the lemma of both is "петров".
            if reading.score > best:
                best, lemma = reading.score, reading.normal_form
        elif "Poss" in tag:
            possessor = possessor or _possessor(reading.normal_form)
        elif "Init" not in tag:
            others += reading.score
            place |= PLACE * ("Geox" in tag or "Orgn" in tag or "Trad" in tag)
    return _Readings(roles, lemma, others / ((as_name + others) or 1.0), possessor, place)


def _is_rather_surname(low: str) -> bool:
    """Whether a capital makes a surname of a word that is little else.

    "Волков" is also a genitive of wolves and "Борисов" a town, but a letter's "Волков" is seldom
    one of them. Not so where the other meaning is a nominative ("Королева"), or a big town.
    """
    if not _SURNAME_OF_ADJECTIVE.search(low):
        return False
    as_surname = 0.0
    for reading in morphology().parse(low):
        tag = reading.tag
        as_surname += reading.score * ("Surn" in tag)
        if "Surn" in tag or "Poss" in tag or ("plur" in tag and "nomn" not in tag):
            continue
        if "ADJS" in tag and reading.score < _SELDOM:
            continue  # "ершов" as what is a ruff's; not "готов"
        if "Geox" not in tag or reading.normal_form in names("cities"):
            return False
    return as_surname >= _AT_LEAST


#: Of "воронов" .14 are a surname, of "городов" .01.
_AT_LEAST = 0.1
_SELDOM = 0.3
_SURNAME_OF_ADJECTIVE = re.compile(r"(?:[оеё]в|[иы]н)(?:а|у|е|ой|ою|ым|ых|ыми?)?$")


def _guessed(low: str, read: _Readings) -> Word:
    """A word that no dictionary holds: by its ending a surname, or anything."""
    whose = _possessor(_POSSESSIVE_ENDING.sub("ин", low)) if _POSSESSIVE_ENDING.search(low) else ""
    if whose:
        return Word(GIVEN, whose)
    if not (read.roles & SURNAME and _RUSSIAN_SURNAME.search(read.lemma)):
        if _LIKE_A_SURNAME.fullmatch(low):
            return Word(SURNAME | UNKNOWN | ORDINARY, _stem(low))
        return Word(UNKNOWN | ORDINARY, _stem(low))
    lone = len(read.lemma) >= 6 and _LONE_SURNAME.search(read.lemma)
    return Word(SURNAME | UNKNOWN | (0 if lone else ORDINARY), read.lemma)


_POSSESSIVE_ENDING = re.compile(r"ин(?:а|у|о|ы|ой|ым|ых|ого|ому)?$")
#: What no dictionary holds and has this form is rather a surname than a plural of a new word.
_LIKE_A_SURNAME = re.compile(
    r"[а-яё]{4,}(?:[оеё]в|[оеё]ва|[оеё]в(?:у|ым|ой|ых|ыми)|[оеё]вич[ауе]?)|[а-яё]{3,}[ыи]х"
)


def _possessor(adjective: str) -> str:
    """Whose something is: "Дашин" is Даша's; empty where that is no name."""
    stem = adjective.removesuffix("ин")
    for ending in ("а", "я") if stem != adjective else ():
        found = word(stem + ending)
        if found.roles & GIVEN and not found.roles & ORDINARY:
            return found.lemma
    return ""


def _joined(low: str) -> Word:
    """A double name ("Римский-Корсаков", "Анна-Мария") is what its parts are."""
    parts = [word(part) for part in low.split("-") if part]
    lemma = "-".join(part.lemma for part in parts)
    if not parts:
        return Word(ORDINARY, low)
    last = parts[-1].roles
    if all(part.roles & SURNAME for part in parts):
        return Word(SURNAME, lemma)
    if any(part.roles & NAME and not part.roles & ORDINARY for part in parts) and all(
        part.roles & (NAME | UNKNOWN) for part in parts
    ):
        return Word(last & NAME or parts[0].roles & NAME, lemma)
    if all(part.roles & UNKNOWN for part in parts):
        return Word(UNKNOWN | ORDINARY, lemma)
    return Word(ORDINARY, lemma)


def _patronymic_lemma(low: str) -> str:
    stem = re.sub(r"(?<=ич)(?:а|у|ем|ом|е|и|ей|ами?|ах)$|(?<=н)(?:а|ы|е|у|ой|ами?|ах)$", "", low)
    return stem.replace("ё", "е")


def _stem(low: str) -> str:
    return re.sub(r"(?:ом|ем|ой|ей|ым|ою|[аяуюеыиьй])$", "", low).replace("ё", "е")


def _latin(low: str) -> Word:
    roles = 0
    if "-" in low:
        parts = [word(part) for part in low.split("-") if part]
        if parts and all(part.roles & (NAME | UNKNOWN) for part in parts):
            named = [part.roles & NAME for part in parts if part.roles & NAME]
            return Word(named[-1] if named else UNKNOWN | ORDINARY, low)
        return Word(ORDINARY, low)
    if low in names("given"):
        roles |= GIVEN
    if low in names("surnames") or _CELTIC.match(low):
        roles |= SURNAME
    elif not roles and _SURNAME_ENDING.search(low) and low not in names("ordinary"):
        return Word(SURNAME, low)
    if roles and low in names("places"):
        roles |= ORDINARY | PLACE
    elif low in names("words") or (roles and low in names("ordinary")):
        roles |= ORDINARY
    elif not roles:
        roles = _transliterated(low)
    if not roles:
        roles = ORDINARY if low in names("ordinary") else ORDINARY | UNKNOWN
    return Word(roles, low)


#: Polish, Czech, Romanian, Greek, Turkish, South Indian, Nordic, Finnish, Basque, Georgian.
_SURNAME_ENDING = re.compile(
    r"[a-z]{3}(?:(?:ow|ew|in)sk[ai]|czyk|[eo]wicz|escu|opoulos|opoulou|akis|idis|oglu|ozturk"
    r"|nathan|swamy|murthy|sson|dottir|quist|lainen|etxea|berria|elidze|shvili|skhelia|adze)$"
)
_CELTIC = re.compile(r"(?:mc|mac(?=[^ehk])|o'|d'|fitz)[a-z]{3,}$")


def _transliterated(low: str) -> int:
    """The roles of a Russian name in Latin letters, by the dictionary of its Cyrillic form."""
    if len(low) < 4 or not low.isascii() or not _TRANSLITERATED.search(low):
        return 0
    if low in names("ordinary"):
        return 0
    for cyrillic in in_cyrillic(low):
        found = _cyrillic(cyrillic)
        roles = found.roles & NAME
        if roles and not found.roles & ORDINARY and _is_nominative(cyrillic):
            return roles
    return 0


def _is_nominative(low: str) -> bool:
    return any(
        "nomn" in reading.tag and ({"Name", "Surn", "Patr"} & set(reading.tag.grammemes))
        for reading in morphology().parse(low)
    )


@lru_cache(maxsize=100_000)
def _folded(low: str) -> str:
    if low.isascii():
        return low
    plain = unicodedata.normalize("NFD", low).replace("ß", "ss")
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return plain.translate(_STROKES)


_STROKES = str.maketrans("łøđı", "lodi")


@cache
def names(of: str) -> frozenset[str]:
    """One of the lists of names/NAMES.md."""
    file = resources.files("core.text.anonymiser") / "names" / f"{of}.txt"
    return frozenset(file.read_text(encoding="utf-8").split())


@cache
def morphology() -> MorphAnalyzer:
    """The dictionary of Russian word forms; it is loaded at the first call."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer()
