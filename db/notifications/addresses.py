"""Addresses of channels. Each is a secret: whoever knows it can write there, or read mail.

`redacted` is what pages, logs, the log of changes and the terminal show. It keeps the kind of
service, and the host for kinds whose address has one: in the others a token stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

#: An address that is kept in the environment of the worker, and only there.
_IN_ENVIRONMENT = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
#: Kinds whose address begins with a host, as http does. In slack://, discord:// and most others
#: the first piece is a token.
_WITH_HOST = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "http", "https"})
LONGEST = 2_000


class AddressError(ValueError):
    """An address is none; the message never repeats it."""


def redacted(address: str) -> str:
    """An address without anything secret.

    >>> redacted("jsons://me:secret@hooks.example.org:8443/T0KEN?+Authorization=Bearer")
    'jsons://hooks.example.org:8443/…'
    >>> redacted("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"), redacted("env:OPS_HOOK")
    ('slack://…', 'env:OPS_HOOK')
    """
    if _IN_ENVIRONMENT.fullmatch(address):
        return address
    found = _SCHEME.fullmatch(address)
    if found is None:
        return "…"
    scheme, rest = found[1].lower(), found[2]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    # An @ behind the host: what looks like the host is the beginning of a password with a slash.
    if scheme not in _WITH_HOST or "@" in rest[len(authority) :]:
        return f"{scheme}://…"
    host = authority.rpartition("@")[2]
    if not re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?", host):
        return f"{scheme}://…"
    return f"{scheme}://{host}/…"


def resolved(address: str, environment: Mapping[str, str]) -> str:
    """The address itself, where 'env:NAME' keeps it out of the store.

    Raises:
        AddressError: the environment has no such variable.
    """
    named = _IN_ENVIRONMENT.fullmatch(address)
    if named is None:
        return address
    found = environment.get(named[1], "").strip()
    if not found:
        raise AddressError(f"The worker's environment has no {named[1]}")
    return found


def problem_of(address: str) -> str:
    """What is wrong with an address that somebody typed, as a sentence; '' for nothing.

    Nothing is sent: the address is only read, by apprise.
    """
    if not address.strip():
        return "Is missing."
    if address.startswith("env:"):
        named = _IN_ENVIRONMENT.fullmatch(address)
        return "" if named else "Must be env: and the name of a variable, such as env:OPS_HOOK."
    if len(address) > LONGEST or not address.isprintable() or " " in address:
        return f"Must be one line of at most {LONGEST:,} characters without spaces."
    if _SCHEME.fullmatch(address) is None:
        return "Must be an address that apprise knows, such as mailto://… or slack://…."
    if urlsplit(address).scheme.lower() in {"http", "https"}:
        # apprise takes these for what is native to a service, and only if it knows the host.
        hint = " A web hook of one's own is json://… or jsons://…."
    else:
        hint = ""
    from db.notifications.apprise_channel import is_readable

    if is_readable(address):
        return ""
    return f"Is not an address that apprise can read: a part is missing or misspelt.{hint}"
