"""Quality: is 99/70 met, with what certainty, and what settles it?"""

import streamlit as st

from core.charts import quality as charts
from core.charts.tokens import palette
from core.quality import sentences
from pages.parts import data, quality_cards, quality_parts, quality_tables, states, view
from pages.parts.cards import cards, chart
from pages.parts.header import header, quality_facts

shown = view.current("pages/quality.py")
focus = quality_parts.focus()
found = states.or_stop(data.quality(shown, focus))
theme = palette(st.context.theme.type)


def draw(name: str, make: object, *extra: object) -> None:
    """One chart, made once for each report and theme."""
    figure = data.drawn(name, found, theme.name, lambda: make(found, *extra, theme))  # type: ignore[operator]
    chart(figure, key=name.replace(" ", "_"))


header(shown, sentences.headline(found), quality_facts(found), about=quality_parts.about(found))
quality_parts.focus_bar(found)
quality_parts.warnings(found)
cards(quality_cards.all_cards(found, theme), key="quality")
if found.state == "ok":
    left, right = st.columns(2)
    with left:
        quality_parts.explorer(found, theme)
    with right:
        quality_parts.scores(found, theme)
    left, right = st.columns(2)
    with left:
        draw("trend precision", charts.trend, "precision")
    with right:
        draw("trend recall", charts.trend, "recall")
    quality_tables.versions_and_segments(found, shown)
    left, right = st.columns(2)
    with left:
        draw("confusion", charts.confusion)
    with right:
        quality_parts.early_warning(found)
    quality_tables.plan(found)
    quality_tables.comparison(found, shown)
elif found.state == "no_labels":
    quality_parts.scores(found, theme)
