"""The files of a review: its values, its HTML and its PDF, drawn once from one value."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core.charts.review import Chosen
from core.charts.tokens import Palette
from core.review import codec
from core.review.html import Picture, document
from core.review.sheet import sheet
from core.review.values import Review
from db.review_export.drawing import FONTS, svg
from db.review_export.pdf import pdf

_WEIGHTS = {"Regular": 400, "Bold": 700}


@dataclass(frozen=True, slots=True)
class Pack:
    """A review as the files that are handed out; the same review is the same bytes.

    Attributes:
        values: the review as `core.review.codec` writes it.
        html: a document that needs nothing beside itself.
    """

    review: Review
    values: bytes
    html: bytes
    pdf: bytes


def drawings(charts: Sequence[Chosen], palette: Palette) -> dict[str, str]:
    """The charts as pictures (SVG) by key."""
    return {one.key: svg(one.chart, palette) for one in charts}


def pack(review: Review, light: Mapping[str, str], dark: Mapping[str, str]) -> Pack:
    """The files of a review.

    Args:
        review: what it says.
        light: its charts (SVG) by key, for paper and for light screens.
        dark: likewise, for dark screens.
    """
    shown = sheet(review)
    pictures = {key: Picture(light[key], dark[key]) for key in light}
    return Pack(
        review,
        codec.write(review).encode(),
        document(shown, pictures, _fonts()).encode(),
        pdf(shown, light, review.as_of),
    )


@cache
def _fonts() -> str:
    """The fonts as rules of a style sheet, so that a file looks the same wherever it is opened."""
    rules = []
    for name, weight in _WEIGHTS.items():
        packed = base64.b64encode((FONTS / f"Roboto-{name}.woff2").read_bytes()).decode()
        rules.append(
            f"@font-face {{ font-family: Roboto; font-weight: {weight}; "
            f'src: url("data:font/woff2;base64,{packed}") format("woff2"); }}\n'
        )
    return "".join(rules)
