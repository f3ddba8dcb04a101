"""A Streamlit server to measure: re-runs a script as a browser would, reads the server's CPU."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.external_server import free_port

_TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A running Streamlit server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    @property
    def cpu_seconds(self) -> float:
        """CPU that the server process has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @contextmanager
    def session(self) -> Iterator[ClientConnection]:
        """A browser's connection."""
        address = f"ws://localhost:{self.port}/_stcore/stream"
        with connect(
            address, subprotocols=["streamlit"], max_size=None, open_timeout=30
        ) as connection:
            yield connection


def rerun(connection: ClientConnection, query: str = "", page: str = "") -> int:
    """Run the page's script once and read everything it sends.

    Returns:
        Bytes received.
    """
    asked = BackMsg()
    asked.rerun_script.query_string = query
    asked.rerun_script.page_name = page
    asked.rerun_script.context_info.timezone = "UTC"
    connection.send(asked.SerializeToString())
    received = 0
    while True:
        data = connection.recv(timeout=60)
        received += len(data)
        message = ForwardMsg.FromString(data)  # type: ignore[arg-type]
        if message.WhichOneof("type") == "script_finished":
            return received


@contextmanager
def serve(
    script: Path,
    environment: Mapping[str, str],
    *,
    port: int | None = None,
    arguments: Sequence[str] = (),
) -> Iterator[Server]:
    """Start a server and stop it afterwards.

    Args:
        script: what it serves.
        environment: what it finds in its environment beside this process's own.
        port: where; None for a free one.
        arguments: further ones of its command line.
    """
    port = free_port() if port is None else port
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", str(script)),
            *("--server.port", str(port), "--server.headless", "true"),
            *arguments,
        ],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(timeout=120)


def _wait(port: int) -> None:
    for _ in range(1200):
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the Streamlit server did not come up")
