"""Serving metrics and health over HTTP: to this machine alone, unless it is told otherwise."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from core import health
from core.health import State
from db.metrics_export.export import Export

log = logging.getLogger(__name__)

#: A client that says nothing for so long is hung up on.
PATIENCE_SECONDS = 10


class Serving:
    """Answers /metrics and /health until it is closed.

    /health answers 200 where nothing is failing and 503 where something is.

    Args:
        export: what to tell.
        host: the address to listen on.
        port: 0 for a free one.

    Raises:
        OSError: the port is taken, or the address is not one of this machine.
    """

    def __init__(self, export: Export, host: str, port: int) -> None:
        self._server = _Server((host, port), _handler(export))
        self.port = int(self._server.server_address[1])
        self._thread = Thread(
            target=self._server.serve_forever, name="greenlight-metrics", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, _request: Any, _client: Any) -> None:
        """A client that hangs up or an answer that fails is worth a line, not a traceback."""
        log.warning("A request for metrics was not answered.", exc_info=True)


def _handler(export: Export) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_SECONDS

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_PLAIN_0_0_4, export.exposition())
            elif path == "/health":
                found = export.health()
                failing = found.state is State.FAILING
                status = HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK
                told = json.dumps(health.values(found), ensure_ascii=False).encode()
                self._answer(status, "application/json; charset=utf-8", told)
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/metrics and /health\n")

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def version_string(self) -> str:
            return "Greenlight"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            log.debug(format, *args)

    return Handler
