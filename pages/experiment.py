"""Experiment: is the A/B test's margin met, with what certainty, and when will it be settled?"""

import streamlit as st

from core.charts import experiment as charts
from core.charts.tokens import palette
from core.experiment import sentences
from pages.parts import (
    data,
    experiment_cards,
    experiment_decisions,
    experiment_definition,
    experiment_parts,
    experiment_planner,
    states,
    view,
)
from pages.parts.cards import cards
from pages.parts.header import experiment_facts, header
from pages.parts.markdown import plain

shown = view.current("pages/experiment.py")
listed = data.experiments(shown).report or ()
name, unknown = experiment_parts.asked(listed)
found = states.or_stop(data.experiment(shown, name))
theme = palette(st.context.theme.type)


def draw(name: str, make: object, note: str = "") -> None:
    """One chart, made once for each report and theme."""
    figure = data.drawn(name, found, theme.name, lambda: make(found, theme))  # type: ignore[operator]
    experiment_parts.panel(figure, name, note)


header(
    shown,
    plain(sentences.headline(found)),
    experiment_facts(found),
    about=experiment_parts.about(found),
)
experiment_parts.notices(found, unknown)
experiment_parts.warnings(found)
experiment_definition.undefined(found, shown)
if found.days:
    cards(experiment_cards.all_cards(found, theme), key="experiment")
    experiment_parts.treatments(found)
    left, right = st.columns(2)
    with left:
        draw("lift", charts.lift)
    with right:
        draw("split", charts.split)
    left, right = st.columns(2)
    with left:
        draw("guardrails", charts.guardrails)
    with right:
        draw("denominators", charts.denominators, sentences.cuped_words(found))
    left, right = st.columns(2)
    with left:
        draw("segments", charts.segments)
    with right:
        draw("weeks", charts.weeks)
    experiment_parts.outlook(found)
experiment_planner.planner(found)
experiment_decisions.decisions(found, shown)
experiment_definition.definition(found, shown)
experiment_parts.listing(listed, found, shown)
