r"""Texts of unknown origin on their way into a document: only characters that are meant to be seen.

>>> clean("a\x1b[2J\tb\u202ec")
'a\ufffd[2J bc'
"""

from __future__ import annotations

import unicodedata

#: These turn the order of what is read around: a name could then pass for another.
_TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def clean(text: str) -> str:
    """A text without what would act on the reader's screen, its letters whole; line ends stay."""
    whole = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(map(_shown, whole))


def unbroken(text: str) -> str:
    r"""A text in which no line ends between a number and its percent sign.

    >>> unbroken("at least 99 %")
    'at least 99\xa0%'
    """
    return text.replace(" %", "\u00a0%")


def language(text: str) -> str:
    """The language that a text is read aloud in: Russian where most letters are Cyrillic.

    >>> language("Жалоб меньше на 5 %"), language("GPU-серверы"), language("99 %")
    ('ru', 'ru', 'en')
    """
    letters = [sign for sign in text if sign.isalpha()]
    cyrillic = sum("Ѐ" <= sign <= "ӿ" for sign in letters)
    return "ru" if 2 * cyrillic > len(letters) else "en"


def _shown(sign: str) -> str:
    if sign == "\n":
        return sign
    if sign in _TURNING:
        return ""
    if sign == "\t":
        return " "
    return "\ufffd" if unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn"} else sign
