"""The system user that the server runs as, since PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

# What PostgreSQL's programs see of the environment: nothing of PGPORT, PGDATA or a foreign locale.
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
PROGRAM_SECONDS = 90.0  # longer than the wait that pg_ctl is given, so that pg_ctl gets to say why


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """A system user by its numbers: a container's user often has no name."""

    uid: int
    gid: int

    @classmethod
    def own(cls) -> Account:
        """The user of this process."""
        return cls(os.geteuid(), os.getegid())

    @classmethod
    def for_new_store(cls) -> Account:
        """This process's user, or for root the user that the server drops to."""
        if os.geteuid() != 0:
            return cls.own()
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise EmbeddedError(
            "PostgreSQL does not run as root, and this system has no user postgres or nobody to "
            "run it as: add one (useradd --system postgres), or start Greenlight as another user."
        )

    @classmethod
    def owner_of(cls, data: Path) -> Account:
        """The owner of a data folder: PostgreSQL opens it for nobody else."""
        uid = data.stat().st_uid
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            name, gid = f"number {uid}", uid
        else:
            name, gid = entry.pw_name, entry.pw_gid
        if os.geteuid() not in {0, uid}:
            raise EmbeddedError(
                f"The store in {data} belongs to the user {name}: start Greenlight as that user or "
                "as root, or give it another folder."
            )
        if uid == 0:
            raise EmbeddedError(
                f"The store in {data} belongs to root, whom PostgreSQL does not serve: give it "
                f"back to its user, for example with chown -R postgres {data}"
            )
        return cls(uid, gid)

    def run(
        self, *command: str | Path, cwd: Path, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, apart from this process's terminal and open files.

        Raises:
            OSError: the program cannot be started, as when this user cannot reach it.
        """
        switch = self.uid != os.geteuid()
        try:
            return subprocess.run(
                command,
                cwd=cwd,
                env=ENVIRONMENT,
                input=text,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=PROGRAM_SECONDS,
                start_new_session=True,
                umask=0o077,
                user=self.uid if switch else None,
                group=self.gid if switch else None,
                extra_groups=[] if switch else None,
            )
        except subprocess.TimeoutExpired as error:
            raise EmbeddedError(f"{command[0]} took more than {error.timeout:.0f} s.") from error

    def reaches(self, folder: Path) -> bool:
        """Whether this user can enter the folder: asked by trying, as only the system knows."""
        return self.run("/bin/sh", "-c", 'cd "$1"', "sh", folder, cwd=Path("/")).returncode == 0
