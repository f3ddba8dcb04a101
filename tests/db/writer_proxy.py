"""A TCP proxy before PostgreSQL that a test can cut, freeze, or make lose the answer to a commit.

It works before a server on TCP and before one on a unix socket alike.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import URL


class CuttableProxy:
    """Forwards connections to the server of an address until it is told otherwise."""

    def __init__(self, url: URL) -> None:
        self._upstream = url
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._thawed = threading.Event()
        self._thawed.set()
        self._losing = threading.Event()
        self.lost_an_answer = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> URL:
        """The server's address through this proxy."""
        host, port = self._listener.getsockname()
        return self._upstream.set(host=host, port=port, query={})

    def cut(self) -> None:
        """Break every connection and every new one."""
        self._is_cut = True
        self._break_all()

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def freeze(self) -> None:
        """Keep connections open and pass nothing on."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Pass on again."""
        self._thawed.set()

    def lose_the_next_commits_answer(self) -> None:
        """Pass the next COMMIT on, and break the connection when the server has answered it."""
        self._losing.set()

    def passes(self, data: bytes, *, asks: bool) -> bool:
        """Whether a piece of what a client asks, or of an answer, is passed on; for subclasses."""
        del data, asks
        return True

    def close(self) -> None:
        """End the proxy."""
        self.thaw()
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                client.close()
                continue
            server = self._connect()
            with self._lock:
                self._open |= {client, server}
            answer_is_lost = threading.Event()
            for source, target, asks in ((client, server, True), (server, client, False)):
                arguments = (source, target, asks, answer_is_lost)
                threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def _connect(self) -> socket.socket:
        url = self._upstream
        host = url.query.get("host", url.host)
        port = url.port or 5432
        if isinstance(host, str) and host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((str(host), port))

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        asks: bool,
        answer_is_lost: threading.Event,
    ) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._thawed.wait()
                if asks and self._losing.is_set() and b"COMMIT" in data:
                    self._losing.clear()
                    answer_is_lost.set()
                elif not asks and answer_is_lost.is_set():
                    self.lost_an_answer.set()
                    break
                if not self.passes(data, asks=asks):
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(source)
        source.close()

    def _break_all(self) -> None:
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
