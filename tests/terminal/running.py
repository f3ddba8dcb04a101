"""Commands of the terminal, run on a store."""

from collections.abc import Callable

from click.testing import CliRunner, Result

import cli

Terminal = Callable[..., Result]


def run(address: str, *arguments: str) -> Result:
    """What a command says and how it exits; a traceback fails the test."""
    result = CliRunner().invoke(cli.main, arguments, env={"DATABASE_URL": address})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result
