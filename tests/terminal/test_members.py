"""Members on the terminal: the first admin is made nowhere else."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL

import cli
from db.terminal import Surroundings
from db.terminal.members import members
from tests.conftest import open_store


@pytest.fixture
def run(database: URL) -> Callable[..., Result]:
    around = Surroundings(lambda: open_store(database), cli.now)

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(members, arguments, obj=around)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return invoke


def test_an_admin_is_made_listed_and_revoked(run: Callable[..., Result]):
    made = run("add", "Anna@example.org", "--name", "Анна", "--role", "admin")
    assert made.stdout == "Анна (anna@example.org) is a member, as admin.\n"
    run("add", "gleb@example.org", "--name", "Глеб", "--service", "mail", "--by", "Анна")
    assert "gleb@example.org" in run("list").stdout
    ended = run("revoke", "anna@example.org")
    assert ended.stdout == "Анна (anna@example.org) is no longer a member.\n"
    listed = json.loads(run("list", "--format", "json").stdout)
    assert [(one["name"], one["role"], one["services"]) for one in listed] == [
        ("Глеб", "viewer", ["mail"]),
        ("Анна", "admin", []),
    ]
    assert [one["revoked_at"] is None for one in listed] == [True, False]


def test_a_former_member_comes_back_by_the_same_command(run: Callable[..., Result]):
    for command in (
        ("add", "a@b.c", "--name", "A"),
        ("revoke", "a@b.c"),
        ("add", "a@b.c", "--name", "A", "--role", "manager"),
    ):
        assert run(*command).exit_code == 0
    (one,) = json.loads(run("list", "--format", "json").stdout)
    assert (one["role"], one["revoked_at"]) == ("manager", None)


def test_what_is_refused_is_said_as_a_sentence(run: Callable[..., Result]):
    wrong = run("add", "anna", "--name", "Anna")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert wrong.stderr == "email: Must be an e-mail address such as anna@example.org.\n"
    run("add", "a@b.c", "--name", "A")
    taken = run("add", "b@b.c", "--name", "a")
    assert (taken.exit_code, taken.stderr) == (2, "name: Somebody else is called a already.\n")
