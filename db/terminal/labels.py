"""`cli.py labels`: labels of letters from a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from db.terminal.printing import Refused, echo, echo_json, styled
from db.terminal.surroundings import Surroundings


@click.command()
@click.pass_obj
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--service", help="What the labels are of, where no column of the file says so.")
@click.option("--strict", is_flag=True, help="Write nothing if any row is refused.")
@styled
def labels(around: Surroundings, file: Path, service: str | None, strict: bool, style: str) -> None:
    """Bring in labels from a CSV or parquet FILE; exit 1 if rows were refused."""
    from dataclasses import asdict

    from db.engine import Role
    from db.label_file import LabelFileError, import_labels

    with around.open_store() as store:
        try:
            done = import_labels(
                store.engine(Role.SERVING), file, service=service, now=around.now(), strict=strict
            )
        except LabelFileError as error:
            raise Refused(str(error)) from error
    if style == "json":
        echo_json(asdict(done))
    else:
        echo([done.listing()], style)
    sys.exit(1 if done.refused_rows else 0)
