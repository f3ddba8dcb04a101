"""The house's own rules: who may import whom, what is called how, and that the README is true."""

import ast
import doctest
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import cli
import db

ROOT = Path(__file__).parents[1]
PACKAGES = ("core", "db", "pages")
#: The clock is read by the entries, by the demo, by the writer that a serving stack imports, and
#: where the age of a log file is told.
READS_THE_CLOCK = {"db/demo", "db/writer/metric_writer.py", "db/embedded/cluster.py"}
NOT_OURS = {
    *(".git", ".venv", ".data", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"),
    *(".hypothesis", ".import_linter_cache"),
}


def files() -> Iterator[Path]:
    """Every file of the project, without what tools leave behind."""
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in NOT_OURS]
        yield from (Path(folder) / name for name in names)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the import rules of a checkout."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_one_way():
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout


def test_every_import_rule_catches_who_breaks_it(tmp_path: Path):
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.sql", "*.gz")
        )
    for name in ("app.py", "cli.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    breaches = {
        "core/status.py": ["import streamlit", "import os", "import time", "import db.engine"],
        "db/engine.py": ["import streamlit", "import pages.parts.view", "import cli"],
        "pages/parts/view.py": ["import pages.overview", "import app"],
        "pages/reliability.py": ["import pages.overview"],
    }
    for path, lines in breaches.items():
        with (tmp_path / path).open("a") as module:
            module.write("\n".join(["", *lines, ""]))

    found = lint_imports(tmp_path).stdout

    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    assert [rule["name"] for rule in rules if f"{rule['name']} BROKEN" not in found] == []
    for path, lines in breaches.items():
        importer = path.removesuffix(".py").replace("/", ".")
        for line in lines:
            assert f"{importer} -> {line.split()[1]}" in found


def areas() -> list[str]:
    return sorted(path.stem for path in (ROOT / "pages").glob("[a-z]*.py"))


def test_there_are_areas():
    assert {"overview", "reliability"} <= set(areas())


@pytest.mark.parametrize("area", areas())
def test_an_area_has_the_same_name_on_every_floor(area: str):
    def there(floor: str) -> bool:
        return (ROOT / floor / area).is_dir() or (ROOT / floor / f"{area}.py").is_file()

    assert there("core")
    assert there("db/readers")
    tested = [*(ROOT / "tests/core").glob(f"test_{area}.py"), *(ROOT / "tests/core").glob(area)]
    assert tested
    assert (ROOT / "tests/db/readers" / f"test_{area}.py").is_file()


def test_charts_belong_to_an_area_or_to_all_of_them():
    shared = {"__init__", "chart", "names", "tokens"}
    names = {path.stem for path in (ROOT / "core/charts").glob("*.py")}
    assert names - shared <= set(areas())


def all_commands() -> list[str]:
    found = []
    for name, command in cli.main.commands.items():
        if isinstance(command, click.Group):
            found += [f"{name} {below}" for below in command.commands]
        else:
            found.append(name)
    return found


@pytest.mark.parametrize("command", all_commands())
def test_the_readme_names_every_command(command: str):
    assert f"cli.py {command}" in (ROOT / "README.md").read_text()


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text()
    return set(re.findall(r"^([a-z]+):(?!=)", makefile, re.MULTILINE))


def test_every_make_target_that_the_readme_names_exists():
    named = set(re.findall(r"`?\bmake ([a-z]+)\b", (ROOT / "README.md").read_text()))
    assert {"run", "test", "check", "bench", "screenshots"} <= named & make_targets()


def test_continuous_integration_runs_the_test_command_of_the_readme():
    assert "make test" in (ROOT / ".ci/run").read_text()
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_every_requirement_is_pinned_and_explained():
    explained = (ROOT / "docs/dependencies.md").read_text().lower()
    for path in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / path).read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                name, pinned, version = line.partition("==")
                assert pinned, f"{path}: {line}"
                assert version, f"{path}: {line}"
                assert name.lower() in explained, f"{name} is not in docs/dependencies.md"


def test_nothing_refers_to_what_is_outside_the_repository():
    outside = [re.compile(sign) for sign in (r"\.\./sha" + "red", "/wo" + "rk/", r"/tmp" + "/v/")]
    found = []
    for path in files():
        try:
            written = path.read_text()
        except UnicodeDecodeError:
            continue  # pictures and packed data
        found += [f"{path}: {sign.pattern}" for sign in outside if sign.search(written)]
    assert found == []


def clock_readers() -> set[str]:
    """Modules of the packages that ask what time it is."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Attribute(
                        value=ast.Name(id="datetime" | "date"), attr="now" | "utcnow" | "today"
                    ):
                        found.add(path.relative_to(ROOT).as_posix())
                    case ast.Attribute(value=ast.Name(id="time"), attr="time"):
                        found.add(path.relative_to(ROOT).as_posix())
    return found


def test_the_clock_comes_in_as_an_argument():
    strangers = {name for name in clock_readers() if not name.startswith(tuple(READS_THE_CLOCK))}
    assert strangers == set()
    assert "db/writer/metric_writer.py" in clock_readers()  # the search finds what there is


def test_the_environment_is_read_by_the_entries_alone():
    readers = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert readers == []


def test_the_examples_in_the_docstrings_of_the_store_hold():
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(db.__path__, "db.")
        if not found.name.startswith("db.migrations")
    ]
    results = [doctest.testmod(module) for module in modules]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) > 0


def test_no_module_is_named_after_nothing():
    forbidden = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    assert not [path for path in files() if path.suffix == ".py" and path.stem in forbidden]


def test_work_that_is_left_is_not_left_in_the_code():
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    assert not [path for path in files() if path.suffix == ".py" and mark.search(path.read_text())]
