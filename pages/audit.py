"""Audit log: who changed what, and when."""

import streamlit as st

from core import wording
from pages.parts import data, states, view
from pages.parts.audit.entries import SIZE, difference, download, paging, table, trail
from pages.parts.audit.search import search
from pages.parts.data import Problem
from pages.parts.header import header, team_facts
from pages.parts.markdown import plain

shown = view.current("pages/audit.py")
subjects = data.audit_subjects()
if isinstance(subjects, Problem):
    states.stop_failed(subjects)

head = st.container()
with st.container():
    wanted = search(shown, subjects)
trailed = trail(wanted)
found = data.audit_log(wanted, trailed[-1] if trailed else None, SIZE)
if isinstance(found, Problem):
    states.stop_failed(found)
with head:
    newest = found.entries[0] if found.entries else None
    sentence = "Nobody wrote anything that is found here"
    if newest is not None:
        when = wording.clock(newest.at, shown.as_of)
        which = "The last change here" if not trailed else "The newest change of this page"
        sentence = f"{which} is by {newest.by}, {when}"
    of = ", ".join(wanted.services) or "all of your services"
    header(shown, plain(sentence), team_facts(f"of {plain(of)}"))
with st.container():
    if found.entries:
        chosen = table(found.entries)
        paging(trailed, found.further)
        if chosen is not None:
            difference(chosen)
        else:
            st.caption("Choose a row to see what it changed, field by field.")
with st.container():
    download(wanted)
