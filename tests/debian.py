"""Programs of the system that tests drive; on Debian, as root, the missing ones are installed.

`python -m tests.debian` makes a fresh machine ready. A test that lacks its program fails where that
would have brought it, and in continuous integration; elsewhere it says what to install and is
skipped: `needed` tells.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

#: Program -> Debian's package, and the names and places where the program is found, best first.
PROGRAMS = {
    "chromium": (
        "chromium",
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    ),
    "prometheus": ("prometheus", ("prometheus",)),
    "promtool": ("prometheus", ("promtool",)),
    "alertmanager": ("prometheus-alertmanager", ("prometheus-alertmanager", "alertmanager")),
    "nginx": ("nginx", ("nginx", "/usr/sbin/nginx")),
    # A second PostgreSQL beside the wheel's: of another major, and where every user reaches it.
    "initdb": ("postgresql", ("/usr/lib/postgresql/*/bin/initdb",)),
    "systemd-analyze": ("systemd", ("systemd-analyze",)),
}


def program(name: str) -> str | None:
    """The path of a program; None where it is not installed."""
    _, places = PROGRAMS[name]
    for place in places:
        found = map(str, Path("/").glob(place[1:])) if place.startswith("/") else [place]
        for path in map(shutil.which, found):
            if path is not None:
                return path
    return None


def needed(name: str) -> str:
    """The path of a program that a test cannot do without; see `lacking` where there is none."""
    return program(name) or lacking(f"{name} is not installed", PROGRAMS[name][0])


def lacking(what: str, package: str) -> NoReturn:
    """End a test that a package's absence keeps from testing.

    It fails where the package is expected, since `python -m tests.debian` installs it, and is
    skipped elsewhere.
    """
    said = f"{what}: apt-get install {package}"
    if expected():
        pytest.fail(f"{said}, as `python -m tests.debian` does")
    pytest.skip(said)


def can_install() -> bool:
    """Whether packages can be installed here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def expected() -> bool:
    """Whether all programs should be here: in continuous integration, and as root on Debian."""
    return can_install() or bool(os.environ.get("CI"))


def missing() -> list[str]:
    """Packages that a program is missing of."""
    return sorted({package for name, (package, _) in PROGRAMS.items() if program(name) is None})


def main() -> int:
    """Install what is missing, where that can be done; the tests say what is not there."""
    wanted = missing()
    if not wanted:
        return 0
    names = " ".join(wanted)
    if not can_install():
        print(f"Tests use {names}: install them with apt-get, as root, to have all tests run.")
        return 0
    print(f"Installing for the tests: {names}", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"]):
        packages = wanted if arguments[0] == "install" else []
        done = subprocess.run(
            ["apt-get", *arguments, *packages],
            env=quiet,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            print(f"apt-get {arguments[0]} failed; missing are {' '.join(missing())}.")
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
