"""A real Alertmanager on a loopback port, which tells a web hook what it would tell people."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: A page inhibits the ticket of the same SLI, as Greenlight itself has it.
CONFIG = """
route:
  receiver: hook
  group_by: ['...']
  group_wait: 50ms
  group_interval: 100ms
  repeat_interval: 4h
receivers:
  - name: hook
    webhook_configs:
      - {url: 'http://127.0.0.1:%d/from-alertmanager', send_resolved: true}
inhibit_rules:
  - source_matchers: ['severity = page']
    target_matchers: ['severity = ticket']
    equal: [service, sli]
"""


class RunningAlertmanager:
    """Where it is, and what it says."""

    def __init__(self, port: int) -> None:
        #: With a path before /api, as behind a proxy.
        self.url = f"http://127.0.0.1:{port}/am"

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=60) as answer:
            return json.loads(answer.read() or "null")

    def alerts(self, **labels: str) -> list[dict[str, Any]]:
        """Alerts that it knows as not resolved, by labels."""
        return [
            alert
            for alert in self.get("/api/v2/alerts")
            if labels.items() <= alert["labels"].items()
        ]

    def is_ready(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/-/ready", timeout=5).close()
        except (urllib.error.URLError, OSError):
            return False
        return True


@contextmanager
def alertmanager(program: str, folder: Path, hook_port: int) -> Iterator[RunningAlertmanager]:
    """Start it, wait until it is ready, and stop it afterwards."""
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG % hook_port)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    running = RunningAlertmanager(port)
    with (folder / "alertmanager.log").open("w") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                f"--web.external-url={running.url}",
                "--cluster.listen-address=",
            ],
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(lambda: process.poll() is not None or running.is_ready())
            assert process.poll() is None, (folder / "alertmanager.log").read_text()
            yield running
        finally:
            process.terminate()
            process.wait(120)


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    waiting = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it has not come about in time"
        waiting.wait(0.02)
