"""Who is in front of the page: looked up anew, never remembered from the sign-in.

The signed cookie proves an address and when it was proven. What the address may do is asked of the
store, by every page within seconds and by every act at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import streamlit as st
from sqlalchemy import Engine

from core.access import OPEN, Permission, Person, Policy, Refusal, judge, needed_on
from core.access.sign_in import address
from core.ports.access import Membership
from db.readers.members import SqlMemberReader
from db.team.guard import on_behalf_of

#: While the store is away, nobody can be revoked in it; what it said last is good for this long.
KEPT_WHILE_DOWN = timedelta(minutes=15)
_POLICY, _PAGE = "sign_in_policy", "page_shown"


@st.cache_resource(show_spinner=False)
def _last_known() -> dict[str, tuple[Membership, datetime]]:
    """What the store said last about each address, and when."""
    return {}


def require(policy: Policy | None) -> None:
    """Say what a sign-in has to bring; None where nobody signs in. app.py calls it in every run."""
    st.session_state[_POLICY] = policy


def enter(page: str) -> None:
    """Say which page is drawn: what is done in this run needs that page's permission."""
    st.session_state[_PAGE] = page


def needed() -> Permission:
    """What writing on the page in front of the reader needs."""
    return needed_on(str(st.session_state.get(_PAGE, "")))


def claims() -> Mapping[str, object]:
    """What the signed cookie of this connection says; empty where it is missing, forged or old."""
    return dict(st.user.to_dict())


def judged(engine: Engine, at: datetime, *, now: bool = False) -> Person | Refusal:
    """Who is in front of the page, or why nobody may be.

    Args:
        engine: a guarded engine of the store.
        at: the clock.
        now: ask the store itself, and not what it said within the last seconds.

    Raises:
        SQLAlchemyError: the store cannot be asked; see `remembered`.
    """
    policy: Policy | None = st.session_state[_POLICY]
    if policy is None:
        return OPEN
    said = claims()
    email = _signed_in(said)
    if not email:
        return judge(said, Membership(), policy, at)
    if now:
        _membership.clear(engine, email)
    known = _membership(engine, email)
    _last_known()[email] = (known, at)
    return judge(said, known, policy, at)


def remembered(at: datetime) -> Person | Refusal | None:
    """Who is in front of the page, by what the store said last; None where it said nothing lately.

    It is for looking on while the store cannot be asked, and never for writing.
    """
    policy: Policy | None = st.session_state[_POLICY]
    if policy is None:
        return OPEN
    said = claims()
    email = _signed_in(said)
    if not email:
        return judge(said, Membership(), policy, at)
    known, told_at = _last_known().get(email, (None, at))
    if known is None or at - told_at > KEPT_WHILE_DOWN:
        return None
    return judge(said, known, policy, at)


def judging(engine: Engine) -> Callable[[datetime], Person | Refusal]:
    """Whoever is in front of the page now, to be judged later and outside of its runs.

    A file that is made when it is asked for is made there: without session and cookie.
    """
    policy: Policy | None = st.session_state[_POLICY]
    said = claims()

    def judged_at(moment: datetime) -> Person | Refusal:
        if policy is None:
            return OPEN
        email = _signed_in(said)
        known = _asked(engine, email) if email else Membership()
        return judge(said, known, policy, moment)

    return judged_at


def forget(engine: Engine, email: str) -> None:
    """Ask the store itself when an address comes next: what was known of it has just changed."""
    _membership.clear(engine, email)
    _last_known().pop(email, None)


def _signed_in(said: Mapping[str, object]) -> str:
    """The address of whoever is signed in; '' where nobody is, or the address is none."""
    return address(said.get("email")) if said.get("is_logged_in") is True else ""


@st.cache_data(ttl=2, show_spinner=False)
def _membership(_store: Engine, email: str) -> Membership:
    return _asked(_store, email)


def _asked(store: Engine, email: str) -> Membership:
    with on_behalf_of(OPEN):
        return SqlMemberReader(store).membership(email)
