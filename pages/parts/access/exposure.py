"""Whom a dashboard without sign-in may serve: its own machine, and nobody else unless told so."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

#: Set to 1, a dashboard without sign-in serves whoever reaches it.
OPEN = "GREENLIGHT_OPEN"


def is_loopback(name: str) -> bool:
    """Whether a host's name or address is this machine's own.

    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if name.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def exposed(environment: Mapping[str, str], listens_on: str, headers: Mapping[str, str]) -> str:
    """Why a dashboard without sign-in must not be shown; '' where it may.

    A name that is not this machine's own may be a proxy's in front of it, or one that a foreign
    page had resolved to this machine to talk to it from a browser here.

    Args:
        environment: GREENLIGHT_OPEN=1 says that whoever reaches it may use it.
        listens_on: the address that the server listens on; '' is every address.
        headers: of the browser's request; none where there is no browser.

    >>> exposed({}, "localhost", {"Host": "localhost:8501"})
    ''
    >>> exposed({}, "localhost", {"Host": "evil.example:8501"})
    'it is reached by the name evil.example'
    """
    if environment.get(OPEN) == "1":
        return ""
    if not is_loopback(listens_on):
        return f"it listens on {listens_on or 'every address'}"
    host = headers.get("Host")
    name = "localhost" if host is None else _name(host)
    if not is_loopback(name):
        return f"it is reached by the name {name or 'of nobody'}"
    # Streamlit lets pages of every port of this machine talk to it: another program's, too.
    origin = headers.get("Origin")
    if origin and host is not None and _address(origin) != host.lower():
        return "a page of another address talks to it"
    sent_on = headers.get("X-Forwarded-For", "") or headers.get("X-Real-IP", "")
    if not all(is_loopback(one.strip()) for one in sent_on.split(",") if one.strip()):
        return "a proxy brings visitors of other machines"
    return ""


def _address(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
