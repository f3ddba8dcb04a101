"""How a review looks: in a browser by day and by night, and on paper."""

from __future__ import annotations

from urllib.parse import quote

from core.charts.tokens import DARK, LIGHT, Palette
from core.review.icons import drawn
from core.status import Status

#: The first is carried along where a review is a file; the others are at hand on most machines.
FAMILIES = 'Roboto, "Source Sans", "Segoe UI", "Noto Sans", Arial, sans-serif'

_LAYOUT = """
.review { color: var(--text); font-family: %s; font-size: 15px; line-height: 1.45;
  max-width: 60rem; margin: 0 auto; overflow-wrap: anywhere; }
.review * { box-sizing: border-box; }
.review p { margin: 0 0 .5rem; white-space: pre-line; }
.review h1 { font-size: 1.75rem; font-weight: 700; line-height: 1.2;
  margin: .2rem 0 .6rem; padding: 0; letter-spacing: 0; color: inherit; }
.review h2 { font-size: 1.2rem; font-weight: 700; line-height: 1.3;
  margin: 1.9rem 0 .5rem; padding: 0; letter-spacing: 0; color: inherit; }
.review h3 { font-size: 1rem; font-weight: 700; line-height: 1.3; margin: 0 0 .3rem; padding: 0;
  letter-spacing: 0; color: inherit; }
.review .quiet { color: var(--muted); font-size: .9rem; }
.review .notice { border-left: 3px solid var(--at-risk); padding-left: .7rem; }
.review table { border-collapse: collapse; width: 100%%; table-layout: fixed; margin: 0 0 .6rem;
  border: 0; font-size: inherit; }
.review caption { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%%); }
.review th, .review td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
  border: 0; border-bottom: 1px solid var(--grid); font-weight: 400; white-space: pre-line;
  color: inherit; overflow-wrap: break-word; }
.review thead th { color: var(--muted); font-size: .85rem; border-bottom: 1px solid var(--muted); }
.review .strong { font-weight: 700; }
.review .below { display: block; color: var(--muted); font-size: .87rem; font-weight: 400; }
.review figure { margin: 0 0 1.3rem; padding: .8rem 1rem; border: 1px solid var(--grid);
  border-radius: 6px; }
.review figcaption { color: var(--muted); font-size: .87rem; }
.review figure svg, .review figure img { display: block; width: 100%%; height: auto; }
.review .status { font-weight: 700; white-space: nowrap; }
.review .status::before { content: ""; display: inline-block; width: 1.05em; height: 1.05em;
  margin-right: .35em; vertical-align: -.17em; background: currentColor;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
"""
_PAGE = """
html { background: var(--background); }
body { margin: 0; padding: 2rem 1.2rem 3rem; background: var(--background); }
@page { size: A4; margin: 16mm 15mm; }
@media print {
  body { padding: 0; }
  .review { max-width: none; font-size: 10.5pt; }
  .review tr, .review figure { break-inside: avoid; }
  .review h2, .review h3 { break-after: avoid; }
  .review thead { display: table-header-group; }
}
.review .by-night { display: none; }
@media screen and (prefers-color-scheme: dark) {
  .review .by-day { display: none; }
  .review .by-night { display: block; }
}
"""


def embedded(palette: Palette) -> str:
    """The style of a review inside of a page of one theme."""
    # The bar that floats over a page must not cover the first line.
    room = ".review { padding-top: 1.4rem; }\n"
    return _LAYOUT % FAMILIES + room + _colours(".review", palette) + _icons()


def standalone(fonts: str) -> str:
    """The style of a review that is a file of its own: the reader's system chooses the theme.

    Args:
        fonts: @font-face rules of what is carried along.
    """
    return "".join(
        (
            fonts,
            _LAYOUT % FAMILIES,
            _PAGE,
            _colours(":root", LIGHT),
            "@media screen and (prefers-color-scheme: dark) {",
            _colours(":root", DARK),
            "}\n",
            _icons(),
        )
    )


def status_class(status: Status) -> str:
    """The name of a status in the style sheet.

    >>> status_class(Status.ON_TARGET)
    'on-target'
    """
    return status.name.lower().replace("_", "-")


def _colours(scope: str, palette: Palette) -> str:
    names = ("on_target", "at_risk", "breached", "no_data", "text", "muted", "grid", "background")
    rules = " ".join(f"--{name.replace('_', '-')}: {getattr(palette, name)};" for name in names)
    return f"{scope} {{ {rules} }}\n"


def _icons() -> str:
    """The icons as masks: they take the colour of their word, in every theme."""
    rules = []
    for status in Status:
        picture = quote(drawn(status, "black"), safe="")
        name = status_class(status)
        mask = f'url("data:image/svg+xml,{picture}") center / contain no-repeat'
        rules.append(f".review .{name}::before {{ -webkit-mask: {mask}; mask: {mask}; }}\n")
    coloured = (Status.ON_TARGET, Status.AT_RISK, Status.BREACHED, Status.NO_DATA)
    rules += [
        f".review .{status_class(status)} {{ color: var(--{status_class(status)}); }}\n"
        for status in coloured
    ]
    return "".join(rules)
