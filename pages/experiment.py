"""Experiment: is the A/B test's margin met, and when will it be settled?"""

import streamlit as st

from core.experiment import sentences
from pages.parts import data, states, view
from pages.parts.header import experiment_facts, header
from pages.parts.markdown import plain

shown = view.current("pages/experiment.py")
found = states.or_stop(data.experiment(shown, None))

header(shown, sentences.headline(found), experiment_facts(found), about=plain(found.experiment))
for sentence in found.warnings:
    st.warning(plain(sentence), icon=":material/warning:")
