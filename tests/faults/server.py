"""A PostgreSQL of one's own that can be frozen, killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL

from db import embedded, schema
from db.engine import Role
from tests.conftest import open_store


class OwnServer:
    """A running server with a migrated store, reached by a plain address.

    Whoever has the address is to the server what the world is to an external one: nobody but the
    test starts it again.
    """

    def __init__(self, folder: Path) -> None:
        self._server = embedded.join(folder)
        self._data = next(folder.glob("postgres-*")).resolve()
        self.url: URL = self._server.url()

    def processes(self) -> list[int]:
        """The postmaster and all that it started; the postmaster first, none if it is gone."""
        with suppress(FileNotFoundError):
            postmaster = int((self._data / "postmaster.pid").read_text().split()[0])
            if _parent(postmaster) is not None:
                numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
                return [postmaster, *(one for one in numbers if _parent(one) == postmaster)]
        return []

    def freeze(self) -> None:
        """SIGSTOP: connections stay, and nothing is answered any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL to the postmaster and to every one of its processes, until none is left."""
        self._signal(signal.SIGKILL)
        self._wait_until_gone()

    def stop(self) -> None:
        """SIGINT to the postmaster: a fast shutdown, which tells every connection that it ends."""
        for postmaster in self.processes()[:1]:
            os.kill(postmaster, signal.SIGINT)
        self._wait_until_gone()

    def _wait_until_gone(self) -> None:
        while self.processes():
            time.sleep(0.01)

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def start(self) -> None:
        """Start it again, which recovers what was committed."""
        self._server.ensure()

    def leave(self) -> None:
        """Stop it for good."""
        self.thaw()
        self._server.leave()


def _parent(process: int) -> int | None:
    """Who started a process; None for one that is gone, or waits to be buried."""
    try:
        said = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if said[0] == "Z" else int(said[1])


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server with a migrated store, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="greenlight-faults-"))
    folder.chmod(0o755)  # or else root's server, another user, would keep its data elsewhere
    server = OwnServer(folder)
    try:
        with open_store(server.url) as store:
            schema.migrate(store.engine(Role.OWNER))
        yield server
    finally:
        server.leave()
        shutil.rmtree(folder, ignore_errors=True)
