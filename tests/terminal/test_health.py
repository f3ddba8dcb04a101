"""`cli.py health`: what it says and how it exits."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

import cli
from db.engine import Role, Store
from tests.terminal.conftest import Terminal


def test_a_store_whose_worker_never_ticked_exits_1(terminal: Terminal):
    done = terminal("health", "--format", "json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["sentence"]) == (1, "Failing: worker.")


def test_after_a_tick_all_is_well(terminal: Terminal):
    assert terminal("worker", "--once").exit_code == 0

    done = terminal("health")

    assert done.exit_code == 0, done.output
    assert "Greenlight is well." in done.stdout


@pytest.mark.parametrize("style", ["json", "table"])
def test_a_store_that_does_not_answer_exits_3_and_says_so_in_the_report(style: str):
    gone = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}

    done = CliRunner().invoke(cli.main, ["health", "--format", style], env=gone)

    assert done.exit_code == 3
    assert "does not answer" in done.stdout


def test_a_schema_of_another_time_exits_3(terminal: Terminal, store: Store):
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    done = terminal("health", "--format", "json")

    assert done.exit_code == 3
    assert "does not know" in json.loads(done.stdout)["parts"][0]["sentence"]


def test_a_worker_writes_its_metrics_where_the_environment_says(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "greenlight.prom"
    monkeypatch.setenv("GREENLIGHT_METRICS_FILE", str(path))

    assert terminal("worker", "--once").exit_code == 0

    assert "greenlight_store_up 1.0" in path.read_text()


@pytest.mark.parametrize("port", ["web", "99999"])
def test_a_port_that_is_none_is_refused(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, port: str
):
    monkeypatch.setenv("GREENLIGHT_METRICS_PORT", port)

    done = terminal("worker", "--once")

    assert done.exit_code == 2
    assert "GREENLIGHT_METRICS_PORT" in done.stderr
