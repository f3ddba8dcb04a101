"""`cli.py export`: a review as a file that can be sent on, of a moment or as it was kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.tables import printable
from core.timeframe import Window, parse_as_of
from db.terminal.printing import Refused, Written, refuse_unknown, write_file
from db.terminal.surroundings import Surroundings

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORMATS = ("html", "pdf")


@click.command()
@click.pass_obj
@click.option("--service", help="Whose review; it may be left out where there is one service.")
@click.option(
    "--as-of", type=Written("time", parse_as_of), help="Seen from this time. Default: now."
)
@click.option(
    "--window",
    type=Written("window", Window.parse),
    default="30d",
    show_default=True,
    help="Over which criteria without a window of their own are judged.",
)
@click.option(
    "--review", "review_id", type=int, help="A kept review by its number, as it was kept."
)
@click.option("--format", "kind", type=click.Choice(FORMATS), default="html", show_default=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    required=True,
    help="The file; - is standard output.",
)
def export(
    around: Surroundings,
    *,
    service: str | None,
    as_of: datetime | None,
    window: Window,
    review_id: int | None,
    kind: str,
    out: Path,
) -> None:
    """Write a review as one file: HTML that needs no network, or PDF."""
    with around.snapshot() as connection:
        if review_id is None:
            moment = as_of or around.now()
            content = _of_moment(connection, _service(connection, service), window, moment, kind)
        else:
            content = _kept(connection, review_id, service, kind)
    if str(out) == "-":
        click.echo(content, nl=False)
        return
    write_file(out, content)
    click.echo(f"Wrote {out}: {len(content):,} bytes.", err=True)


def _service(connection: Connection, asked: str | None) -> str:
    """The service that is meant."""
    from db.readers.overview import SqlOverviewReader

    known = SqlOverviewReader(connection).services()
    refuse_unknown(known, asked)
    if asked is not None:
        return asked
    if len(known) != 1:
        names = (
            f"one of {', '.join(map(printable, known))}"
            if known
            else "but none has written anything"
        )
        raise Refused(f"Say which service with --service: {names}.")
    return known[0]


def _of_moment(
    connection: Connection, service: str, window: Window, as_of: datetime, kind: str
) -> bytes:
    from db.review_export import pack
    from db.review_export.making import made

    return pack(made(connection, service, window, as_of)).files[kind]


def _kept(connection: Connection, review_id: int, service: str | None, kind: str) -> bytes:
    from db.readers.review import SqlReviewReader

    reader = SqlReviewReader(connection)
    kept = reader.one(review_id)
    if kept is None or service not in {None, kept.service}:
        of = "" if service is None else f" of {printable(service)}"
        raise Refused(f"There is no kept review {review_id}{of}.")
    content = reader.file(review_id, kind)
    assert content is not None, "a kept review has all its files"
    return content
