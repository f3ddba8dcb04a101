"""Text of unknown origin inside markdown."""

from __future__ import annotations

import re

_MARKS = "\\`*_{}[]()#+-!|<>~$:"
#: GitHub's markdown makes links of these wherever they stand, escaped or not.
_LINKS = re.compile(r"\b(?:https?|ftp)(?=:)|\bwww(?=\.)|(?=@)", re.IGNORECASE)
#: A number that begins a line, with its full stop, would begin a list.
_COUNTED = re.compile(r"^(\s*\d+)\.(?=\s|$)", re.MULTILINE)
#: Word joiner: unseen, and no link goes on across it.
_JOINER = "\u2060"


def plain(text: str) -> str:
    r"""Text with what markdown would act on defused, addresses included.

    >>> print(plain("*a*"))
    \*a\*
    """
    unlinked = _LINKS.sub(lambda found: found[0] + _JOINER, text)
    escaped = "".join(f"\\{sign}" if sign in _MARKS else sign for sign in unlinked)
    return _COUNTED.sub(r"\1\\.", escaped)
