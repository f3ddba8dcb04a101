"""Names of people: runs of capitalised words, weighed by what the words are and what stands before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from core.text.anonymiser.hit import GUESSED, NAMED, Hit
from core.text.anonymiser.reading import MASK, Reading
from core.text.anonymiser.words import (
    GIVEN,
    NAME,
    ORDINARY,
    PATRONYMIC,
    SURNAME,
    UNKNOWN,
    Word,
    word,
)

_CYRILLIC = "А-ЯЁІЇЄҐӘҒҚҢӨҰҮҺ"
_SMALL = "а-яёіїєґәғқңөұүһ"
_LATIN = "A-ZÀ-ÖØ-ÞĀ-Ž"
_TOKEN = re.compile(
    rf"(?<![\w@\ue000])(?:(?P<initial>[{_CYRILLIC}{_LATIN}]\.)"
    rf"|(?:[{_CYRILLIC}][{_CYRILLIC}{_SMALL}']+(?:-[{_CYRILLIC}{_SMALL}][{_SMALL}{_CYRILLIC}]+){{0,2}}"
    rf"|[{_LATIN}](?:'[{_LATIN}])?[A-Za-zÀ-ž]+(?:['\-][A-Za-zÀ-ž]+){{0,2}})(?![\w@]))"
)
_PARTICLE = re.compile(
    r" (?:van der |van den |van de |van |von der |von |de la |de los |de |del |della |di |da |dos |du |la |le |bin |ibn |al-|el-|ter |ten |оглы|кызы|ибн |аль-|фон |ван |де )",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"[ -](?:оглы|кызы|углы|заде|оглу|гызы|Jr\.?|Sr\.?|III|II)(?!\w)", re.IGNORECASE)
_LOWER_NAME = re.compile(
    rf"(?<!\w)(?:меня зовут|моё имя|мое имя|это|зовут|my name is|i am|i'm|this is) ([{_SMALL}a-z]{{3,20}}(?: [{_SMALL}a-z]{{3,20}})?)(?!\w)"
)
_LOWER_PATRONYMIC = re.compile(
    rf"(?<![\w-])(?:([{_SMALL}]{{3,20}}) )?([{_SMALL}]{{3,20}}) ([{_SMALL}]{{2,20}}(?:ович|евич|овн|евн|инична|ичн|ильич)[{_SMALL}]{{0,3}})(?!\w)(?: ([{_SMALL}]{{3,20}}))?"
)

#: Words before a name that say that it is one.
_BEFORE = re.compile(
    r"(?:уважаем\w+|дорог(?:ой|ая|ие)|мил(?:ый|ая)|здравствуй(?:те)?|приветствую|привет(?:ик)?|добр(?:ый|ое|ого) (?:день|утро|вечер|времени суток)|доброго дня|хай"
    r"|(?:меня |его |её |ее |тебя |вас )?зовут|имя(?: и фамилия)?|фамилия|отчество|ф\.? ?и\.? ?о\.?|клиент\w*|пациент\w*|получател\w*|отправител\w*|плательщик\w*|заявител\w*|заказчик\w*"
    r"|держател\w*|владел\w+|контактное лицо|кому|менеджер\w*|врач\w*|доктор\w*|г-н\w*|г-ж\w*|господин\w*|госпож\w*|гр\.|гражданин\w*|гражданк\w*|мадам|товарищ\w*|тов\.|коллега"
    r"|с уважением|искренне ваш\w*|ваш[аи]?|твой|твоя|целую|обнимаю|спасибо|благодарю|подруг\w*|друг\w?|сын\w{0,3}|доч\w*|муж\w?|жен[аоыеу]\w?|мам[аеуы]|пап[аеуы]|брат\w*|сестр\w*|тёт\w*|тет[яиею]\w?|дяд\w*|бабушк\w*|дедушк\w*"
    r"|учител\w*|ученик\w*|ученица|сотрудник\w*|директор\w*|бухгалтер\w*|секретар\w*|ип|подпис\w*|автор|пишет|от|и|с|со|у|к|для|за|это|директор|адвокат\w*|нотариус\w*|подписал\w*|ответственн\w+|исполнител\w*|водител\w*|курьер\w*|специалист\w*|оператор\w*|консультант\w*"
    r"|dear|hi|hello|hey|good (?:morning|afternoon|evening)|mr|mrs|ms|miss|mx|dr|prof|professor|sir|lady|madam|mme|herr|frau|señor|captain|sgt|rev|attn|attention|to whom|from|to|cc|sent by"
    r"|regards|wishes|sincerely|cheers|thanks|thank you|thx|yours(?: truly| faithfully| sincerely)?|love|best|xoxo|respectfully|cordially|warmly|signed|my name is|name|full name|first name|last name|surname|given name"
    r"|i'm|i am|this is|called|named|patient|client|customer|employee|student|teacher|recipient|sender|beneficiary|payee|holder|cardholder|account holder|contact|manager|guest|passenger|attendee|assignee|author|reporter"
    r"|husband|wife|son|daughter|brother|sister|mother|father|mom|mum|dad|friend|colleague|boss|uncle|aunt|grandma|grandpa|with|by|tell|ask|met|and|meet)[\s,:;.!\-/>*]{0,6}$"
)
#: Those of them that also make a name of a word that no dictionary holds.
_STRICT = re.compile(
    r"(?:уважаем\w+|дорог(?:ой|ая)|здравствуй(?:те)?|привет|добр(?:ый|ое) (?:день|утро|вечер)|зовут|имя|фамилия|отчество|ф\.? ?и\.? ?о\.?|пациент\w*|получател\w*|отправител\w*|плательщик\w*|заявител\w*"
    r"|держател\w*|владел\w+|контактное лицо|кому|г-н\w*|г-ж\w*|господин\w*|госпож\w*|гражданин\w*|гражданк\w*|с уважением|искренне ваш\w*|целую|обнимаю|доктор\w*|дядя|тётя|тетя|клиент\w*|сотрудник\w*"
    r"|dear|hi|hello|hey|mr|mrs|ms|miss|mx|dr|prof|professor|herr|frau|mme|attn|regards|wishes|sincerely|cheers|thanks|thx|yours(?: truly| faithfully| sincerely)?|love|best|xoxo|respectfully|cordially|signed"
    r"|my name is|name|full name|first name|last name|surname|given name|patient|recipient|sender|beneficiary|payee|holder|cardholder|passenger|guest|employee|student|contact|assignee|i'm|i am)[\s,:;.!\-/>*]{0,6}$"
)
#: What is named after a person is none.
_PLACE = re.compile(
    r"(?:ул(?:иц\w*)?\.?|проспект\w*|пр-т|пр\.|площад\w*|метро|м\.|станци\w*|имени|им\.|парк\w*|библиотек\w*|музе\w*|театр\w*|бульвар\w*|переул\w*|пер\.|наб\w*\.?|шоссе|мост\w*|г\.|город\w*|пос\.|дер\.|село|бц|тц|жк|ооо|зао|оао|пао|ао|фонд\w*|премия|премии|ooo|llc|st\.|lake|mount|fort|port|saint|new|in|at the|near)[\s«\"]*$"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;>\n\r\t•*|\-])[\s\"'«(>|*\-]*$")


class _Token(NamedTuple):
    start: int
    end: int
    word: Word
    initial: bool
    capitals: bool


def find(read: Reading) -> Iterator[Hit]:
    """Names of people; the key of a hit is its lemmas and initials, joined by "|"."""
    text, low = read.text, read.low
    run: list[_Token] = []
    people: set[str] = set()
    left: list[_Token] = []
    for found in _TOKEN.finditer(text):
        token = _token(found)
        if run and not _joins(text, run[-1].end, token.start):
            yield from _people(text, low, run, people, left)
            run = []
        run.append(token)
    if run:
        yield from _people(text, low, run, people, left)
    for token in left:
        # Who was named in full once is the same person where the surname stands alone.
        if token.word.lemma in people:
            yield Hit(token.start, token.end, "PERSON", token.word.lemma, GUESSED)
    yield from _in_small_letters(low)


def _token(found: re.Match[str]) -> _Token:
    start, end = found.span()
    written = found[0]
    if found["initial"]:
        return _Token(start, end, Word(0, written.lower()), initial=True, capitals=False)
    if written.endswith(("'s", "'S")):
        written, end = written[:-2], end - 2
    return _Token(start, end, word(written), initial=False, capitals=written.isupper())


def _joins(text: str, end: int, start: int) -> bool:
    """Whether two words may belong to one name: a space, a wrapped line, a particle between them."""
    between = text[end:start]
    if between in ("", " ", "  "):
        return True
    return len(between) < 10 and _PARTICLE.fullmatch(between) is not None


def _people(
    text: str, low: str, run: list[_Token], people: set[str], left: list[_Token]
) -> Iterator[Hit]:
    """The names in a run of capitalised words."""
    index = 0
    while index < len(run):
        first, last = index, index
        while last < len(run) and last - first < 5 and (run[last].initial or run[last].word.roles & NAME):
            last += 1
        if last == first:
            token = run[index]
            if token.word.roles & UNKNOWN and _is_said(low, token, _STRICT):
                last = first + 1
            else:
                left.append(token)
                index += 1
                continue
        first, last = _with_neighbours(text, low, run, first, last)
        part = _trimmed(run[first:last])
        if part and _is_person(text, low, part):
            yield _person(text, part)
            people.update(t.word.lemma for t in part if _recurs(t))
        else:
            left.extend(run[first:last])
        index = max(last, index + 1)


def _recurs(token: _Token) -> bool:
    return not token.initial and token.word.roles & (SURNAME | UNKNOWN) != 0 and len(token.word.lemma) > 3


def _trimmed(part: list[_Token]) -> list[_Token]:
    """Without initials where no word follows or precedes."""
    return part if any(not token.initial for token in part) else []


def _with_neighbours(
    text: str, low: str, run: list[_Token], first: int, last: int
) -> tuple[int, int]:
    """Grow a name by words that no dictionary holds, as long as it is sure of itself."""
    core = run[first:last]
    sure = any(
        token.word.roles & PATRONYMIC
        or (token.word.roles & GIVEN and not token.word.roles & ORDINARY)
        for token in core
    ) or (sum(token.initial for token in core) >= 2)
    said = _is_said(low, run[first], _STRICT)
    if not (sure or said):
        return first, last
    while last < len(run) and last - first < 4 and _absorbs(run[last], core):
        last += 1
        if not run[last - 1].initial:
            break
    if (
        last - first < 4
        and first > 0
        and not run[first - 1].initial
        and run[first - 1].word.roles & UNKNOWN
        and _absorbs(run[first - 1], core)
        and (len(core) > 1 or not _SENTENCE_START.search(low[max(0, run[first - 1].start - 6) : run[first - 1].start]))
    ):
        first -= 1
    return first, last


def _absorbs(token: _Token, core: list[_Token]) -> bool:
    if token.initial:
        return True
    if token.capitals and (not all(t.capitals or t.initial for t in core) or token.end - token.start < 4):
        return False
    if token.word.roles & UNKNOWN:
        return True
    # "Сергей Иванович Волк": an ordinary word with a capital behind a given name and a patronymic.
    return len(core) == 2 and bool(core[-1].word.roles & PATRONYMIC) and not token.capitals


def _is_said(low: str, token: _Token, by: re.Pattern[str]) -> bool:
    return by.search(_word_start(low, token.start)) is not None


def _word_start(low: str, start: int) -> str:
    """The 36 signs before a place, from the beginning of a word on."""
    begin = max(0, start - 36)
    piece = low[begin:start]
    if begin and low[begin - 1].isalnum():
        piece = piece.lstrip(_WORD_SIGNS) if piece[:1].isalnum() else piece
    return " " + piece


_WORD_SIGNS = "abcdefghijklmnopqrstuvwxyzабвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_BEFORE = re.compile(rf"(?<![\w-]){_BEFORE.pattern}")
_STRICT = re.compile(rf"(?<![\w-]){_STRICT.pattern}")
_PLACE = re.compile(rf"(?<![\w-]){_PLACE.pattern}")


def _is_person(text: str, low: str, part: list[_Token]) -> bool:
    words = [token for token in part if not token.initial]
    roles = [token.word.roles for token in words]
    if any(role & PATRONYMIC for role in roles):
        return True
    sure = [role for role in roles if role & NAME and not role & ORDINARY]
    named = [role for role in roles if role & NAME]
    if len(part) > 1 and _is_combination(part, roles, sure, named):
        return True
    before = _word_start(low, part[0].start)
    if _PLACE.search(before):
        return False
    if sure and any(role & GIVEN for role in sure):
        return True
    cyrillic = "\u0400" <= low[words[0].start] <= "\u04ff"
    if sure and cyrillic:
        return True
    if sure and _SLAVIC.search(words[0].word.lemma):
        return True
    if not named:
        return _STRICT.search(before) is not None
    strict = _STRICT.search(before) is not None
    if any(role & GIVEN for role in named):
        at_start = _SENTENCE_START.search(before) is not None
        if cyrillic:
            in_capitals = words[0].capitals
            quoted = low[max(0, words[0].start - 1) : words[0].start] in ("«", '"')
            return strict or (not at_start and not in_capitals and not quoted)
        return strict or (_BEFORE.search(before) is not None and not words[0].capitals)
    return strict


_SLAVIC = re.compile(r"(?:[oe]va?|sk(?:y|iy|aya|ii)|enko|chuk|shvili|dze|yan)$")


def _is_combination(
    part: list[_Token], roles: list[int], sure: list[int], named: list[int]
) -> bool:
    """Whether words that may each be something else make a name together."""
    initials = sum(token.initial for token in part)
    if initials:
        return bool(named) or initials >= 2
    given = sum(bool(role & GIVEN) for role in named)
    surname = sum(bool(role & SURNAME) for role in named)
    if len(named) < 2:
        return bool(sure)
    return bool(sure) or (given >= 1 and surname >= 1)


def _person(text: str, part: list[_Token]) -> Hit:
    start, end = part[0].start, part[-1].end
    suffix = _SUFFIX.match(text, end)
    if suffix:
        end = suffix.end()
    # A full stop that ends a sentence is no part of a trailing initial's name, and does no harm.
    lemmas = "|".join(token.word.lemma for token in part)
    return Hit(start, end, "PERSON", lemmas, NAMED)


def _in_small_letters(low: str) -> Iterator[Hit]:
    """Names typed without capitals: behind "my name is", and around a patronymic."""
    for found in _LOWER_NAME.finditer(low):
        parts = found[1].split(" ")
        named = [w for w in parts if word(w).roles & NAME and not word(w).roles & UNKNOWN]
        if not named or named[0] != parts[0] or (word(parts[0]).roles & ORDINARY and not word(parts[0]).roles & GIVEN):
            continue
        if not word(parts[0]).roles & GIVEN or (word(parts[0]).roles & ORDINARY and "зовут" not in found[0] and "name" not in found[0]):
            continue
        end = found.start(1) + len(parts[0])
        if len(parts) > 1 and word(parts[1]).roles & (NAME | UNKNOWN) and parts[1] in (*named, *(w for w in parts if word(w).roles & UNKNOWN)):
            end = found.end(1)
        yield Hit(found.start(1), end, "PERSON", "|".join(word(w).lemma for w in low[found.start(1) : end].split(" ")), NAMED)
    for found in _LOWER_PATRONYMIC.finditer(low):
        if not (word(found[2]).roles & GIVEN and word(found[3]).roles & PATRONYMIC):
            continue
        first, last = 2, 3
        if found[1] and word(found[1]).roles & SURNAME and not word(found[1]).roles & ORDINARY:
            first = 1
        if found[4] and word(found[4]).roles & SURNAME and not word(found[4]).roles & ORDINARY:
            last = 4
        start, end = found.start(first), found.end(last)
        yield Hit(start, end, "PERSON", "|".join(word(w).lemma for w in low[start:end].split(" ")), NAMED)


__all__ = ["MASK", "find"]
