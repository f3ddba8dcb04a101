"""The PostgreSQL that comes with Greenlight: started on first use, stopped by its last user.

Every process that uses the store holds a shared lock on ``users.lock``, which the system drops even
on a kill -9. Starting and stopping happen under ``start.lock``, exclusively: who leaves and finds
that nobody else shares can stop the server, and no newcomer meets it half-way down.
"""

from __future__ import annotations

import atexit
import os
import re
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path

from sqlalchemy import URL

from db.embedded.account import Account, EmbeddedError
from db.embedded.binaries import ELSEWHERE, choose, make_elsewhere, short_hash
from db.embedded.cluster import DATABASE, PORT, SUPERUSER, Answer, Cluster
from db.embedded.locks import FileLock

__all__ = ["EmbeddedError", "EmbeddedServer", "join"]


def join(folder: Path, *, bin_folder: Path | None = None) -> EmbeddedServer:
    """Start the server of the store in the folder, or join those who use it already.

    Args:
        folder: the store's folder, made if it is missing.
        bin_folder: where PostgreSQL's programs are, instead of those found.

    Raises:
        EmbeddedError: the server cannot run; the message says why and what to do.
    """
    return EmbeddedServer(folder, bin_folder=bin_folder)


class EmbeddedServer:
    """A share in the server of one store: threads use it together, a forked child takes its own."""

    def __init__(self, folder: Path, *, bin_folder: Path | None = None) -> None:
        self.folder = folder
        self._bin_folder = bin_folder
        self._left = False
        self._share: FileLock | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._home = _home(folder.resolve())
            with self._starting():
                self._cluster = self._find() or self._create()
                self._point_to_home()
                self._take_share()
        except OSError as error:
            raise EmbeddedError(f"The store in {folder} cannot be used: {error}") from error
        atexit.register(self.leave)

    @property
    def major(self) -> int:
        """The major version of PostgreSQL that the store is of."""
        return self._cluster.major

    def url(self, user: str = SUPERUSER, database: str = DATABASE) -> URL:
        """The server's address, by its socket; the socket's folder is what keeps others out."""
        return URL.create(
            "postgresql+psycopg2",
            username=user,
            database=database,
            port=PORT,  # said, or else PGPORT would count
            query={"host": str(self._cluster.socket)},
        )

    def ensure(self) -> None:
        """Start the server again if it does not answer; costs one connection if it does.

        Raises:
            EmbeddedError: it does not start, this share was given up, or the data was taken away.
        """
        if self._share and self._share.held and self._cluster.ask() is Answer.YES:
            return
        try:
            with self._starting():
                if self._left:
                    raise EmbeddedError(f"This process has left the store in {self.folder}.")
                if not (self._cluster.data / "PG_VERSION").exists():
                    raise EmbeddedError(
                        f"The data in {self._cluster.data} was taken away while it was in use: "
                        "put it back, or start Greenlight anew with an empty store."
                    )
                self._take_share()
        except OSError as error:
            raise EmbeddedError(f"The store in {self.folder} cannot be used: {error}") from error

    def leave(self) -> None:
        """Give up the share; the last one to leave stops the server. Twice does no harm."""
        atexit.unregister(self.leave)
        share = self._share
        if share is None or not share.held:  # never in a forked child: the share is its parent's
            self._left = True
            return
        try:
            with self._starting() if self._home.exists() else nullcontext():
                self._left = True
                if share.make_exclusive():
                    self._cluster.stop()
        finally:
            share.release()

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _starting(self) -> AbstractContextManager[object]:
        return FileLock(self._home / "start.lock")

    def _take_share(self) -> None:
        """Share the server and see that it runs; under the start lock, so that nobody stops it."""
        with ExitStack() as unless_it_runs:
            share = unless_it_runs.enter_context(FileLock(self._home / "users.lock", shared=True))
            if self._cluster.ask() is not Answer.YES:
                programs = choose(self._cluster.account, self._bin_folder, self._cluster.data)
                self._cluster.bring_up(programs)
            unless_it_runs.pop_all()
        earlier, self._share = self._share, share
        if earlier:
            earlier.release()

    def _find(self) -> Cluster | None:
        data = _data_in(self._home)
        return Cluster.at(data) if data else None

    def _create(self) -> Cluster:
        account = Account.for_new_store()
        return Cluster.create(self._home, choose(account, self._bin_folder), account)

    def _point_to_home(self) -> None:
        link = self.folder / self._cluster.data.name
        if not link.exists():
            link.symlink_to(self._cluster.data)


def _data_in(folder: Path) -> Path | None:
    """The data folder of the newest major, or of none.

    Raises:
        EmbeddedError: it is another user's, or it was moved away: a new one would hide the old.
    """
    majors = {
        int(name[1]): path
        for path in folder.iterdir()
        if (name := re.fullmatch(r"postgres-(\d+)", path.name))
    }
    for _, data in sorted(majors.items(), reverse=True):
        if data.is_symlink() and not data.exists():
            raise EmbeddedError(
                f"{data} points to {data.readlink()}, which is gone: bring the data back there, or "
                f"remove {data} to start empty."
            )
        Account.owner_of(data)
        if (data / "PG_VERSION").exists():
            return data
    return None


def _home(folder: Path) -> Path:
    """The folder that data and locks are in: the given one, unless the server cannot work there.

    As root the server runs as another user, to whom a checkout under /root is closed. Its data is
    then under /var/lib, and a link in the given folder points there; a folder that was deleted and
    made again finds its data there again.
    """
    if data := _data_in(folder):
        return data.resolve().parent
    if os.geteuid() != 0:
        return folder
    home = ELSEWHERE / f"{folder.name.strip('.') or 'store'}-{short_hash(bytes(folder))}"
    if not home.exists():
        if Account.for_new_store().reaches(folder):
            return folder
        make_elsewhere(home)
        (home / "README").write_text(f"The data of the Greenlight store in {folder}.\n")
    return home
