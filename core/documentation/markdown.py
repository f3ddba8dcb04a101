r"""Markdown that the team wrote, made safe to show: viewing it sends no request and runs nothing.

A text is taken apart into prose and code. Code is to be shown as it is, by something that renders
no markup (`st.code`). Prose stays markdown, with a joiner of no width between the signs that begin
an image (`![`) or raw HTML (`<p`, `</p`, `<!--`, `<?`), wherever they stand. Such signs begin
neither any more, so that an image becomes an exclamation mark and a link, which nothing loads
before it is clicked, and HTML becomes text. That holds for whatever reads markdown, however it
takes the rest apart; escaping by backslashes would not, since a backslash may itself be escaped, or
be in code.

A dollar sign is a dollar sign: what stands between two of them is no formula (prices and shell
variables are more common in runbooks), so it is escaped wherever it does not stand in code.

Only fences that begin a line are code here. Others (in lists, and code within a line) are prose:
they are rendered as code all the same, and hold the joiner only where an image or HTML would begin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Shown as nothing, and no part of any markup.
JOINER = "\u2060"
_IMAGE = re.compile(r"!(?=\[)")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
#: A dollar sign that no backslash escapes yet.
_DOLLAR = re.compile(r"(?<!\\)((?:\\\\)*)\$")
#: Where a backslash would be seen: between backticks, on an indented line, in an address.
_AS_IT_IS = re.compile(
    r"(?sm)(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|^(?: {4}|\t)[^\n]*$"
    r"|https?://[^\s<>()]+"
)
_FENCE = re.compile(r"(`{3,}|~{3,})\s*([^`]*)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text.

    Attributes:
        kind: 'prose' (markdown, made safe) or 'code' (to be shown as it is, never as markdown).
        text: without line ends around it.
        language: what a fence says its code is, e.g. 'sql'; '' where it says nothing.
    """

    kind: str
    text: str
    language: str = ""


def pieces(written: str) -> tuple[Piece, ...]:
    r"""Take a text apart into prose and code.

    >>> pieces("Look:\n```sql\nselect 1 <b>\n```\n![x](http://a)") == (
    ...     Piece("prose", "Look:"),
    ...     Piece("code", "select 1 <b>", "sql"),
    ...     Piece("prose", f"!{JOINER}[x](http://a)"),
    ... )
    True
    """
    found: list[Piece] = []
    lines: list[str] = []
    fence, language = "", ""
    for line in written.splitlines():
        opening = None if fence else _FENCE.fullmatch(line)
        if opening is not None:
            found += _prose(lines)
            fence, language = opening[1], opening[2].strip()
            lines = []
        elif fence and _closes(line, fence):
            found.append(Piece("code", "\n".join(lines), language))
            fence, lines = "", []
        else:
            lines.append(line)
    if fence:  # it was never closed: it reaches to the end
        found.append(Piece("code", "\n".join(lines), language))
    else:
        found += _prose(lines)
    return tuple(found)


def safe(prose: str) -> str:
    """Markdown in which nothing begins an image or raw HTML.

    >>> safe("<img src=x>") == f"<{JOINER}img src=x>"
    True
    """
    return _HTML.sub(f"<{JOINER}", _IMAGE.sub(f"!{JOINER}", prose))


def without_formulas(prose: str) -> str:
    r"""Markdown in which nothing between dollar signs becomes a formula.

    >>> print(without_formulas("$5, `$HOME` and \\$6"))
    \$5, `$HOME` and \$6
    """
    found, reached = [], 0
    for kept in _AS_IT_IS.finditer(prose):
        found += [_DOLLAR.sub(r"\1\\$", prose[reached : kept.start()]), kept[0]]
        reached = kept.end()
    return "".join([*found, _DOLLAR.sub(r"\1\\$", prose[reached:])])


def _prose(lines: list[str]) -> list[Piece]:
    text = "\n".join(lines).strip("\n")
    return [Piece("prose", without_formulas(safe(text)))] if text.strip() else []


def _closes(line: str, fence: str) -> bool:
    written = line.rstrip()
    return len(written) >= len(fence) and set(written) == {fence[0]}
