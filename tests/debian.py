"""Programs of the system that tests drive; on Debian, as root, the missing ones are installed.

`python -m tests.debian` makes a fresh machine ready. A test whose program cannot be had says so and
is skipped: `program` tells.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

#: Debian's package, and the names under which its program goes there and elsewhere.
PACKAGES = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "prometheus": ("prometheus",),
    "prometheus-alertmanager": ("prometheus-alertmanager", "alertmanager"),
    "nginx": ("nginx", "/usr/sbin/nginx"),
}


def program(package: str) -> str | None:
    """The path of a package's program; None where it is not installed."""
    return next((path for path in map(shutil.which, PACKAGES[package]) if path), None)


def missing() -> list[str]:
    """Packages whose program is not installed."""
    return [package for package in PACKAGES if program(package) is None]


def main() -> int:
    """Install what is missing, where that can be done; the tests say what is not there."""
    wanted = missing()
    if not wanted:
        return 0
    names = " ".join(wanted)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
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
