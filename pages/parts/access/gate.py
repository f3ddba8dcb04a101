"""The gate: who is in front of the page, what there is for them, and how to come in and out.

Everything behind it asks again (`data.ask`, `data.act`): the gate tells people, it guards nothing
that is not guarded without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.access import Permission, Person, Policy, PolicyError, Refusal, read_policy
from db.team.members import sign_out
from pages.parts import data, states
from pages.parts.access import exposure, links
from pages.parts.data import Problem
from pages.parts.markdown import plain

#: What says that people are to sign in, and with whom; see `db.web_sign_in`.
WANTED = "GREENLIGHT_OIDC_METADATA_URL"
_FOLLOWED = "link_followed"


def settle(environment: Mapping[str, str]) -> None:
    """Find out how this dashboard is to be guarded; stop where it cannot be.

    Args:
        environment: of this process.
    """
    # Until it is found out, nobody is let in: what runs without this file's leave is refused.
    data.require(Policy())
    signing_in = st.secrets.load_if_toml_exists() and "auth" in st.secrets
    if not signing_in and environment.get(WANTED):
        _closed(
            f"{WANTED} asks for sign-in, but this server was started without it.",
            ".venv/bin/python cli.py up",
        )
    if signing_in:
        try:
            data.require(read_policy(environment))
        except PolicyError as error:
            _closed(str(error), "")
        return
    listens_on = str(st.get_option("server.address") or "")
    why = exposure.exposed(environment, listens_on, st.context.headers)
    if why:
        _closed(
            f"Nobody signs in here, and {why}: it is closed, because whoever reached it could "
            "read and change everything. Set up sign-in (docs/security.md), or listen on "
            f"localhost alone, or say that it is meant to be open with {exposure.OPEN}=1.",
            "",
        )
    data.require(None)


def admit(
    found: Person | Refusal | Problem, page: StreamlitPage, pages: Sequence[StreamlitPage]
) -> Person:
    """Let somebody in, to where they wanted to go; whoever may not come in is told why.

    Args:
        found: who is in front of the page.
        page: that is asked for.
        pages: there are for this person.
    """
    if isinstance(found, Problem):
        states.stop_failed(found)
    if isinstance(found, Refusal):
        _refused(found, page)
    if found.email and not st.session_state.get(_FOLLOWED):
        st.session_state[_FOLLOWED] = True
        link = links.take(st.context.cookies, data.now())
        wanted = [] if link is None else [one for one in pages if one.url_path == link.page]
        if link is not None and wanted:
            st.switch_page(wanted[0], query_params=dict(link.query))
    return found


def told(person: Person) -> None:
    """At the left: who is signed in, as what, and the way out; or that nobody has to sign in."""
    if not person.email:
        st.caption(
            ":material/lock_open: Open: nobody signs in",
            help="Whoever reaches this page may read and change everything. It listens on this "
            "machine alone, unless it was told otherwise. docs/security.md sets up sign-in.",
        )
        return
    st.caption(f":material/account_circle: {plain(person.name)}, {person.role}")
    if not data.allowed():
        st.caption(":material/visibility: What is on this page is yours to read, not to change.")
    st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=_leave)


def _leave() -> None:
    """Sign out everywhere, also where the cookie was copied to."""
    found = data.person()
    if isinstance(found, Person) and found.email:
        at = data.moment()
        data.act(lambda store: sign_out(store, found.email, at=at), Permission.LOOK, quick=True)
        data.forget(data.engine(), found.email)
    st.logout()


def _refused(found: Refusal, page: StreamlitPage) -> NoReturn:
    st.title("Greenlight", anchor=False)
    st.caption("Does an ML service meet what it promised, and what do we do next?")
    st.text(found.sentence)
    st.button(
        "Sign in" if found.again else "Sign in as somebody else",
        type="primary",
        icon=":material/login:",
        key="sign_in",
        on_click=_sign_in,
        args=(page.url_path,),
    )
    st.stop()


def _sign_in(page: str) -> None:
    link = links.Link(page, st.query_params.to_dict(), data.now())
    links.keep(link, st.context.cookies)
    st.login()


def _closed(sentence: str, command: str) -> NoReturn:
    """Nothing is shown to anybody."""
    st.title("This dashboard is closed", anchor=False)
    st.text(sentence)
    if command:
        st.code(command, language=None)
    st.stop()
