"""`cli.py up` with real processes: they come back after kill -9, and all of them end with it.

All of them work on one store, each in a terminal of its own (a pseudo-terminal).
"""

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import text

from db import schema
from db.engine import Role, Store
from tests.external_server import free_port

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 180.0
#: Leads a session whose terminal is standard input, as a login shell does; a hang-up ends it, also
#: where the tests' own runner was started by nohup.
IN_TERMINAL = (
    "import fcntl, os, signal, sys, termios; signal.signal(signal.SIGHUP, signal.SIG_DFL); "
    "os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
BEAT = text(
    "insert into metrics.heartbeat values (:service, 'inference', 'i1', 'dc1', now(), now(), null)"
)


def wait_for(happened: Callable[[], object], what: str) -> None:
    """Wait until something is true; the limit is only for what never happens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def environment(folder: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return kept | {"GREENLIGHT_DATA": str(folder)}


def cli(folder: Path, *arguments: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        [sys.executable, "cli.py", *arguments],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def processes_of(folder: Path) -> dict[int, str]:
    """Every living process that works on the folder, PostgreSQL included, with its command."""
    sign = f"GREENLIGHT_DATA={folder}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                command = (entry / "cmdline").read_bytes()
                inside = (entry / "cwd").readlink().is_relative_to(folder)
                if command and (inside or sign in (entry / "environ").read_bytes().split(b"\0")):
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found


class Up:
    """A running `up` in a terminal."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.printed = ""
        self._terminal, inner = os.openpty()
        command = [sys.executable, "-c", IN_TERMINAL, "cli.py", "up", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=environment(folder),
            stdin=inner,
            stdout=inner,
            stderr=inner,
        )
        os.close(inner)

    def read(self) -> str:
        """Everything that has been printed so far."""
        while select.select([self._terminal], [], [], 0)[0]:
            try:
                self.printed += os.read(self._terminal, 65536).decode()
            except OSError:  # the other end is closed
                break
        return self.printed

    def wait_for_line(self, pattern: str) -> None:
        wait_for(lambda: re.search(pattern, self.read()), f"{pattern!r} after:\n{self.printed}")

    def child(self, sign: str) -> int | None:
        """The number of the child whose command line holds the sign, once it is there."""
        found = [pid for pid, command in processes_of(self.folder).items() if sign in command]
        children = [pid for pid in found if parent_of(pid) == self.process.pid]
        return children[0] if children else None

    def press_ctrl_c(self) -> None:
        os.write(self._terminal, b"\x03")

    def hang_up(self) -> None:
        """Close the terminal's window."""
        os.close(self._terminal)
        self._terminal = -1

    def end(self) -> int:
        code = self.process.wait(PATIENCE_SECONDS)
        if self._terminal >= 0:
            self.read()
            os.close(self._terminal)
        return code


def parent_of(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A store that holds one service, which is not the demo's."""
    made = Path(tempfile.mkdtemp(prefix="greenlight-up-"))
    made.chmod(0o755)  # root's server is another user
    with Store(None, made) as store:
        schema.migrate(store.engine(Role.OWNER))
        with store.engine(Role.SERVING).begin() as connection:
            connection.execute(BEAT, {"service": "own"})
    yield made
    for pid in processes_of(made):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not processes_of(made), "the processes of a failed test to end")
    shutil.rmtree(made)


@contextlib.contextmanager
def running(folder: Path, *options: str) -> Iterator[Up]:
    up = Up(folder, *options)
    try:
        up.wait_for_line(rf"Greenlight is at http://localhost:{up.port}")
        wait_for(lambda: up.child("cli.py worker"), "the worker")
        yield up
    finally:
        if up.process.poll() is None:
            up.process.terminate()
            up.end()


def kill(up: Up, sign: str) -> None:
    """End a child with kill -9 and wait until another has taken its place."""
    killed = up.child(sign)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: up.child(sign) not in {None, killed}, f"{sign} to come back")


