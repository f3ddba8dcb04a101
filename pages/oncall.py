"""On-call: who watches now and next, where nobody will, and who stands in."""

import streamlit as st

from core.charts.tokens import palette
from pages.parts import data, forms, states, view
from pages.parts.header import header, team_facts
from pages.parts.markdown import plain
from pages.parts.oncall.cover_form import cancel_form, override_form, swap_form
from pages.parts.oncall.feed import feed
from pages.parts.oncall.now import notices, now, services
from pages.parts.oncall.rota_form import rota_form
from pages.parts.oncall.shifts import shifts

shown = view.current("pages/oncall.py")
found = states.or_stop(data.duties(shown))
theme = palette(st.context.theme.type)
duty = found.duty(shown.service)

# Each part has a place of its own: what somebody is typing below does not move when a warning
# comes or goes.
with st.container():
    header(shown, plain(found.headline), team_facts(), about=plain(shown.service))
with st.container():
    notices(found)
with st.container():
    now(duty, found)
with st.container():
    shifts(duty, found, theme)
with st.container():
    if not forms.closed(shown):
        if duty.rota is None:
            st.markdown(f"#### Make the first rota of {plain(shown.service)}")
            rota_form(duty)
        else:
            left, middle, right = st.columns(3, gap="medium")
            with left, st.expander("Let somebody stand in", icon=":material/person_add:"):
                override_form(duty, duty.rota)
            with middle, st.expander("Swap two shifts", icon=":material/swap_horiz:"):
                swap_form(duty, duty.rota)
            with right, st.expander("Take something back", icon=":material/undo:"):
                cancel_form(duty, duty.rota)
            with st.expander("Members, handover and escalation", icon=":material/edit_calendar:"):
                rota_form(duty)
with st.container():
    services(found)
feed(found)
