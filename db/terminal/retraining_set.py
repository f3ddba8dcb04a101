"""`cli.py retraining-set`: make, list and export sets, and withdraw letters from them.

Heavy imports happen inside, so that --help is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from core.tables import printable
from core.timeframe import parse_as_of
from db.terminal.printing import Refused, Written, echo, echo_json, styled
from db.terminal.surroundings import Surroundings

if TYPE_CHECKING:
    from sqlalchemy import Engine

_SERVICE = click.option("--service", required=True, help="Whose reports.")


@contextmanager
def _app(around: Surroundings) -> Iterator[Engine]:
    """The store as the web server works on it; what it refuses is said as a sentence."""
    from core.false_reports.retraining import SetError

    try:
        with around.engine() as app:
            yield app
    except SetError as error:
        raise Refused(str(error)) from error


@click.group("retraining-set")
def retraining_set() -> None:
    """Sets of confirmed false decisions, for retraining."""


@retraining_set.command()
@click.pass_obj
@_SERVICE
@click.option("--by", required=True, help="Who makes it: the set keeps the name.")
@click.option("--cumulative", is_flag=True, help="Take groups of earlier sets again.")
@click.option("--test-percent", default=20, show_default=True, help="Groups tested on.")
@click.option("--variants", default=20, show_default=True, help="Most texts of one group.")
@click.option("--preview", "only_preview", is_flag=True, help="Say what would be, and stop.")
@styled
def make(
    around: Surroundings,
    service: str,
    by: str,
    style: str,
    *,
    cumulative: bool,
    test_percent: int,
    variants: int,
    only_preview: bool,
) -> None:
    """Make the next set of the confirmed groups."""
    import uuid

    from core.false_reports.retraining import SetSettings
    from core.printout import retraining
    from db.team.retraining_sets import make_set, preview

    with _app(around) as app:
        settings = SetSettings(cumulative, test_percent, variants)
        if only_preview:
            seen = preview(app, service, at=around.now(), settings=settings)
            if style == "json":
                echo_json(retraining.preview_values(seen))
            else:
                echo(retraining.preview(seen), style)
            return
        request = uuid.uuid4().hex
        made = make_set(app, service, by=by, at=around.now(), request_id=request, settings=settings)
    if style == "json":
        echo_json(dict(made.manifest))
    else:
        echo(retraining.sets(service, [made]), style)


@retraining_set.command("list")
@click.pass_obj
@_SERVICE
@click.option("--as-of", type=Written("time", parse_as_of), help="Seen from this time.")
@styled
def list_sets(around: Surroundings, service: str, as_of: datetime | None, style: str) -> None:
    """List the sets, and which of them still stand."""
    from core.printout import retraining
    from db.readers.retraining_sets import sets

    with _app(around) as app, app.connect() as connection:
        found = sets(connection, service, as_of or around.now())
    if style == "json":
        echo_json(retraining.sets_values(found))
    else:
        echo(retraining.sets(service, found), style)


@retraining_set.command()
@click.pass_obj
@click.argument("name")
@_SERVICE
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    help="The folder to make. Default: the set's name, here.",
)
def export(around: Surroundings, name: str, service: str, target: Path | None) -> None:
    """Export the set NAME to a folder: a card, a manifest, parquet and JSON lines."""
    from db.retraining_export import export_folder
    from db.retraining_export.exporting import folder_name

    where = target or Path(folder_name(name))

    def progress(done: int, total: int) -> None:
        click.echo(f"\r{done:,} of {total:,} letters", nl=done == total, err=True)

    with _app(around) as app:
        shown = progress if sys.stderr.isatty() else None
        done = export_folder(app, service, name, where, progress=shown)
    said = "was there, and every file is whole" if done.existed else "exported"
    click.echo(printable(f"{name} {said}: {where}"))
    for path, file in done.files.items():
        click.echo(f"{file.sha256}  {path}")


@retraining_set.command()
@click.pass_obj
@click.argument("letters", nargs=-1)
@_SERVICE
@click.option("--by", required=True, help="Who withdraws them: the log keeps the name.")
@click.option("--reason", required=True, help="Why: the log keeps it.")
@click.option("--from", "file", type=click.File(), help="More letters, one a line; - is stdin.")
def withdraw(
    around: Surroundings,
    letters: tuple[str, ...],
    service: str,
    *,
    by: str,
    reason: str,
    file: TextIO | None,
) -> None:
    """Erase LETTERS, by letter_key or report_id, and correct the sets that hold them."""
    from db.team import letter_withdrawals

    lines = (line.strip() for line in file or ())
    names = [*letters, *(line for line in lines if line)]
    with _app(around) as app:
        done = letter_withdrawals.withdraw(
            app, service, names, by=by, at=around.now(), reason=reason
        )
    click.echo(
        f"Letters withdrawn: {len(done.letters):,}; withdrawn before: {len(done.before):,}; "
        f"reports erased: {done.reports:,}."
    )
    for before, instead in done.sets.items():
        click.echo(printable(f"{before} is replaced by {instead}: whoever has it deletes it."))
    click.echo("The rows of metrics.false_report are the serving stack's to erase.", err=True)
