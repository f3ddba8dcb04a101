"""The locks: every file that is installed is known by its hash, and nothing else is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.supply_chain.lock import ROOT, Pin, normalised, pins

LOCKS = {"requirements.txt": "requirements.lock", "requirements-dev.txt": "requirements-dev.lock"}


def asked(path: str) -> dict[str, str]:
    lines = (ROOT / path).read_text().splitlines()
    split = (line.partition("==") for line in lines if line and not line.startswith(("#", "-r")))
    return {normalised(name): version for name, _, version in split}


def locked(path: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pin in pins(ROOT / path):
        found.setdefault(pin.name, set()).add(pin.version)
    return found


@pytest.mark.parametrize(("readable", "lock"), LOCKS.items())
def test_what_is_asked_for_is_locked_at_that_version(readable: str, lock: str):
    found = locked(lock)

    assert {name: found.get(name) for name in asked(readable)} == {
        name: {version} for name, version in asked(readable).items()
    }, "run make lock"


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_package_has_hashes_and_a_version_alone(lock: str):
    assert [pin.name for pin in pins(ROOT / lock) if not pin.hashes] == []


def test_what_runs_is_locked_alike_for_development():
    development = {(pin.name, pin.version): pin for pin in pins(ROOT / "requirements-dev.lock")}

    for pin in pins(ROOT / "requirements.lock"):
        assert development[pin.name, pin.version].hashes == pin.hashes


@pytest.mark.parametrize("lock", LOCKS.values())
def test_a_lock_names_no_place_that_packages_come_from(lock: str):
    written = (ROOT / lock).read_text()

    assert re.search(r"://|--index|--find-links|--trusted", written) is None


def test_what_is_installed_here_is_what_is_locked():
    told = subprocess.run(
        [sys.executable, "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    installed = {
        normalised(name): version
        for name, _, version in (line.partition("==") for line in told.splitlines())
    }
    wanted = locked("requirements-dev.lock")

    different = {
        name: (version, wanted[name])
        for name, version in installed.items()
        if name in wanted and name not in {"pip", "setuptools"} and version not in wanted[name]
    }
    assert different == {}


def test_the_makefile_installs_nothing_without_its_hash():
    makefile = (ROOT / "Makefile").read_text()
    installs = re.findall(r"\$\(PIP\) (.*)", makefile)

    assert installs == [
        "--require-hashes -r requirements.lock",
        "--require-hashes -r requirements-dev.lock",
    ]


def test_a_line_that_is_neither_pin_nor_hash_is_refused(tmp_path: Path):
    strange = tmp_path / "requirements.lock"
    strange.write_text("numpy==2.4.6 \\\n    --hash=sha256:" + "0" * 64 + "\n-e .\n")

    with pytest.raises(ValueError, match="neither a pin nor a hash"):
        pins(strange)


def test_a_pin_is_read_with_its_condition(tmp_path: Path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "a" * 64 + "\n"
    )

    assert pins(lock) == [Pin("colorama", "0.4.6", "sys_platform == 'win32'", ("a" * 64,))]
