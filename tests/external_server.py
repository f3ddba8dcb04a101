"""Run a command with DATABASE_URL naming a PostgreSQL of this system.

    python -m tests.external_server pytest tests/db

The server is a throw-away one on a free port of localhost, with a password, stopped afterwards.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.debian import expected, program

OLDEST_MAJOR = 15
#: Below the ports that Linux (from 32768 on) and others (49152) take for outgoing connections.
LISTENING = range(20_000, 32_000)
INSTALLED = Path("/usr/lib/postgresql")
AS_ROOT = os.geteuid() == 0
#: Logins that tests take as a serving stack would; every other one needs its password.
PASSWORDLESS = "host all greenlight_serving,greenlight_stranger 127.0.0.1/32 trust\n"


def newest_programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs; None without one that is new enough."""
    majors = [int(path.name) for path in INSTALLED.glob("*") if path.name.isdecimal()]
    fitting = [
        INSTALLED / str(major) / "bin"
        for major in sorted(majors, reverse=True)
        if major >= OLDEST_MAJOR
    ]
    return next((folder for folder in fitting if (folder / "initdb").exists()), None)


def free_port() -> int:
    """A port of localhost that nobody listens on.

    It is none of those that a system gives its outgoing connections: one of them could be in use
    by the time somebody listens.
    """
    while True:
        port = secrets.choice(LISTENING)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@contextmanager
def external_server(programs: Path) -> Iterator[str]:
    """A new PostgreSQL; its address, as a superuser with a password."""
    folder = Path(tempfile.mkdtemp(prefix="greenlight-external-"))
    user = "postgres" if AS_ROOT else None  # PostgreSQL refuses to run as root
    if user:
        shutil.chown(folder, user)
    password, port = secrets.token_urlsafe(12), free_port()
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    if user:
        shutil.chown(secret, user)

    def run(program: str, *arguments: str | Path) -> None:
        log = folder / "commands.log"
        with log.open("ab") as output:
            done = subprocess.run(
                [programs / program, *arguments],
                user=user,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            sys.exit(f"{program} of {programs} failed:\n{log.read_text()}")

    data = folder / "data"
    try:
        run(
            *("initdb", "--pgdata", data, "--username", "postgres", "--pwfile", secret),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        )
        rules = data / "pg_hba.conf"
        rules.write_text(PASSWORDLESS + rules.read_text(encoding="utf-8"), encoding="utf-8")
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
        run("pg_ctl", "start", "--wait", "-D", data, "-o", settings, "-l", folder / "server.log")
        try:
            yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "--wait", "-D", data, "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    """Run the command on an external server; its exit code.

    Without such a server it is 1 where `python -m tests.debian` should have brought one, else 0.
    """
    programs = newest_programs()
    if programs is None:
        print(
            f"NOT RUN on an external server: {' '.join(command)}. There is no PostgreSQL "
            f"{OLDEST_MAJOR} or newer in {INSTALLED}; apt-get install postgresql brings one.",
            flush=True,
        )
        return 1 if expected() and program("initdb") is None else 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped
    print(f"On an external server, PostgreSQL of {programs}: {' '.join(command)}", flush=True)
    with external_server(programs) as address:
        environment = os.environ | {"DATABASE_URL": address}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
