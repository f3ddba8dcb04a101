"""Names of people: runs of capitalised words, weighed by what the words are and by their cues."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.text.anonymiser.agreement import is_name_beside, is_title
from core.text.anonymiser.cues import Cues
from core.text.anonymiser.hit import GUESSED, NAMED, Hit
from core.text.anonymiser.listed import listed
from core.text.anonymiser.meant import is_meant
from core.text.anonymiser.reading import Reading
from core.text.anonymiser.runs import Token, runs
from core.text.anonymiser.words import (
    GIVEN,
    NAME,
    ORDINARY,
    PATRONYMIC,
    PLACE,
    SURNAME,
    UNKNOWN,
    names,
)

_SUFFIX = re.compile(
    r"[ -](?:оглы|кызы|углы|заде|оглу|гызы|Jr\.?|Sr\.?|III|II)(?!\w)", re.IGNORECASE
)
_BARE_INITIAL = re.compile(r" [^\W\d_] ")
#: The most words of one name.
_LONGEST = 5


def find(read: Reading) -> Iterator[Hit]:
    """Names of people; the key of a hit is its lemmas and initials, joined by "|"."""
    people: set[str] = set()
    begins: set[int] = set()
    ends: set[int] = set()
    left: list[Token] = []
    for run in runs(read):
        for part in _candidates(read.low, run, left):
            if _is_person(read.low, part, run):
                yield _person(read.text, part)
                begins.add(part[0].start)
                ends.add(part[-1].end)
                people.update(token.word.lemma for token in part if _recurs(token))
            else:
                left.extend(part)
    if left:
        yield from listed(read, left, begins, ends)
    for token in left:
        if token.can_be(NAME | UNKNOWN) and _is_listed(read.low, token, begins):
            yield Hit(token.start, token.end, "PERSON", token.word.lemma, GUESSED)
        # Who was named in full is the same person where the surname stands alone.
        if token.word.lemma in people and not (
            token.can_be(ORDINARY) and Cues(read.low, token.start).starts_sentence
        ):
            yield Hit(token.start, token.end, "PERSON", token.word.lemma, GUESSED)


def _is_listed(low: str, token: Token, begins: set[int]) -> bool:
    """Whether a word is the surname of "Smith, John" at the beginning of a line or an entry."""
    return (
        low.startswith(", ", token.end)
        and token.end + 2 in begins
        and not token.cyrillic
        and Cues(low, token.start).starts_sentence
        and not Cues(low, token.end + 2).is_said  # "Best, Tom"
    )


def _candidates(low: str, run: list[Token], left: list[Token]) -> Iterator[list[Token]]:
    """The parts of a run that may be names; what is in none goes to `left`."""
    index = 0
    titles = names("titles")
    while index < len(run):
        if run[index].word.lemma in titles:
            left.append(run[index])
            index += 1
            continue
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
            first, last = index, _eastern_until(low, run, index) or _unknown_until(low, run, index)
        if last > first:
            yield run[first:last]
            index = last
        else:
            left.append(run[index])
            index += 1


def _eastern_until(low: str, run: list[Token], first: int) -> int:
    """Where a Chinese, Korean or Vietnamese name ends: a known surname, one or two syllables."""
    if first + 1 >= len(run) or low[run[first].start : run[first].end] not in names("eastern"):
        return 0
    last = first + 1
    while last < len(run) and last - first < 3 and _is_syllable(run[last]):
        last += 1
    return last if last - first > 1 and last == len(run) else 0


def _is_syllable(token: Token) -> bool:
    if token.initial or token.capitals or token.end - token.start > 5:
        return False
    return token.can_be(UNKNOWN | GIVEN)


def _unknown_until(low: str, run: list[Token], first: int) -> int:
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
    if len(run) == 1 and not run[0].cyrillic and cues.acts(run[0].end):
        return last
    alone = last - first > 1 and len(run) == last - first and not run[first].capitals
    return last if alone and (cues.fills_line(run[last - 1].end) or cues.is_likely) else first


def _with_neighbours(low: str, run: list[Token], first: int, last: int) -> tuple[int, int]:
    """Grow a name that is sure of itself by words that no dictionary holds."""
    core = run[first:last]
    if all(token.initial for token in core):
        return _with_initials(low, run, first, last)
    cues = Cues(low, run[first].start)
    said = cues.is_said
    inside = core[0].cyrillic and not core[0].capitals and not cues.starts_sentence
    sure = any(token.is_sure and token.can_be(GIVEN | PATRONYMIC) for token in core) or (
        inside and core[-1].can_be(GIVEN)
    )
    if sure or said or sum(token.initial for token in core) >= 2:
        while (
            last < len(run)
            and last - first < _LONGEST - 1
            and (_follows(low, run[last], core) or _is_particle(run[last]))
        ):
            last += 1
            if not run[last - 1].initial and not _is_particle(run[last - 1]):
                break
    surname = core[0].is_sure and core[0].can_be(SURNAME)
    if surname and len(core) == 1 and last < len(run) and _is_given_behind(run[last], core[0]):
        last += 1
    if (sure or surname) and first > 0 and _precedes(low, run, first):
        first -= 1
    return first, last


def _is_particle(token: Token) -> bool:
    """Whether a word with a capital belongs to the surname behind it: "Ní Bhriain", "De Luca"."""
    return token.word.lemma in _PARTICLES


_PARTICLES = frozenset(
    ("ni", "nic", "mac", "mc", "de", "da", "di", "del", "van", "von", "el", "al")
)


def _is_given_behind(token: Token, surname: Token) -> bool:
    """Whether a word that no dictionary holds is the given name behind a Russian surname."""
    return (
        surname.cyrillic
        and token.cyrillic
        and token.can_be(UNKNOWN)
        and token.capitals == surname.capitals
    )


def _with_initials(low: str, run: list[Token], first: int, last: int) -> tuple[int, int]:
    """Grow two initials by the surname behind or before them, whatever else the word may be."""
    if last - first < 2:
        return first, last
    before = run[first - 1] if first > 0 and not run[first - 1].initial else None
    if before and not before.cyrillic:
        before = None
    if before and is_title(low[before.start : before.end]):
        before = None
    if before and (last == len(run) or not Cues(low, before.start).starts_sentence):
        return first - 1, last
    return (first, last + 1) if last < len(run) else (first, last)


def _follows(low: str, token: Token, core: list[Token]) -> bool:
    """Whether a word behind a name is part of it."""
    if token.initial:
        return True
    if low.startswith(":", token.end):
        return False  # "Имя: Анна Отчество: Ильинична"
    if _BARE_INITIAL.fullmatch(low, core[-1].end, token.start):
        return core[-1].can_be(GIVEN)  # "JOHN Q PUBLIC"
    if token.capitals and not all(other.capitals or other.initial for other in core):
        return False
    if token.can_be(UNKNOWN):
        return True
    return _ends_name(low, token, core)


def _ends_name(low: str, token: Token, core: list[Token]) -> bool:
    """Whether an ordinary word is the surname behind a given name."""
    if token.cyrillic:
        # "Сергей Волк": in Russian, such a word has no capital inside a sentence.
        return not token.capitals and core[-1].can_be(GIVEN | PATRONYMIC)
    # "Jane Doe <...>", or a line, as in a signature.
    if len(core) > 1 or not core[0].is_sure or not core[0].can_be(GIVEN):
        return False
    return low.startswith(" <", token.end) or Cues(low, core[0].start).fills_line(token.end)


def _precedes(low: str, run: list[Token], first: int) -> bool:
    token = run[first - 1]
    if token.initial or (token.capitals and not run[first].capitals):
        return False
    if not token.can_be(UNKNOWN):
        return _is_surname_before(low, run, first)
    return (
        not token.cyrillic
        or first > 1
        or not Cues(low, token.start).starts_sentence
        or (len(run) > first + 1 and run[first + 1].is_name)
        or token.word.roles & SURNAME > 0
    )


def _is_surname_before(low: str, run: list[Token], first: int) -> bool:
    """Whether an ordinary word is the surname before a given name: "Воробей Иван Ильич"."""
    token, given = run[first - 1], run[first]
    if not (token.cyrillic and given.can_be(GIVEN)) or token.can_be(PLACE):
        return False
    has_patronymic = first + 1 < len(run) and run[first + 1].can_be(PATRONYMIC)
    cues = Cues(low, token.start)
    if not has_patronymic and cues.starts_sentence and not cues.follows_colon:
        return False
    return is_name_beside(low[token.start : token.end], low[given.start : given.end])


def _recurs(token: Token) -> bool:
    return not token.initial and token.can_be(SURNAME | UNKNOWN) and len(token.word.lemma) > 3


def _is_person(low: str, part: list[Token], run: list[Token]) -> bool:
    words = [token for token in part if not token.initial]
    if not words:
        return False
    if (
        any(token.can_be(PATRONYMIC) for token in words)
        or _is_combination(part, words)
        or (len(words) > 1 and _eastern_until(low, words, 0))
    ):
        return True
    return is_meant(low, part, words, run)


def _is_combination(part: list[Token], words: list[Token]) -> bool:
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


def _person(text: str, part: list[Token]) -> Hit:
    suffix = _SUFFIX.match(text, part[-1].end)
    end = suffix.end() if suffix else part[-1].end
    lemmas = "|".join(token.word.lemma for token in part)
    return Hit(part[0].start, end, "PERSON", lemmas, NAMED)
