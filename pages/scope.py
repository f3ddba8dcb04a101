"""Scope: what is planned in each direction at each stage, and what nobody has thought about."""

import streamlit as st

from core.charts.tokens import palette
from core.scope import sentences
from pages.parts import data, forms, states, view
from pages.parts.header import header, team_facts
from pages.parts.markdown import plain
from pages.parts.scope.cell import cell_panel
from pages.parts.scope.choice import chosen
from pages.parts.scope.frame_form import frame_form
from pages.parts.scope.matrix import listing, matrix

shown = view.current("pages/scope.py")
found = states.or_stop(data.scope(shown))
theme = palette(st.context.theme.type)
cell, said = chosen(found)

# Each part has a place of its own: what somebody is typing below does not move when a warning
# comes or goes.
with st.container():
    header(shown, plain(sentences.headline(found)), team_facts(), about=plain(shown.service))
with st.container():
    live = not forms.closed(shown)
    if said:
        st.info(plain(said), icon=":material/info:")
    for warning in sentences.warnings(found):
        st.warning(plain(warning), icon=":material/rule:")
with st.container():
    matrix(found, cell, theme)
left, right = st.columns([4, 3], gap="medium")
with left:
    listing(found)
with right, st.container(border=True, key="scope_cell"):
    if cell is not None:
        cell_panel(found, cell, shown, live=live)
if live:
    with st.expander("Stages and directions", icon=":material/table_rows:"):
        frame_form(found.frame)
