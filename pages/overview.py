"""Overview: does the service meet what it promised, and what would settle what is open?"""

import streamlit as st

from core.charts import overview as product_charts
from core.charts import reliability as charts
from core.charts.tokens import palette
from pages.parts import data, overview_parts, states, view
from pages.parts.cards import cards, chart
from pages.parts.header import header, reliability_facts

shown = view.current("pages/overview.py")
found = states.or_stop(data.overview(shown))
theme = palette(st.context.theme.type)

header(
    shown,
    overview_parts.headline(found),
    reliability_facts(found.reliability),
    about=overview_parts.about(found),
)
cards(
    overview_parts.criterion_cards(found, shown, theme),
    key="criteria" if found.goals.verdicts else "reliability",
)
overview_parts.open_questions(found)

left, right = st.columns(2)
with left:
    figure = data.drawn(
        "budget", found, theme.name, lambda: charts.burn_down(found.reliability, theme)
    )
    chart(figure, key="overview_budget")
with right:
    figure = data.drawn(
        "product", found, theme.name, lambda: product_charts.complaints(found, theme)
    )
    chart(figure, key="overview_product")

overview_parts.product(found)
overview_parts.releases(found)
overview_parts.tables(found)
