"""What the terminal's commands share: options, refusals, and how reports are printed.

Heavy imports happen inside, so that --help is quick.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from core.timeframe import Window, parse_as_of

if TYPE_CHECKING:
    from core.printout import Listing

STYLES = ("table", "json", "markdown")
#: How a command's answer is printed.
styled = click.option(
    "--format", "style", type=click.Choice(STYLES), default="table", show_default=True
)

Command = TypeVar("Command", bound=Callable[..., Any])
Report = TypeVar("Report")


class Refused(click.ClickException):
    """A sentence on standard error, without click's decoration: an argument cannot be followed."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print the sentence alone."""
        click.echo(self.message, err=True)


class StoreFails(Refused):
    """The store does not work, or its schema does not fit this code."""

    exit_code = 3


class Written(click.ParamType[Any]):
    """A value that one of core's parsers reads; its complaint becomes click's."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Read the value."""
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def reporting(*, windowed: bool = True) -> Callable[[Command], Command]:
    """The options that every report takes; a report that looks at all rows has no window."""
    window, time = Written("window", Window.parse), Written("time", parse_as_of)
    options = [
        click.option("--as-of", type=time, help="Seen from this time. Default: now."),
        click.option("--service", help="One service; without it, all of them."),
        click.option("--window", type=window, default="30d", show_default=True),
        styled,
    ]
    if not windowed:
        del options[2]

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def print_evidence(
    found: Sequence[Report],
    values: Callable[[Report], dict[str, Any]],
    listings: Callable[[Report], Sequence[Listing]],
    style: str,
    *,
    alone: bool,
) -> None:
    """An area's reports: as JSON a list, or one object where one service was asked for."""
    if style == "json":
        every = [values(report) for report in found]
        echo_json(every[0] if alone else every)
    else:
        echo([part for report in found for part in listings(report)], style)


def refuse_unknown(known: Sequence[str], service: str | None) -> None:
    """Refuse a service that nobody has written for."""
    from core import tables, wording

    if service is None or service in known:
        return
    names = wording.listing([tables.printable(name) for name in known])
    are = f"The known services are: {names}." if known else "No service has written anything."
    raise Refused(f"No service is called {tables.printable(service)}. {are}")


def echo(listings: Sequence[Listing], style: str) -> None:
    """Print listings as a terminal or as markdown shows them."""
    from core import printout

    click.echo(printout.rendered(listings, style) or "No service has written anything yet.")


def write_file(path: Path, content: bytes) -> None:
    """Write a file that was asked for."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error


def echo_json(value: Any) -> None:
    """Print plain values."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
