"""Documentation: the card of a service, and the runbooks that its alerts lead to."""

import streamlit as st

from pages.parts import data, forms, states, view
from pages.parts.documentation.card import card, card_form
from pages.parts.documentation.runbooks import runbooks
from pages.parts.header import header, team_facts
from pages.parts.markdown import plain

shown = view.current("pages/documentation.py")
found = states.or_stop(data.documentation(shown))

# Each part has a place of its own: what somebody is typing below does not move when a warning
# comes or goes.
with st.container():
    header(shown, plain(found.headline), team_facts(), about=plain(shown.service))
with st.container():
    frozen = forms.closed(shown)
with st.container():
    with st.container():
        card(found)
    if not frozen:
        with st.expander("Change the card", icon=":material/edit:"):
            card_form(found)
with st.container():
    runbooks(found, live=not frozen)
