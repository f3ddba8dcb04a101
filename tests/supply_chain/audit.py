"""`make audit`: asks whether a locked package has a known vulnerability.

The answer comes from a service on the network. Where that cannot be asked, or does not know the
packages (a mirror of an index often lacks its vulnerabilities), nothing was audited, and that is
what is said: with --offline-is-fine it is no failure, as in `make check`; without, it is.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.supply_chain.lock import ROOT, pins

LOCK = ROOT / "requirements-dev.lock"
PATIENCE_SECONDS = 90
#: What one request may take: a network that drops packets must not hold `make check` up for long.
REQUEST_SECONDS = 5


@dataclass(frozen=True)
class Found:
    """What an audit found.

    Attributes:
        asked: packages of the lock.
        answered: packages that the service knows.
        vulnerable: a line for each known vulnerability that is not excepted.
        trouble: why nobody could be asked, '' where somebody was.
    """

    asked: int
    answered: int
    vulnerable: tuple[str, ...] = ()
    trouble: str = ""


def exceptions() -> dict[str, str]:
    """Vulnerabilities that are lived with, and the reason for each, from pyproject.toml."""
    told: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed: dict[str, str] = told["tool"]["greenlight"]["audit"]["exceptions"]
    return listed


def read(answer: str, asked: int, excepted: dict[str, str]) -> Found:
    """Make sense of pip-audit's JSON."""
    told: Any = json.loads(answer)
    known = [one for one in told["dependencies"] if "vulns" in one]
    vulnerable = tuple(
        f"{one['name']} {one['version']}: {vulnerability['id']}"
        f" (fixed in {', '.join(vulnerability['fix_versions']) or 'no version yet'})"
        for one in known
        for vulnerability in one["vulns"]
        if not {vulnerability["id"], *vulnerability.get("aliases", ())} & set(excepted)
    )
    return Found(asked, len(known), vulnerable)


def audit() -> Found:
    """Ask about every package of the lock."""
    locked = sorted({f"{pin.name}=={pin.version}" for pin in pins(LOCK)})
    with tempfile.TemporaryDirectory() as folder:
        # Conditions are left out: what is installed elsewhere is audited too.
        listed = Path(folder) / "locked.txt"
        listed.write_text("\n".join(locked))
        try:
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "pip_audit", "--format", "json", "--no-deps"),
                    *("--disable-pip", "--progress-spinner", "off", "--timeout"),
                    *(str(REQUEST_SECONDS), "--requirement", str(listed)),
                ],
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Found(len(locked), 0, trouble=f"no answer in {PATIENCE_SECONDS} s")
    if not done.stdout.startswith("{"):
        words = done.stderr.strip().splitlines()
        return Found(len(locked), 0, trouble=words[-1][:300] if words else "no answer")
    return read(done.stdout, len(locked), exceptions())


def verdict(found: Found, *, offline_is_fine: bool) -> tuple[int, str]:
    """The exit code and what is printed."""
    if found.vulnerable:
        return 1, "\n".join(["Known vulnerabilities:", *found.vulnerable])
    if found.answered < found.asked:
        reason = found.trouble or "the service does not know them"
        said = (
            f"NOT AUDITED: {found.asked - found.answered} of {found.asked} packages ({reason}). "
            "Run make audit where the vulnerability service can be reached."
        )
        return (0 if offline_is_fine else 1), said
    return 0, f"No known vulnerability in {found.asked} packages."


def main(arguments: list[str]) -> int:
    """Audit, and say what came of it."""
    code, said = verdict(audit(), offline_is_fine="--offline-is-fine" in arguments)
    print(said, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
