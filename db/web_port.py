"""The web server's port: whether it is free, and whether the server answers there."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException

#: The children of an `up` that was killed take a moment to end.
PATIENCE_SECONDS = 3.0
ANSWER_SECONDS = 2.0


class PortTakenError(RuntimeError):
    """The port cannot be listened on; the message says why and how to choose another."""


def refuse_taken(port: int) -> None:
    """Make sure that a web server can listen on the port.

    Raises:
        PortTakenError: another program does, or the system forbids it.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (complaint := _complaint(port)) and time.monotonic() < deadline:
        time.sleep(0.1)
    if complaint:
        raise PortTakenError(
            f"Port {port} {complaint}. Choose another, for example: make run PORT=8600"
        )


def _complaint(port: int) -> str:
    """What keeps a server from listening on every address of this machine, or nothing."""
    # A look whether the port is free: nothing is served here.
    for family, address in ((socket.AF_INET6, "::"), (socket.AF_INET, "0.0.0.0")):  # nosec B104
        try:
            with socket.socket(family, socket.SOCK_STREAM) as listener:
                # As web servers do it: lingering connections of an earlier one do not matter.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, port))
                listener.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is taken by another program"
            if family == socket.AF_INET:  # many systems have no IPv6
                return f"cannot be used ({error.strerror})"
    return ""


def greeting(port: int, say: Callable[[str], None]) -> Iterator[None]:
    """Steps that end with saying where the page is, once it answers."""
    while not answers(port, "/_stcore/health"):
        yield
    say(f"Greenlight is at http://localhost:{port} (Ctrl-C stops it).")


def answers(port: int, path: str) -> bool:
    """Whether this machine's web server on the port answers a request for the path with 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
