"""Russian words in Latin letters, back in their own."""

from __future__ import annotations

import re

_DIGRAPHS = (
    *(("shch", "щ"), ("sch", "щ"), ("yo", "ё"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч")),
    *(("sh", "ш"), ("yu", "ю"), ("iu", "ю"), ("ya", "я"), ("ia", "я"), ("ye", "е"), ("ck", "к")),
)
_SINGLE = str.maketrans(
    dict(zip("abcdefghijklmnopqrstuvwyz'", "абцдефгхийклмнопкрстуввызь", strict=True)) | {"x": "кс"}
)


def in_cyrillic(low: str) -> list[str]:
    """What a word in small Latin letters may be in Cyrillic ones, the plainest first.

    >>> in_cyrillic("yuliya")[0]
    'юлия'
    """
    for latin, cyrillic in _DIGRAPHS:
        low = low.replace(latin, cyrillic)
    plain = low.translate(_SINGLE)
    ending = re.sub(r"(?:ий|ии|иы|ы|и)$", "ий", plain)
    soft = re.sub(r"(?<=[аеоуяю])[иы]$", "й", plain)
    return list(
        dict.fromkeys(
            (
                plain,
                soft,
                ending,
                plain.replace("ьев", "ьев").replace("иев", "ьев"),
                plain.replace("ы", "й"),
            )
        )
    )
