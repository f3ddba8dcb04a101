"""Folders for stores, with the processes that work on them, and the users whom these run as."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import tempfile
from pathlib import Path

import pytest

from db import embedded
from db.embedded import binaries, cluster
from db.embedded.account import Account
from tests.db.embedded.clients import Client
from tests.db.embedded.processes import wait_until
from tests.debian import lacking

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another user")


class Place:
    """A folder for a store, and processes of one user who work on it."""

    def __init__(self, nursery: socket.socket, uid: int) -> None:
        self.nursery = nursery
        self.uid = uid
        self.root = Path(tempfile.mkdtemp(prefix="greenlight-embedded-"))
        self.root.chmod(0o755)  # mkdtemp's 700 would close it to the user whom root drops to
        os.chown(self.root, uid, -1)
        self.folder = self.root / "store"
        self.clients: list[Client] = []

    def client(self, *, joined: bool = True, uid: int | None = None) -> Client:
        client = Client(self.nursery, self.uid if uid is None else uid)
        self.clients.append(client)
        if joined:
            client(f"join({str(self.folder)!r})")
        return client

    @property
    def data(self) -> Path:
        (data,) = (path for path in self.folder.glob("postgres-*") if ".new-" not in path.name)
        return data.resolve()

    def servers(self) -> list[int]:
        """The postmasters that work below this place: those whose parent does not."""
        pids = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                folder = Path(os.readlink(process / "cwd"))  # noqa: PTH115 - "... (deleted)" too
                program = Path(os.readlink(process / "exe")).name  # noqa: PTH115
                if program == "postgres" and self.root.name in str(folder):
                    fields = (process / "stat").read_text().rpartition(")")[2].split()
                    pids[int(process.name)] = int(fields[1])
        return [pid for pid, parent in pids.items() if parent not in pids]

    def server(self) -> int:
        """The one that works here, once an earlier one has ended."""
        wait_until(lambda: len(self.servers()) == 1)
        return self.servers()[0]

    def end_all(self) -> None:
        """End every process here, the servers after their clients."""
        for client in self.clients:
            with contextlib.suppress(ProcessLookupError):
                client.kill()
            client.end()
        self.clients.clear()
        for pid in self.servers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGQUIT)
        wait_until_stopped(self)

    def remove(self) -> None:
        """Leave nothing behind, neither here nor in the socket's and root's other places."""
        self.end_all()
        homes = {self.folder, *(path.resolve().parent for path in self.folder.glob("postgres-*"))}
        for home in homes:
            for data in home.glob("postgres-*"):
                with contextlib.suppress(OSError, embedded.EmbeddedError):
                    shutil.rmtree(cluster.Cluster.at(data).socket, ignore_errors=True)
            if home.is_relative_to(binaries.ELSEWHERE):
                shutil.rmtree(home)
        shutil.rmtree(self.root)


def wait_until_stopped(place: Place) -> None:
    """A server takes its files away just before it ends."""
    wait_until(lambda: not place.servers())


def ordinary_user() -> int:
    """A user who is not root, and reaches a PostgreSQL's programs where they lie."""
    uid = pwd.getpwnam("nobody").pw_uid
    if not any(binaries._inspect(path, Account(uid, uid)) for path in binaries._installed()):
        lacking("no PostgreSQL lies where an ordinary user reaches it", "postgresql")
    return uid


def other_user() -> int:
    """The user whom root drops to."""
    return Account.for_new_store().uid
