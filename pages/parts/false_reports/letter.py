"""A reported letter on the page: its text as text, whatever is in it.

A letter is written by whoever wants to be read: it may hold HTML, markdown, addresses of pictures,
formulas, and signs that turn the direction of what stands around them. Nothing of it may act.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping
from itertools import groupby

import streamlit as st

from core.charts.tokens import Palette
from core.spreadsheet import inert
from core.text.anonymiser.reading import PLACEHOLDER

#: So much of a long letter is shown at first.
FIRST = 4_000
#: And so much of it in a cell of a table.
CELL = 140
#: Signs that steer the ones around them, or are not seen; a break and a tab are plain enough.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PLAIN = frozenset("\n\t")
#: Placeholders by what they stand for: people, where they can be reached, money and papers.
_HUES: Mapping[str, int] = {
    **dict.fromkeys(("PERSON", "BIRTHDATE"), 2),
    **dict.fromkeys(("EMAIL", "PHONE", "HANDLE", "ADDRESS", "IP", "URL"), 0),
}
_OTHER_HUE = 1


def markup(text: str, palette: Palette) -> str:
    """A letter as HTML of which every tag is this function's own.

    Whatever HTML knows as a mark is escaped; placeholders are coloured by what they stand for;
    signs that steer direction or cannot be seen are named instead of obeyed; each paragraph runs in
    the direction of its own letters, and none of it reaches beyond the frame.
    """
    text = text.replace("\r\n", "\n")
    parts, end = [], 0
    for found in PLACEHOLDER.finditer(text):
        colour = palette.series[_HUES.get(found[1], _OTHER_HUE)]
        parts += [
            _seen(text[end : found.start()], palette),
            f'<span style="color:{colour};font-weight:600">{html.escape(found[0])}</span>',
        ]
        end = found.end()
    parts.append(_seen(text[end:], palette))
    return (
        '<div style="unicode-bidi:isolate;contain:content;max-height:26rem;overflow:auto">'
        '<div dir="auto" style="unicode-bidi:plaintext;white-space:pre-wrap;'
        'overflow-wrap:anywhere">'
        f"{''.join(parts)}</div></div>"
    )


def cell(text: str, most: int = CELL) -> str:
    r"""Text of unknown origin for a cell: on one line, cut, unable to act, also when downloaded.

    >>> cell("=1+1"), cell("a\nb\u202ec")
    ("'=1+1", 'a b⟨U+202E⟩c')
    """
    # Far more is looked at than is shown: a letter often begins with signs that are not seen.
    spaced = text[: 20 * most].replace("\r", " ")
    named = "".join(piece if written else f"⟨{piece}⟩" for written, piece in _pieces(spaced))
    line = " ".join(named.split())
    return inert(line if len(line) <= most else f"{line[: most - 1]}…")


def show(text: str, palette: Palette, *, key: str, whole: bool) -> None:
    """A letter in its frame; a long one at first only in part.

    Args:
        text: of the letter, anonymised.
        palette: of the theme.
        key: of the frame.
        whole: all of it is wanted.
    """
    with st.container(border=True, key=key):
        if not text:
            st.caption("The text of this letter was erased, or could not be anonymised.")
            return
        st.html(markup(text if whole else text[:FIRST], palette))


def _seen(text: str, palette: Palette) -> str:
    return "".join(
        html.escape(piece)
        if written
        else f'<span style="color:{palette.muted};font-size:0.75em">⟨{html.escape(piece)}⟩</span>'
        for written, piece in _pieces(text)
    )


def _pieces(text: str) -> list[tuple[bool, str]]:
    """The text in pieces: as they are written, or the names of signs that cannot be seen.

    Newsletters fill their first lines with hundreds of them: those of a kind are told once.
    """
    found: list[tuple[bool, str]] = []
    for written, run in groupby(text, key=_is_written):
        if written:
            found.append((True, "".join(run)))
            continue
        for sign, same in groupby(run):
            number = len(list(same))
            times = f" ×{number}" if number > 1 else ""
            found.append((False, f"U+{ord(sign):04X}{times}"))
    return found


def _is_written(sign: str) -> bool:
    return sign in _PLAIN or unicodedata.category(sign) not in _UNSEEN
