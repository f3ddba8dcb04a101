"""The files of a review: its values, its charts, its HTML and its PDF, all of one value."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core.charts.review import chosen
from core.charts.tokens import DARK, LIGHT
from core.overview import OverviewReport
from core.ports.reviews import ReviewReader
from core.review import Plan, Review, codec, report, sheet
from core.review.html import Picture, document
from db.review_export.drawing import FONTS, svg
from db.review_export.pdf import pdf

_WEIGHTS = {"Regular": 400, "Bold": 700}


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A review with its charts.

    Attributes:
        pictures: the charts (SVG) by key, in both themes.
    """

    review: Review
    pictures: Mapping[str, Picture]

    def of_theme(self, name: str) -> dict[str, str]:
        """The charts in one theme, 'light' or 'dark'."""
        return {
            key: one.dark if name == DARK.name else one.light for key, one in self.pictures.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A review as the files that are kept and handed out; the same review is the same bytes.

    Attributes:
        files: 'values', as `core.review.codec` writes the review; 'pictures', its charts; 'html',
            a document that needs nothing beside itself; 'pdf'.
    """

    drawn: Drawn
    files: Mapping[str, bytes]


def draw(reader: ReviewReader, overview: OverviewReport, plan: Plan) -> Drawn:
    """Put a review together and draw its charts.

    Args:
        reader: where decisions and the reviews before come from.
        overview: of the service, for the window and as-of of the review.
        plan: milestones, risks and actions as of the same moment.
    """
    light, dark = chosen(overview, LIGHT), chosen(overview, DARK)
    pictures = {
        day.key: Picture(svg(day.chart, LIGHT), svg(night.chart, DARK))
        for day, night in zip(light, dark, strict=True)
    }
    return Drawn(report(reader, overview, plan, light), pictures)


def pack(drawn: Drawn) -> Pack:
    """The files of a review."""
    shown = sheet(drawn.review)
    pictures = {key: [one.light, one.dark] for key, one in drawn.pictures.items()}
    files = {
        "values": codec.write(drawn.review).encode(),
        "pictures": json.dumps(pictures, ensure_ascii=False).encode(),
        "html": document(shown, drawn.pictures, _fonts()).encode(),
        "pdf": pdf(shown, drawn.of_theme(LIGHT.name), drawn.review.as_of),
    }
    return Pack(drawn, files)


def unpack(values: bytes, pictures: bytes) -> Drawn:
    """A review from what was kept of it.

    Raises:
        UnreadableError: it was kept by a version that wrote otherwise.
    """
    review = codec.read(values.decode())
    drawn = {key: Picture(*both) for key, both in json.loads(pictures).items()}
    return Drawn(review, drawn)


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
