"""The link that somebody followed before signing in: kept while the browser is away to do so.

Streamlit comes back from the identity provider to its first page, and as a new session. What ties
the two together is the token against forged requests that Streamlit gives to each browser. It is
kept in this process: the balancer in front of several keeps a browser with one of them.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

COOKIE = "_streamlit_xsrf"
#: Signing in takes no longer, and an address that is longer is none of ours.
GOOD_FOR, LONGEST, MOST = timedelta(minutes=15), 4_000, 1_000


@dataclass(frozen=True, slots=True)
class Link:
    """Where somebody wanted to go: a page's path, and the query that was asked of it."""

    page: str
    query: Mapping[str, str]
    at: datetime


@st.cache_resource(show_spinner=False)
def _kept() -> OrderedDict[str, Link]:
    """By browser, the oldest first."""
    return OrderedDict()


def keep(link: Link, cookies: Mapping[str, str]) -> None:
    """Remember a browser's link until it comes back; its newest counts."""
    browser = browser_of(cookies.get(COOKIE, ""))
    if not browser or sum(map(len, (*link.query, *link.query.values()))) > LONGEST:
        return
    kept = _kept()
    kept.pop(browser, None)
    kept[browser] = link
    while len(kept) > MOST:
        kept.popitem(last=False)


def take(cookies: Mapping[str, str], now: datetime) -> Link | None:
    """A browser's link, once; None where there is none, or it is too old."""
    link = _kept().pop(browser_of(cookies.get(COOKIE, "")), None)
    return None if link is None or now - link.at > GOOD_FOR else link


def browser_of(cookie: str) -> str:
    """What stays the same in a browser's token, which is masked anew for each answer.

    >>> one, other = "2|00000000|0a0b0c0d|1", "2|01010101|0b0a0d0c|1"
    >>> browser_of(one) == browser_of(other) != ""
    True
    >>> browser_of("anything")
    ''
    """
    parts = cookie.strip('"').split("|")
    try:
        version, mask, token = parts[0], bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except (IndexError, ValueError):
        return ""
    if version != "2" or not mask or not token:
        return ""
    plain = bytes(byte ^ mask[at % len(mask)] for at, byte in enumerate(token))
    return hashlib.sha256(plain).hexdigest()
