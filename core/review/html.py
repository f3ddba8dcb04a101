"""A review as HTML: a document that needs nothing beside itself, or an article inside of a page.

Every text is escaped, and said in its own language; nothing in it is markup.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from core.review import style
from core.review.sheet import Block, Cell, Figure, Sheet, Table, Words
from core.review.texts import clean, language, unbroken

#: Nothing may be fetched, run or sent: what is shown is in the file.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
#: What names a part of a drawing, and what refers to one.
_NAMES = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')
#: Vega tells a screen reader of the parts; here the drawing as a whole is described.
_DESCRIBED = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, drawn in both themes (SVG)."""

    light: str
    dark: str


def document(shown: Sheet, pictures: Mapping[str, Picture], fonts: str) -> str:
    """The review as one file, for any browser, without a network.

    Args:
        shown: the review, laid out.
        pictures: its charts by key.
        fonts: @font-face rules with the fonts in them, as `data:` addresses.
    """
    drawings = {key: _both(key, one) for key, one in pictures.items()}
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{_text(shown.title)}</title>\n"
        f"<style>{style.standalone(fonts)}</style>\n</head>\n<body>\n"
        f'<main class="review">\n{_article(shown, drawings)}</main>\n</body>\n</html>\n'
    )


def article(shown: Sheet, pictures: Mapping[str, str]) -> str:
    """The review as a part of a page, its charts as pictures of one theme.

    Args:
        shown: the review, laid out.
        pictures: its charts (SVG) by key.
    """
    drawings = {key: _image(svg) for key, svg in pictures.items()}
    return f'<article class="review">\n{_article(shown, drawings)}</article>\n'


class _Drawing:
    """How a chart gets into the document: its description goes in when it is placed."""

    def __init__(self, markup: str) -> None:
        self._markup = markup

    def placed(self, alt: str) -> str:
        return self._markup.replace(_ALT, escape(clean(alt), quote=True))


#: Stands where a description goes; no drawing holds this character.
_ALT = "\ufdd0"


def _both(key: str, picture: Picture) -> _Drawing:
    return _Drawing(
        _inline(picture.light, f"{key}-day", "by-day")
        + _inline(picture.dark, f"{key}-night", "by-night")
    )


def _inline(svg: str, name: str, kind: str) -> str:
    """A drawing inside of a document: what it names must not be named as in another one."""
    bare = _DESCRIBED.sub("", svg)
    own = _NAMES.sub(lambda found: f"{found[1]}{name}-{found[2]}", bare)
    return own.replace("<svg ", f'<svg role="img" aria-label="{_ALT}" ', 1).replace(
        'class="marks"', f'class="{kind}"', 1
    )


def _image(svg: str) -> _Drawing:
    packed = base64.b64encode(svg.encode()).decode()
    return _Drawing(f'<img src="data:image/svg+xml;base64,{packed}" alt="{_ALT}">')


def _article(shown: Sheet, drawings: Mapping[str, _Drawing]) -> str:
    parts = [
        f'<p class="quiet">{_said(shown.title)}</p>\n',
        f"<h1>{_said(shown.headline)}</h1>\n",
        f"<p>{' '.join(map(_said, shown.lead))}</p>\n",
        f'<p class="quiet">{_said(shown.facts)}</p>\n',
        f'<p class="notice">{_said(shown.notice)}</p>\n' if shown.notice else "",
    ]
    for section in shown.sections:
        name = f"review-{section.key}"
        blocks = "".join(_block(block, drawings) for block in section.blocks)
        parts.append(
            f'<section aria-labelledby="{name}">\n<h2 id="{name}">{_said(section.heading)}</h2>\n'
            f"{blocks}</section>\n"
        )
    return "".join(parts)


def _block(block: Block, drawings: Mapping[str, _Drawing]) -> str:
    match block:
        case Words():
            return f"<p>{_said(block.text)}</p>\n"
        case Figure():
            return _figure(block, drawings)
        case Table():
            return _table(block)


def _figure(block: Figure, drawings: Mapping[str, _Drawing]) -> str:
    drawing = drawings.get(block.key)
    # A chart that cannot be drawn any more is still told.
    shown = f"<p>{_said(block.alt)}</p>" if drawing is None else drawing.placed(block.alt)
    return (
        f"<figure>\n<h3>{_said(block.title)}</h3>\n{shown}\n"
        f"<figcaption>Shown for: {_said(block.why)}</figcaption>\n</figure>\n"
    )


def _table(table: Table) -> str:
    whole = sum(table.widths)
    columns = "".join(f'<col style="width: {100 * width / whole:.4g}%">' for width in table.widths)
    heads = "".join(f'<th scope="col">{_text(head)}</th>' for head in table.headers)
    rows = "".join(
        "<tr>" + "".join(_cell(cell, first=not at) for at, cell in enumerate(row)) + "</tr>\n"
        for row in table.rows
    )
    return (
        f"<table>\n<caption>{_text(table.label)}</caption>\n<colgroup>{columns}</colgroup>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )


def _cell(cell: Cell, *, first: bool) -> str:
    name, scope = ("th", ' scope="row"') if first else ("td", "")
    strong = ' class="strong"' if cell.strong else ""
    status = ""
    if cell.status is not None:
        kind = style.status_class(cell.status)
        status = f'<span class="status {kind}">{_said(cell.said)}</span>'
    below = f'<span class="below">{_said(cell.below)}</span>' if cell.below else ""
    return f"<{name}{scope}{strong}>{status}{_said(cell.text)}{below}</{name}>"


def _said(text: str) -> str:
    """A text in its own language, for those who have it read to them."""
    shown = _text(text)
    spoken = language(text)
    return shown if spoken == "en" else f'<span lang="{spoken}">{shown}</span>'


def _text(text: str) -> str:
    return escape(unbroken(clean(text)))
