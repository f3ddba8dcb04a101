"""`cli.py experiment`: A/B tests, defined before they start."""

from __future__ import annotations

from pathlib import Path

import click

from db.terminal.printing import Refused, echo_json
from db.terminal.surroundings import Surroundings


@click.group()
def experiment() -> None:
    """Define an A/B test before it starts."""


@experiment.command()
@click.pass_obj
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="Who defines it: the log keeps the name.")
def define(around: Surroundings, file: Path, by: str) -> None:
    """Define the experiment of a JSON FILE; what the page would refuse is refused."""
    from core.experiment.definition import as_fields
    from db.team.experiment_file import FileError, define_from_file
    from db.team.experiments import ConflictError

    with around.engine() as app:
        try:
            made = define_from_file(app, file, by=by, at=around.now())
        except (FileError, ConflictError) as error:
            raise Refused(str(error)) from error
    echo_json(as_fields(made) | {"revision": made.revision})
