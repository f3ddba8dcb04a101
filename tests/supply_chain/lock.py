"""`make lock`: pins what the requirements ask for, and what that needs in turn, with hashes.

The locks hold for every Python from 3.11 on and every system: differences stand in them as
conditions. Nothing in them says where packages come from; that is the machine's setting.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
OLDEST_PYTHON = "3.11"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=(sha256):([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """One package of a lock.

    Attributes:
        name: normalised (PEP 503).
        version: the only one that is installed.
        condition: where it is needed, '' for everywhere.
        hashes: SHA-256 of every file of it that may be installed.
    """

    name: str
    version: str
    condition: str
    hashes: tuple[str, ...]


def normalised(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> list[Pin]:
    """The packages of a lock, in its order.

    Raises:
        ValueError: a line is neither a pin nor a hash.
    """
    found: list[Pin] = []
    for line in path.read_text().splitlines():
        if pinned := _PIN.match(line):
            name, version, condition = pinned.groups()
            found.append(Pin(normalised(name), version, (condition or "").strip(), ()))
        elif hashed := _HASH.search(line):
            last = found[-1]
            hashes = (*last.hashes, hashed[2])
            found[-1] = Pin(last.name, last.version, last.condition, hashes)
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"{path.name}: {line!r} is neither a pin nor a hash")
    return found


def main() -> int:
    """Write both locks; what the runtime's lock pins, the other one pins too."""
    for asked, written, within in (
        ("requirements.txt", "requirements.lock", ()),
        ("requirements-dev.txt", "requirements-dev.lock", ("--constraint", "requirements.lock")),
    ):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"),
                *("--python-version", OLDEST_PYTHON, "--generate-hashes"),
                *("--no-header", "--no-annotate", *within, asked, "--output-file", written),
            ],
            cwd=ROOT,
            check=False,
        )
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
