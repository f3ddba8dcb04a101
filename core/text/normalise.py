"""The words by which letters are compared.

Two letters of one mailing differ in names, amounts, dates, addresses, in being forwarded and in
their footers. What is left without these is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from core.text.quotes import body

#: What stands for anything that is counted, dated or numbered.
NUMBER = "#"
#: Placeholders that keep a token of their own. The others are numbers of some sort, told from a
#: plain number by check digits or context, and so sometimes by chance: they all become NUMBER.
_NAMED = frozenset({"person", "address", "email", "url"})

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
#: A form of address goes with the name, which the sender may know or not.
_ADDRESSED = re.compile(
    r"\b(?:mr|mrs|ms|miss|dr|prof|г-н|г-жа|господин|госпожа)\b\.?\s*(?=\[person_)"
)
#: "Роман, как вам покупка?": the name by which a letter begins may be a word, and stay unmasked.
_CALLED = re.compile(r"^\W*[A-ZА-ЯЁ][a-zа-яё-]+(?:\s[A-ZА-ЯЁ][a-zа-яё-]+)?\s?[,!](?=\s)")
#: A shorter letter may say little more than that one word.
_LONG_ENOUGH = 60
_PLACEHOLDER = re.compile(r"\[([a-z]+)_\d+\]")
_TOP = r"\.(?:ru|su|com|org|net|info|io|uk|de|рф|example)\b"
_URL = re.compile(
    rf"(?:https?://|www\.)\S+|(?<![\w.@-])[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}{_TOP}(?:/\S*)?"
)
#: One of these is in whatever `_URL` finds; looking for them is ten times as quick.
_IN_URL = re.compile(rf"://|www\.|{_TOP}")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
#: Words that stand for a date or an amount.
_DATED = re.compile(
    r"январ[ьяе]|феврал[ьяе]|март[ае]?|апрел[ьяе]|ма[йяе]|июн[ьяе]|июл[ьяе]|август[ае]?|"
    r"сентябр[ьяе]|октябр[ьяе]|ноябр[ьяе]|декабр[ьяе]|янв|фев|апр|авг|сен|окт|ноя|дек|"
    r"january|february|april|june|july|august|september|october|november|december|"
    r"jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec|"
    r"понедельник[аеу]?|вторник[аеу]?|сред[аеуы]|четверг[аеу]?|пятниц[аеуы]|суббот[аеуы]|"
    r"воскресень[еяю]|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"mon|tue|wed|thu|fri|"
    r"руб|рубл(?:ь|я|ей|ям|ями|ях)|копе(?:йка|йки|ек)|доллар(?:а|ов)?|евро|"
    r"rub|usd|eur|gbp|dollars?|euros?|pounds?"
)
#: Months that are verbs too: a date beside a number only.
_VERBAL = frozenset({"march", "mar", "may"})
#: What hangs on a number.
_UNITS = frozenset(
    {"г", "гг", "год", "года", "тыс", "млн", "шт", "кг", "коп", "am", "pm", "st", "nd", "rd", "th"}
)
_HANGING = _VERBAL | _UNITS
#: A placeholder, or words and numbers with the strokes between them: an order's code is one number.
_TOKEN = re.compile(r"\[[a-z]+\]|[^\W_][\w/-]*")
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]+")
#: Latin and Greek letters that look like Cyrillic ones, in either case, become one of the two.
_LOOKALIKES = str.maketrans("авеёкмнорстухіјѕԁԛԝһ", "abeekmhopctyxijsdqwh")
_CYRILLIC = re.compile(r"[а-яё]")
_MARKS = re.compile(r"[\u0300-\u036f]")
#: Russian endings say case, number and gender: "Уважаемый" and "Уважаемая" are one word here.
_ENDING, _STEM = 2, 5
_CACHED_WORDS = 1 << 16
_LONGEST_CACHED = 40


def words(text: str) -> tuple[str, ...]:
    """The words by which a letter is compared, in their order.

    Args:
        text: a letter, anonymised.

    Returns:
        Words in lower case and without endings, look-alike letters made one; a number, a name, an
        address are one token each, however many stand in a row. Empty for a text without words.
        They are not for people to read.

    >>> words("Иванов [PERSON_1], к оплате 1 200,50 ₽ до 5 мая!") == words(
    ...     "ИВАНОВ [PERSON_7]: к оплате 300 руб. до 16.06.2026")
    True
    """
    said = body(text)
    if len(said) > _LONG_ENOUGH:
        said = _CALLED.sub("[PERSON_0]", said)
    return _words(said)


def normalise(text: str) -> str:
    """The same as one string: equal for letters that differ in nothing that matters."""
    return " ".join(words(text))


def _words(said: str) -> tuple[str, ...]:
    said = _INVISIBLE.sub("", unicodedata.normalize("NFKC", said.replace("№", " "))).casefold()
    if "[person_" in said:
        said = _ADDRESSED.sub("", said)
    said = _PLACEHOLDER.sub(_token, said)
    if "@" in said:
        said = _EMAIL.sub(" [email] ", said)
    if _IN_URL.search(said):
        said = _URL.sub(" [url] ", said)
    tokens = _TOKEN.findall(said)
    folded = list(map(_FOLDED.__getitem__, tokens))
    found: list[str] = []
    last = ""
    for token, word in (
        _taken_apart(tokens, folded) if "" in folded else zip(tokens, folded, strict=True)
    ):
        if last != NUMBER and word[0] not in "[#":
            found.append(word)
            last = word
            continue
        said_here = NUMBER if last == NUMBER and token in _HANGING else word
        if said_here == NUMBER and last in _VERBAL:
            found.pop()
            last = found[-1] if found else ""
        if said_here != last or said_here[0] not in "[#":
            found.append(said_here)
            last = said_here
    return tuple(found)


def _taken_apart(tokens: Sequence[str], folded: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The tokens and what they stand for, where strokes hold words together."""
    for token, word in zip(tokens, folded, strict=True):
        if word:
            yield token, word
        else:
            yield from ((part, _folded(part)) for part in _LETTERS.findall(token))


def _token(match: re.Match[str]) -> str:
    kind = match[1]
    return f" [{kind}] " if kind in _NAMED else " 0 "


class _Folding(dict[str, str]):
    """What each token stands for, found once for each word.

    NUMBER for a token with a digit, '' for words that strokes hold together. A mapping is asked
    twice as quickly as a cached function.
    """

    def __missing__(self, token: str) -> str:
        if not token.isalpha() and token[0] != "[":
            return NUMBER if _DIGIT.search(token) else ""
        folded = _folded(token)
        if len(token) <= _LONGEST_CACHED:
            if len(self) >= _CACHED_WORDS:
                self.clear()
            self[token] = folded
        return folded


_FOLDED = _Folding()


def _folded(word: str) -> str:
    """One word without accents, ending and alphabet; what is dated or paid becomes NUMBER."""
    if word[0] in "[#":
        return word
    if _DATED.fullmatch(word):
        return NUMBER
    word = _MARKS.sub("", unicodedata.normalize("NFKD", word))
    if len(word) > _STEM and _CYRILLIC.search(word):
        word = word[: max(_STEM, len(word) - _ENDING)]
    return word.translate(_LOOKALIKES)
