"""`cli.py backup` and `cli.py restore`: what they say and how they exit."""

from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import URL

import cli
from db import schema
from tests.terminal.conftest import Terminal


def restored(file: Path, into: URL, *, code: int = 0) -> str:
    address = into.render_as_string(hide_password=False)
    done = CliRunner().invoke(cli.main, ["restore", str(file)], env={"DATABASE_URL": address})
    assert done.exit_code == code, done.output
    return done.output


def test_a_store_goes_into_a_file_and_comes_back(
    terminal: Terminal, empty_database: URL, tmp_path: Path
):
    file = tmp_path / "store.zip"

    done = terminal("backup", str(file))

    assert done.exit_code == 0, done.output
    assert f"at revision {schema.head()}" in done.stdout
    assert "team.audit: 0 rows." in done.stderr
    assert f"the store is at revision {schema.head()}" in restored(file, empty_database)
    assert "not empty" in restored(file, empty_database, code=2)


def test_a_file_that_is_there_is_refused(terminal: Terminal, tmp_path: Path):
    file = tmp_path / "store.zip"
    file.write_text("mine")

    done = terminal("backup", str(file))

    assert (done.exit_code, file.read_text()) == (2, "mine")
