"""The terminal's commands: wrong arguments, stores that are down or of another version, logins."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, text

import cli
from db.demo.play import SERVICES
from db.engine import Role, Store
from tests.external_server import free_port
from tests.terminal.running import Terminal, run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["verdicts", "--window", "5x"], "such as 30d"),
        (["verdicts", "--as-of", "yesterday"], "such as 2026-06-01T12:00Z"),
        (["verdicts", "--format", "xml"], "json"),
        (["evidence", "charm"], "No such command"),
        (["demo", "nobody"], "newsletters"),
        (["up", "--port", "0"], "65535"),
    ],
)
def test_a_wrong_argument_is_named(terminal: Terminal, arguments: list[str], complaint: str):
    result = terminal(*arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr


EVERY = [["verdicts"], ["evidence", "reliability"], ["check"], ["worker", "--once"]]


@pytest.mark.parametrize("command", [*EVERY, ["migrate"], ["demo", "spambase"]])
def test_a_store_that_is_down_is_one_sentence_without_the_password(command: list[str]):
    address = f"postgresql://someone:open-sesame@127.0.0.1:{free_port()}/greenlight"
    done = subprocess.run(
        [sys.executable, ROOT / "cli.py", *command],
        env={"DATABASE_URL": address, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("The store does not answer: connection to server at")
    assert done.stderr.count("\n") == 1
    assert "sesame" not in done.stderr


def test_an_address_that_cannot_be_read_does_not_give_its_password_away():
    for address in (
        "postgresql://someone:open@sesame@127.0.0.1/greenlight",
        "postgresql://someone:secret@127.0.0.1:sesame/greenlight",
        "mysql://someone:sesame@127.0.0.1/greenlight",
        "sesame",
    ):
        result = run(address, "verdicts")
        assert result.exit_code == 3
        assert "postgresql" in result.stderr.lower()
        assert "sesame" not in result.output


@pytest.mark.parametrize("command", EVERY)
def test_a_store_without_a_schema_says_how_to_get_one(empty_database: URL, command: list[str]):
    result = run(empty_database.render_as_string(hide_password=False), *command)
    assert result.exit_code == 3
    assert result.stderr.startswith("The store has no schema yet")
    assert result.stderr.endswith("Run: python cli.py migrate\n")


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [("0002", "older than this code"), ("9999", "Update Greenlight: git pull && make run")],
)
@pytest.mark.parametrize("command", EVERY)
def test_a_schema_of_another_version_says_how_to_mend_it(
    store: Store, terminal: Terminal, command: list[str], revision: str, sentence: str
):
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text("update alembic_version set version_num = :it"), {"it": revision})
    result = terminal(*command)
    assert result.exit_code == 3
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_migrate_makes_an_empty_database_a_store(empty_database: URL):
    address = empty_database.render_as_string(hide_password=False)
    first, again = run(address, "migrate"), run(address, "migrate")
    assert first.exit_code == again.exit_code == 0
    assert first.stdout == again.stdout
    assert re.fullmatch(r"The store is at revision \d{4}\.\n", first.stdout)
    assert run(address, "verdicts").stdout == "No service has written anything yet.\n"


def test_a_login_that_may_not_take_a_role_is_refused_in_a_sentence(store: Store, database: URL):
    name = f"stranger_{database.database}"
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text(f"create role \"{name}\" login password 'open-sesame'"))
        connection.execute(text(f'grant select on alembic_version to "{name}"'))
    address = database.set(username=name, password="open-sesame")
    try:
        result = run(address.render_as_string(hide_password=False), "verdicts")
    finally:
        with store.engine(Role.OWNER).begin() as connection:
            connection.execute(text(f'drop owned by "{name}"'))
            connection.execute(text(f'drop role "{name}"'))
    assert result.exit_code == 3
    assert result.stderr == ('The store refuses: permission denied to set role "greenlight_app".\n')


def test_the_address_is_printed_for_a_role_and_without_a_password(database: URL):
    address = database.set(password="open sesame+").render_as_string(hide_password=False)
    result = run(address, "url", "--role", "serving")
    assert result.exit_code == 0
    assert result.stdout.startswith("postgresql://")
    assert "options=-crole%3Dgreenlight_serving" in result.stdout
    assert "sesame" not in result.output
    assert result.stderr == "The password is left out: set PGPASSWORD.\n"


def test_psql_works_as_the_role_and_hands_on_its_exit_code(database: URL):
    def psql(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, ROOT / "cli.py", "psql", "--role", "serving", "--", *arguments],
            env={
                "DATABASE_URL": database.render_as_string(hide_password=False),
                "PATH": "/usr/bin",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    assert psql("-Atc", "select current_user").stdout == "greenlight_serving\n"
    assert psql("-c", "delete from metrics.heartbeat").returncode == 1


def test_help_imports_nothing_heavy():
    heavy = ("numpy", "pandas", "sqlalchemy", "psycopg2", "streamlit", "sklearn", "alembic")
    program = f"import cli, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_demo_that_help_offers_is_the_demo_there_is():
    assert cli.DEMOS == SERVICES
