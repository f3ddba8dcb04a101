"""Charts as pictures (SVG), drawn without a browser."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from core.charts.chart import Chart
from core.charts.tokens import Palette

FONTS = Path(__file__).parent / "fonts"
#: The families that a picture names: the first is measured with and carried along in files.
_FAMILIES = "Roboto, Source Sans, Segoe UI, Noto Sans, Arial, sans-serif"
#: As wide as the column of a review, in pixels.
WIDTH = 900
#: Letters of a chart that is made smaller on paper must stay legible there, in pixels.
_LABEL, _TITLE = 12, 12
#: A hundredth of a pixel is as fine as a picture needs to be.
_DECIMALS = re.compile(r"\d+\.\d{3,}")


def svg(chart: Chart, palette: Palette) -> str:
    """A chart as a picture on a clear ground, in one theme.

    Raises:
        ValueError: the chart has nothing to draw, or Vega-Lite cannot read it.
    """
    if chart.spec is None:
        raise ValueError(f"chart == {chart.title!r}, has nothing to draw")
    spec = _still(chart.spec) | {
        "width": WIDTH,
        "background": None,
        "config": _config(palette),
        "datasets": {name: _rows(columns) for name, columns in chart.datasets.items()},
    }
    drawn: str = _vega().vegalite_to_svg(spec)
    return _DECIMALS.sub(lambda found: f"{float(found[0]):.2f}", drawn)


def _still(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A specification without what only a mouse can find: selections, and marks to point at."""
    kept = {key: value for key, value in spec.items() if key != "params"}
    if "layer" in kept:
        kept["layer"] = [_still(layer) for layer in kept["layer"] if not _unseen(layer)]
    return kept


def _unseen(layer: Mapping[str, Any]) -> bool:
    mark = layer.get("mark")
    return isinstance(mark, Mapping) and mark.get("opacity") == 0


@cache
def _vega() -> Any:
    """The library that draws; it knows the fonts that come along, whatever the machine has.

    Imported when the first chart is drawn: it takes a second and 90 MB.
    """
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert


def _rows(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _config(palette: Palette) -> dict[str, Any]:
    """As the dashboard's own theme draws charts."""
    return {
        "font": _FAMILIES,
        "aria": False,  # the whole is described where it is placed, not every point of it
        "view": {"stroke": None},
        "axis": {
            "labelColor": palette.muted,
            "titleColor": palette.muted,
            "labelFontSize": _LABEL,
            "titleFontSize": _TITLE,
            "titleFontWeight": "normal",
            "gridColor": palette.grid,
            "domainColor": palette.grid,
            "tickColor": palette.grid,
        },
        "text": {"color": palette.text},
        "legend": {"labelColor": palette.text, "titleColor": palette.muted},
    }
