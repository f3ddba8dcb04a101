"""Commands on a store of the test's own."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL

import cli

Terminal = Callable[..., Result]


@pytest.fixture
def terminal(database: URL) -> Terminal:
    """Runs a command on the test's store; a traceback fails the test."""
    address = database.render_as_string(hide_password=False)

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(cli.main, arguments, env={"DATABASE_URL": address})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return run
