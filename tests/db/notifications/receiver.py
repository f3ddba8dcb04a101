"""A web hook of one's own: a real HTTP server on loopback that can be down, slow or broken."""

from __future__ import annotations

import json
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Longer than any attempt of these tests waits.
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """One POST that arrived."""

    path: str
    headers: dict[str, str]
    body: Any
    answered: int

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]


class Receiver:
    """Keeps what arrives. `start` and `stop` may be called again and again; the port stays."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        #: What is answered next; 200 when it is empty.
        self.answers: list[int] = []
        #: While it is clear, nobody gets an answer.
        self.answering = threading.Event()
        self.answering.set()
        self.arrived = threading.Semaphore(0)
        #: How often somebody asked what is there.
        self.asked = 0
        self.port = 0
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> Receiver:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self)

            def do_GET(self) -> None:
                receiver._list(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def address(self, path: str = "hook", query: str = "", login: str = "") -> str:
        return f"json://{login}127.0.0.1:{self.port}/{path}" + (f"?{query}" if query else "")

    def taken(self) -> list[str]:
        """Keys of what was taken, each as often as it was."""
        return [one.key for one in self.requests if one.answered == 200]

    def titles(self) -> list[str]:
        return [one.body["title"] for one in self.requests if one.answered == 200]

    def twice(self) -> list[str]:
        """Keys that were taken more than once."""
        return [key for key, times in Counter(self.taken()).items() if times > 1]

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        text = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.arrived.release()
        if not self.answering.wait(PATIENCE_SECONDS):
            return
        answer = self.answers.pop(0) if self.answers else 200
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append(Request(handler.path, headers, json.loads(text), answer))
        with suppress(OSError):  # the sender may have gone
            handler.send_response(answer)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            handler.wfile.flush()

    def _list(self, handler: BaseHTTPRequestHandler) -> None:
        """Nothing is there: what an Alertmanager without silences says."""
        self.asked += 1
        self.answering.wait(PATIENCE_SECONDS)
        with suppress(OSError):
            handler.send_response(200)
            handler.send_header("Content-Length", "2")
            handler.end_headers()
            handler.wfile.write(b"[]")
