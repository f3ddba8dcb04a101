"""The icon of each status, as a path in a square of 24: it needs neither a font nor the network."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.status import Status

#: Filled with the even-odd rule.
PATHS: Mapping[Status, str] = MappingProxyType(
    {
        Status.ON_TARGET: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z"
        "M10.3 16.6L5.9 12.2L7.6 10.5L10.3 13.2L16.6 6.9L18.3 8.6z",
        Status.AT_RISK: "M12 2L23 21H1zM11 9V15H13V9zM11 16.6V18.8H13V16.6z",
        Status.BREACHED: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z"
        "M8.4 7L12 10.6L15.6 7L17 8.4L13.4 12L17 15.6L15.6 17L12 13.4L8.4 17L7 15.6L10.6 12L7 8.4z",
        Status.UNDECIDED: "M6 2H18V8L14 12L18 16V22H6V16L10 12L6 8z"
        "M8 4V7.2L12 11.2L16 7.2V4zM8 20H16V16.8L12 12.8L8 16.8z",
        Status.NO_DATA: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM7 11V13H17V11z",
        Status.NOT_DUE: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z"
        "M12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16zM11 7H13V11.6L16.6 15.2L15.2 16.6L11 12.4z",
    }
)


def drawn(status: Status, colour: str) -> str:
    """An icon as a picture of its own (SVG)."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">'
        f'<path fill="{colour}" fill-rule="evenodd" d="{PATHS[status]}"/></svg>'
    )
