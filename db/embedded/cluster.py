"""One PostgreSQL data folder: creating it, and starting, asking and stopping its server."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import psycopg2

from db.embedded.account import Account, EmbeddedError
from db.embedded.binaries import Binaries, major_of, short_hash
from db.embedded.locks import POLL_SECONDS

SUPERUSER = "greenlight"
DATABASE = "greenlight"
PORT = 5432  # no TCP port: it only names the socket's file
# Not tempfile.gettempdir(): processes with another TMPDIR would not meet. Short, as a socket's path
# ends at about 100 characters. Only a private folder within is used, and whose it is is checked.
SOCKETS = Path("/tmp")  # nosec B108
START_LOG = "start.log"
CONNECT_SECONDS = 5
START_SECONDS = 60.0  # recovery after a kill reads at most max_wal_size, which takes seconds
STOP_SECONDS = 60.0
# After a kill -9 of the server its last backends hold the shared memory for a moment.
RETRY_SECONDS = 8.0

SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "max_connections": 60,
    "shared_buffers": "128MB",
    "jit": "off",  # compiling costs more than the rollups' short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Nobody replicates or archives this store, which lets COPY into a new table skip the log.
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "max_logical_replication_workers": 0,
    "wal_compression": "on",
    "max_wal_size": "64MB",  # the whole folder of the demo stays under 500 MB
    "min_wal_size": "32MB",
    # A week of small files. Errors are their clients' to tell; their details would log rows.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "server-%w.log",
    "log_rotation_age": "1d",
    "log_rotation_size": 0,
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}


class Answer(Enum):
    """What a connection to the server meets."""

    YES = auto()
    NOT_NOW = auto()  # it is starting, recovering or shutting down
    NONE = auto()


@dataclass(frozen=True)
class Cluster:
    """A data folder that exists, the user it belongs to, and the folder of its socket."""

    data: Path
    account: Account
    socket: Path

    @property
    def major(self) -> int:
        """The major version of PostgreSQL that the data is of."""
        return major_of(self.data)

    @classmethod
    def at(cls, data: Path) -> Cluster:
        """The cluster in a data folder."""
        data = data.resolve()
        account = Account.owner_of(data)
        # pg_control begins with an identifier of its own for each initdb. With it, a folder that
        # was deleted and made again does not meet the old server, which takes a minute to notice.
        with (data / "global" / "pg_control").open("rb") as control:
            key = short_hash(bytes(data) + control.read(8))
        return cls(data, account, SOCKETS / f"greenlight-{account.uid}-{key}")

    @classmethod
    def create(cls, home: Path, binaries: Binaries, account: Account) -> Cluster:
        """Make a data folder beside its place and rename it: half a one is never found there."""
        for leftover in home.glob("postgres-*.new-*"):
            # The initdb of a killed start may still be writing; the next start clears the rest.
            shutil.rmtree(leftover, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"postgres-{binaries.major}.new-", dir=home))
        if os.geteuid() == 0:
            os.chown(fresh, account.uid, account.gid)
        # From 17 on PostgreSQL brings C.UTF-8 along; before, the system may have it.
        own = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        for locale in (own,) if binaries.major >= 17 else (("--locale=C.UTF-8",), ("--locale=C",)):
            done = account.run(
                *(binaries.folder / "initdb", "-D", fresh.name, "-U", SUPERUSER, "-E", "UTF8"),
                *("--auth-local=trust", "--auth-host=reject", "--no-sync", "--no-instructions"),
                *locale,
                cwd=home,
            )
            if done.returncode == 0:
                done = account.run(
                    *(binaries.folder / "postgres", "--single", "-F", "-D", fresh.name),
                    "template1",
                    cwd=home,
                    text=f"create database {DATABASE}\n",
                )
                break
        if "could not look up effective user ID" in done.stderr:
            raise EmbeddedError(
                f"PostgreSQL makes no store for a user without a name: give the user {account.uid} "
                "a line in /etc/passwd (in a container: useradd), or start Greenlight as another."
            )
        if done.returncode != 0 or "ERROR:" in done.stderr:
            raise EmbeddedError(f"PostgreSQL made no store in {home}: {done.stderr.strip()}")
        return cls.at(fresh.rename(home / f"postgres-{binaries.major}"))

    def bring_up(self, binaries: Binaries) -> None:
        """Start the server unless it answers, and wait until it does.

        Raises:
            EmbeddedError: it does not, and what PostgreSQL says about it.
        """
        if not self.account.reaches(self.data):
            raise EmbeddedError(
                f"The system user {self.account.uid}, whom the server runs as, cannot reach "
                f"{self.data}: let it pass through the folders above, or move the store."
            )
        began = time.monotonic()
        complaint = ""
        while (answer := self.ask()) is not Answer.YES:
            waited = time.monotonic() - began
            if waited > (RETRY_SECONDS if complaint else START_SECONDS):
                raise EmbeddedError(
                    f"PostgreSQL does not start on {self.data}: "
                    f"{complaint or 'it is still busy starting or stopping; try again later'}"
                )
            if answer is Answer.NONE:
                complaint = self._start(binaries)
                if "shared memory block" in complaint:
                    self._end_orphans()
            time.sleep(POLL_SECONDS)

    def ask(self) -> Answer:
        """Whether the server answers. A pid would not tell: it may be stale, reused or hung."""
        if not self._socket_is_safe():
            return Answer.NONE
        try:
            psycopg2.connect(
                host=str(self.socket),
                port=PORT,
                user=SUPERUSER,
                dbname=DATABASE,
                connect_timeout=CONNECT_SECONDS,
            ).close()
        except psycopg2.OperationalError as error:
            # libpq has no code for a refused connection, and initdb set the messages to English.
            if "the database system is" in str(error):
                return Answer.NOT_NOW
            return Answer.YES if "FATAL:" in str(error) else Answer.NONE  # full, but it speaks
        return Answer.YES

    def stop(self) -> None:
        """Stop the server if it answers: clients are disconnected, the data is written out."""
        if self.ask() is Answer.NONE:
            return
        # Not postmaster.pid's, which is another server's if the folder was deleted and made again.
        if (pid := _pid_in(self._socket_lock)) is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while pid in {_pid_in(self._socket_lock), _pid_in(self.data / "postmaster.pid")}:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL did not stop in {STOP_SECONDS:.0f} s: {self.data}")
            time.sleep(POLL_SECONDS)
        with suppress(OSError):  # only tidiness
            self.socket.rmdir()

    @property
    def _socket_lock(self) -> Path:
        return self.socket / f".s.PGSQL.{PORT}.lock"

    def _start(self, binaries: Binaries) -> str:
        """Start the server; what it complains about, or nothing once it is up."""
        if not self._socket_is_safe():
            self.socket.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(self.socket, self.account.uid, self.account.gid)
        self._disown_stale_pids()
        log = self.data / START_LOG
        log.unlink(missing_ok=True)
        settings = SETTINGS | {"unix_socket_directories": self.socket}
        done = self.account.run(
            *(binaries.folder / "pg_ctl", "start", "--wait", "--silent"),
            *("--timeout", f"{START_SECONDS:.0f}", "--log", f"{self.data.name}/{START_LOG}"),
            # Relative, since pg_ctl hands its words to a shell and a path may hold anything.
            *("-D", self.data.name, "-o", " ".join(f"-c {k}={v}" for k, v in settings.items())),
            cwd=self.data.parent,
        )
        if done.returncode == 0:
            return ""
        return f"{self._last_words() or done.stderr.strip()} (the log is {log})"

    def _last_words(self) -> str:
        """Why the last start failed: it says so before its logging begins, or after."""
        logs = sorted(self.data.glob("log/*.log"), key=lambda path: path.stat().st_mtime)
        for path in (self.data / START_LOG, *logs[-1:]):
            if path.exists() and path.stat().st_mtime > time.time() - START_SECONDS:
                lines = path.read_text(errors="replace").splitlines()
                for number in reversed(range(len(lines))):
                    if "FATAL:" in lines[number] or "PANIC:" in lines[number]:
                        return " ".join(lines[number : number + 2])  # with its hint
        return ""

    def _socket_is_safe(self) -> bool:
        """Whether the socket's folder is there, and nobody else can have made it or reach into it.

        Raises:
            EmbeddedError: it is another user's: an answer from there would be a stranger's.
        """
        try:
            status = self.socket.lstat()
        except FileNotFoundError:
            return False
        owners = {self.account.uid, os.geteuid()}
        if (
            not stat.S_ISDIR(status.st_mode)
            or status.st_uid not in owners
            or status.st_mode & 0o077
        ):
            raise EmbeddedError(
                f"{self.socket} should be a private folder of the user {self.account.uid}, and is "
                "not: somebody else may have put it there. Remove it and start again."
            )
        return True

    def _disown_stale_pids(self) -> None:
        """Let a start pass that PostgreSQL would refuse because its old pid is somebody else's now.

        After a container was killed, its next life hands out the same low pids; and a killed server
        stays a zombie where the first process is slow to reap. PostgreSQL takes the pid of pg_ctl's
        parent, which is this process, for no other server, and still checks the shared memory.
        """
        for path in (self.data / "postmaster.pid", self._socket_lock):
            pid = _pid_in(path)
            if pid is None:  # missing, or cut off by a crash, which would forbid every start
                path.unlink(missing_ok=True)
            elif Path(f"/proc/{pid}").exists() and pid not in self._processes():
                _, _, rest = path.read_text().partition("\n")
                path.write_text(f"{os.getpid()}\n{rest}")

    def _end_orphans(self) -> None:
        """End what a killed server left: a busy query does not notice, and holds up the next start.

        Called when PostgreSQL found the server gone and its shared memory in use.
        """
        for pid in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)  # what the server itself sends after a crash

    def _processes(self) -> set[int]:
        """PostgreSQL's processes on this data, by their working folder; none where /proc is not."""
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it ended, or is another user's and so not of this data
                name = (process / "comm").read_text().strip()
                if name == "postgres" and (process / "cwd").samefile(self.data):
                    found.add(int(process.name))
        return found


def _pid_in(path: Path) -> int | None:
    """The pid that a lock file of PostgreSQL begins with, if it has one."""
    try:
        pid = abs(int(path.read_text().partition("\n")[0]))  # negative in single-user mode
    except (FileNotFoundError, ValueError):
        return None
    return pid if pid > 1 else None
