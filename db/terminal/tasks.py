"""`cli.py tasks`: the tasks of a plan as a CSV file."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from core.timeframe import parse_as_of
from db.terminal.printing import (
    Refused,
    Written,
    echo,
    echo_json,
    refuse_unknown,
    styled,
    write_file,
)
from db.terminal.surroundings import Surroundings


@click.group()
def tasks() -> None:
    """Bring tasks in from a CSV file, and take them out into one."""


@tasks.command("import")
@click.pass_obj
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--service", required=True, help="Into whose plan.")
@click.option("--by", required=True, help="Who imports them: the log keeps the name.")
@click.option("--partial", is_flag=True, help="Take the lines that are right, if not all are.")
@styled
def bring_in(
    around: Surroundings, file: Path, service: str, by: str, style: str, *, partial: bool
) -> None:
    """Bring in tasks from a CSV FILE; exit 1 if lines were refused."""
    from dataclasses import asdict

    from core.printout.task_import import outcome
    from db.team.task_import import import_tasks

    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    with around.engine() as app:
        done = import_tasks(app, service, content, by=by, at=around.now(), partial=partial)
    if style == "json":
        echo_json(asdict(done))
    else:
        found = [(one.line, one.field, one.reason) for one in done.problems]
        counts = (done.added, done.changed, done.unchanged)
        echo([outcome(*counts, found, stored=done.stored)], style)
    sys.exit(1 if done.problems else 0)


@tasks.command("export")
@click.pass_obj
@click.option("--service", required=True, help="Whose plan.")
@click.option("--as-of", type=Written("time", parse_as_of), help="As it was then. Default: now.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file. Default: standard output.",
)
def take_out(
    around: Surroundings, service: str, as_of: datetime | None, output: Path | None
) -> None:
    """Write every task of a plan as CSV, done ones too; what is written can be brought in again."""
    from core.milestones.task_file import written as as_csv
    from db.readers.milestones import SqlPlanReader
    from db.readers.overview import SqlOverviewReader

    with around.snapshot() as connection:
        found = SqlPlanReader(connection).tasks(service, as_of or around.now())
        if not found:
            refuse_unknown(SqlOverviewReader(connection).services(), service)
    content = as_csv(found).encode()
    if output is None:
        click.echo(content, nl=False)
        return
    write_file(output, content)
