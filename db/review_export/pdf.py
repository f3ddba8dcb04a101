"""A review as PDF: laid out by Typst, which brings its own typesetting and needs no browser."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from core.charts.tokens import LIGHT
from core.review.icons import drawn
from core.review.sheet import Block, Cell, Figure, Section, Sheet, Table, Words
from core.review.texts import clean, language, unbroken
from core.status import Status
from db.review_export.drawing import FONTS
from db.review_export.glyphs import covered

_TEMPLATE = Path(__file__).parent / "review.typ"
#: Tagged for screen readers, and refused rather than written where something could not be read.
_STANDARD: Literal["ua-1"] = "ua-1"
#: A word longer than this may be broken anywhere: an address must not run out of its column.
_LONG_WORD = re.compile(r"\S{18}(?=\S{6})")
_BREAK = "\u200b"
_MISSING = "\ufffd"
_COLOURS = ("on_target", "at_risk", "breached", "no_data", "text", "muted", "grid")


def pdf(shown: Sheet, pictures: Mapping[str, str], as_of: datetime) -> bytes:
    """The review as PDF/UA; the same review is the same bytes.

    Args:
        shown: the review, laid out.
        pictures: its charts (SVG, light) by key.
        as_of: stands in the file, to the second, as the time of its making: no clock is in it.
    """
    import typst

    inputs = {
        "sheet": json.dumps(_sheet(shown, set(pictures)), ensure_ascii=False),
        "look": json.dumps({"colours": {name: getattr(LIGHT, name) for name in _COLOURS}}),
    } | {_picture(key): svg for key, svg in pictures.items()}
    written: bytes = typst.compile(
        str(_TEMPLATE),
        output=None,
        format="pdf",
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs=inputs,
        pdf_standards=[_STANDARD],
        timestamp=as_of.replace(microsecond=0),
    )
    return written


def _picture(key: str) -> str:
    return f"picture {key}"


def _sheet(shown: Sheet, drawn_keys: set[str]) -> dict[str, Any]:
    return {
        "title": _said(shown.title),
        "headline": _said(shown.headline),
        "facts": _said(shown.facts),
        "lead": [_said(part) for part in shown.lead],
        "notice": _said(shown.notice),
        "sections": [_section(section, drawn_keys) for section in shown.sections],
    }


def _section(section: Section, drawn_keys: set[str]) -> dict[str, Any]:
    return {
        "heading": _said(section.heading),
        "blocks": [_block(block, drawn_keys) for block in section.blocks],
    }


def _block(block: Block, drawn_keys: set[str]) -> dict[str, Any]:
    match block:
        case Words():
            return {"kind": "words", "text": _said(block.text)}
        case Figure() if block.key not in drawn_keys:
            return {"kind": "words", "text": _said(f"{block.title}. {block.alt}")}
        case Figure():
            return {
                "kind": "figure",
                "picture": _picture(block.key),
                "title": _said(block.title),
                "alt": _shown(block.alt),
                "why": _said(block.why),
            }
        case Table():
            return {
                "kind": "table",
                "widths": block.widths,
                "headers": [_shown(head) for head in block.headers],
                "rows": [[_cell(cell) for cell in row] for row in block.rows],
            }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "text": _said(cell.text),
        "below": _said(cell.below),
        "strong": cell.strong,
        "status": None if cell.status is None else _status(cell.status, cell.said),
    }


def _status(status: Status, word: str) -> dict[str, str]:
    coloured = {
        Status.ON_TARGET: "on_target",
        Status.AT_RISK: "at_risk",
        Status.BREACHED: "breached",
        Status.NO_DATA: "no_data",
    }
    return {
        "word": _shown(word),
        "icon": drawn(status, LIGHT.of(status)),
        "colour": coloured.get(status, "text"),
    }


def _said(text: str) -> dict[str, str]:
    return {"text": _shown(text), "lang": language(text)}


def _shown(text: str) -> str:
    """A text in characters that the font has; any other is shown as one that is missing."""
    known = "".join(sign if covered(sign) else _MISSING for sign in unbroken(clean(text)))
    return _LONG_WORD.sub(lambda found: found[0] + _BREAK, known)