def services(folder: Path) -> list[str]:
    question = "select distinct service from metrics.heartbeat order by 1"
    return cli(folder, "psql", "--", "-Atc", question).split()


def test_worker_and_web_server_come_back_after_kill_9(folder: Path):
    with running(folder, "--no-demo") as up:
        kill(up, "cli.py worker")
        kill(up, "streamlit run")
        up.wait_for_line(r"worker was ended by SIGKILL; starts again in 0\.5 s")
        up.wait_for_line(r"web was ended by SIGKILL; starts again in 0\.5 s")
        kill(up, "cli.py worker")
        up.wait_for_line(r"worker was ended by SIGKILL; starts again in 1 s")


def test_killed_postgresql_comes_back_with_its_data_and_the_worker_goes_on(folder: Path):
    with running(folder, "--no-demo") as up:
        address = cli(folder, "url", "--role", "worker").strip()
        with contextlib.closing(psycopg2.connect(address)) as connection:
            with connection, connection.cursor() as cursor:
                cursor.execute("select current_user, pg_backend_pid()")
                role, backend = cursor.fetchone()
            assert role == "greenlight_worker"
            server = parent_of(backend)
            assert server in processes_of(folder)
            os.kill(server, signal.SIGKILL)
        assert services(folder) == ["own"]
        with contextlib.closing(psycopg2.connect(address)) as connection:
            connection.autocommit = True
            before = last_tick(connection)
            wait_for(lambda: last_tick(connection) != before, "the worker's next tick")
        assert up.child("cli.py worker")


def last_tick(connection: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("select ticked_at from rollup.worker")
        return cursor.fetchone()


@pytest.mark.parametrize("way", ["Ctrl-C", "SIGTERM", "a closed terminal"])
def test_every_way_to_stop_it_leaves_no_process_behind_and_keeps_the_data(folder: Path, way: str):
    with running(folder) as up:
        assert services(folder) == ["own"]
        up.wait_for_line("the demo stays away")
        began = processes_of(folder)
        assert len(began) >= 4  # up, web, worker, PostgreSQL
        if way == "Ctrl-C":
            up.press_ctrl_c()
        elif way == "SIGTERM":
            up.process.terminate()
        else:
            up.hang_up()
        assert up.end() == 0
        assert processes_of(folder) == {}
    if way == "Ctrl-C":
        assert "Stopping Greenlight" in up.printed
        assert "Traceback" not in up.printed
        assert "was ended by" not in up.printed  # Ctrl-C reached `up` alone


def test_children_end_with_an_up_that_was_killed_and_the_next_one_starts_at_once(folder: Path):
    with running(folder, "--no-demo") as up:
        left = set(processes_of(folder)) - {up.process.pid}
        up.process.kill()
        up.end()
    with running(folder, "--no-demo") as next_up:
        assert services(folder) == ["own"]
        wait_for(
            lambda: not (left & children_of_the_dead(folder)),
            "the children of the killed one to end",
        )
        next_up.press_ctrl_c()
        assert next_up.end() == 0
    assert processes_of(folder) == {}


def children_of_the_dead(folder: Path) -> set[int]:
    """Those that are no longer anybody's child; PostgreSQL, which may live on, is not meant."""
    return {pid for pid, command in processes_of(folder).items() if "db.processes" in command}


def test_the_demo_comes_back_after_kill_9_and_ends_with_up(folder: Path):
    with running(folder, "--demo") as up:
        for service in ("newsletters", "spambase"):
            wait_for(lambda sign=f"cli.py demo {service}": up.child(sign), service)
            kill(up, f"cli.py demo {service}")
        up.press_ctrl_c()
        assert up.end() == 0
    assert processes_of(folder) == {}


def test_a_taken_port_is_a_sentence_that_says_how_to_choose_another(folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "cli.py", "up", "--port", str(port)],
            cwd=ROOT,
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == (
        f"Port {port} is taken by another program. "
        "Choose another, for example: make run PORT=8600\n"
    )
    assert processes_of(folder) == {}
