"""Latency and SLA: what burns, since when, where, and how much budget is left."""

from datetime import datetime

import streamlit as st

from core.charts import reliability as charts
from core.charts.tokens import palette
from core.reliability import sentences
from pages.parts import data, reliability_cards, reliability_tables, states, view
from pages.parts.cards import cards, chart
from pages.parts.header import header, reliability_facts

shown = view.current("pages/reliability.py")
found = states.or_stop(data.reliability(shown))
theme = palette(st.context.theme.type)
loads = reliability_cards.promised_loads(data.goals(shown), shown.as_of.date())


def draw(name: str, make: object, *extra: object) -> datetime | None:
    """One clickable chart, made once for each report and theme."""
    figure = data.drawn(name, found, theme.name, lambda: make(found, theme, *extra))  # type: ignore[operator]
    return chart(figure, key=f"{name}_{shown.service}_{shown.window}", selectable=True)


header(shown, sentences.headline(found), reliability_facts(found), about=shown.service)
cards(reliability_cards.all_cards(found, loads, theme), key="reliability")
if found.state != "no_data":
    reliability_tables.burn_rates(found)
    left, right = st.columns(2)
    with left:
        picked = [draw("budget", charts.burn_down)]
    with right:
        picked.append(draw("percentiles", charts.percentiles))
    left, right = st.columns(2)
    with left:
        picked.append(draw("load", charts.load, loads))
    with right:
        figure = data.drawn(
            "distribution", found, theme.name, lambda: charts.distribution(found, theme)
        )
        chart(figure, key="distribution")
    moment = next((time for time in picked if time), None)
    if moment:
        view.narrow(shown, moment)
        st.rerun()

    reliability_tables.where(found, shown)
    reliability_tables.headroom(found)
    reliability_tables.incidents(found, shown)
    reliability_tables.months(found)
