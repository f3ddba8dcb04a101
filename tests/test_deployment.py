"""What deployments are made from: each file is checked by the program that will read it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import cli
from tests.debian import needed

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "docs/deployment").glob("*.service"))
VARIABLE = re.compile(r"\b(?:GREENLIGHT_[A-Z_]+|DATABASE_URL|ALERTMANAGER_URL)\b")


def variables_of_the_code() -> set[str]:
    sources = [ROOT / "app.py", ROOT / "cli.py"]
    for package in ("core", "db", "pages"):
        sources += (ROOT / package).rglob("*.py")
    return {name for path in sources for name in VARIABLE.findall(path.read_text())}


def documented_variables() -> set[str]:
    page = (ROOT / "docs/environment.md").read_text()
    return set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))


def test_every_variable_that_the_code_reads_is_documented_and_none_else():
    assert documented_variables() == variables_of_the_code()


def test_every_variable_in_examples_is_one_that_is_read():
    examples = [ROOT / "Dockerfile", ROOT / "compose.yaml", ROOT / "docs/deployment.md", *UNITS]

    named = {name for path in examples for name in VARIABLE.findall(path.read_text())}

    assert {name for name in named if not name.endswith("_")} <= documented_variables()


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_compose_runs_commands_that_there_are(compose: Any):
    services = compose["services"]
    ours = {name: service for name, service in services.items() if name != "store"}

    assert set(ours) == {"migrate", "worker", "web"}
    for service in ours.values():
        assert service["command"][0] in cli.main.commands
        assert service["image"] == "greenlight"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_compose_shows_nothing_outside_its_machine(compose: Any):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_has_no_password_of_its_own(compose: Any):
    assert compose["services"]["store"]["environment"]["POSTGRES_PASSWORD"].startswith(
        "${POSTGRES_PASSWORD:?"
    )


def dockerfile() -> list[list[str]]:
    """The instructions, with continued lines put together."""
    written = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split() for line in written.splitlines() if line and not line.startswith("#")]


def copied() -> list[str]:
    """What the image takes from the repository."""
    found = []
    for instruction, *words in dockerfile():
        if instruction == "COPY" and not words[0].startswith("--from"):
            found += words[:-1]
    return found


def test_the_image_runs_as_a_user_without_rights_and_installs_by_hash():
    instructions = [words[0] for words in dockerfile()]
    installs = [words for words in dockerfile() if "pip" in words]

    assert ["USER", "greenlight"] in dockerfile()
    assert instructions.index("USER") < instructions.index("ENTRYPOINT")
    assert all("--require-hashes" in words and "requirements.lock" in words for words in installs)


def test_the_builder_is_sent_all_that_the_image_takes():
    sent = (ROOT / ".dockerignore").read_text().splitlines()

    assert [name for name in copied() if f"!{name}" not in sent] == []


def test_what_the_image_takes_is_enough_to_run(tmp_path: Path):
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path)

    said = subprocess.run(
        [sys.executable, "cli.py", "health", "--format", "json"],
        cwd=tmp_path,
        env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (said.returncode, said.stderr) == (3, "")
    assert "does not answer" in said.stdout


def test_there_is_a_pair_of_units():
    assert [unit.stem for unit in UNITS] == ["greenlight-web", "greenlight-worker"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path):
    analyze = needed("systemd-analyze")
    documented = unit.read_text()
    started = re.search(r"^ExecStart=(\S+) cli\.py (\w+)", documented, re.MULTILINE)
    assert started
    assert started[2] in cli.main.commands
    here = tmp_path / unit.name
    here.write_text(documented.replace(started[1], sys.executable))

    found = subprocess.run(
        [analyze, "verify", "--man=no", str(here)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stderr) == (0, "")


def test_promtool_finds_nothing_wrong_with_the_alerts():
    found = subprocess.run(
        [needed("promtool"), "check", "rules", str(ROOT / "docs/deployment/prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stderr


def test_the_page_on_deployment_names_every_file_beside_it():
    page = (ROOT / "docs/deployment.md").read_text()

    for path in (ROOT / "docs/deployment").iterdir():
        assert f"deployment/{path.name}" in page
