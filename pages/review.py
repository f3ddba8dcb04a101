"""Review: keep what a review says, hand it out, and write down what was decided in it."""

import streamlit as st

from pages.parts import data, forms, states, view
from pages.parts.header import header, team_facts
from pages.parts.markdown import plain
from pages.parts.review.decisions import decisions
from pages.parts.review.keeping import keeping
from pages.parts.review.listing import listing

shown = view.current("pages/review.py")
found = states.or_stop(data.reviews(shown))

# Each part has a place of its own: what somebody is typing below does not move when a notice
# comes or goes.
with st.container():
    header(shown, plain(found.headline), team_facts(windowed=True), about=plain(shown.service))
with st.container():
    read_only = forms.closed(shown)
left, right = st.columns([3, 2], gap="medium")
with left:
    listing(found)
with right:
    keeping(found, shown, live=not read_only)
decisions(found, live=not read_only)
