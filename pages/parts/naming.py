"""A service that writes nothing yet: whoever plans it names it here, and its plan makes it known.

A goal comes before a system does, so a plan cannot wait for the first metric row. A name alone is
not stored: it is this reader's until a goal, a milestone, a task or a risk is stored for it, from
when on the service exists for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.access import Permission, Person, sees
from core.fields import Fields
from pages.parts import data
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form

_NAMED = "named_services"
#: Where a plan begins.
_FIRST_PAGE = "pages/criteria.py"


def with_named(known: Sequence[str]) -> tuple[str, ...]:
    """The known services, and those that this reader has named and nobody has planned yet."""
    named: tuple[str, ...] = st.session_state.get(_NAMED, ())
    return tuple(dict.fromkeys((*known, *named)))


def naming(known: Sequence[str]) -> None:
    """The form; only for those who may plan.

    Args:
        known: the services that there are for who names one.
    """
    if not data.allowed(Permission.PLAN):
        return
    draft = Draft("service new")
    draft.begin({"service": ""})
    with form(draft, Button("Begin its plan", ":material/flag:"), asks=None) as sent:
        draft.text_input("Name of the service", "service", placeholder="newsletters")
    if not sent:
        return
    given = Fields(draft.values(["service"]))
    name = given.name("service")
    someone = data.person()
    if name in known:
        given.refuse("service", "There is such a service: choose it at the left.")
    elif name is not None and not (isinstance(someone, Person) and sees(someone, name)):
        given.refuse("service", "Is none of the services that you were given.")
    if given.problems or name is None:
        draft.refused(given.problems)
        st.rerun()
    draft.accepted("")
    draft.refill({"service": ""})
    st.session_state[_NAMED] = with_named((*st.session_state.get(_NAMED, ()), name))
    st.switch_page(_FIRST_PAGE, query_params={"service": name})
