"""`cli.py calendar`: who is on call, as a calendar file for phones and calendar servers."""

from __future__ import annotations

from datetime import datetime

import click

from core.timeframe import parse_as_of
from db.terminal.printing import Written, refuse_unknown
from db.terminal.surroundings import Surroundings


@click.command()
@click.pass_obj
@click.option("--service", help="One service; without it, all of them.")
@click.option("--member", help="The shifts of one person.")
@click.option("--as-of", type=Written("time", parse_as_of), help="Seen from this time.")
def calendar(
    around: Surroundings, service: str | None, member: str | None, as_of: datetime | None
) -> None:
    """Print the on-call shifts ahead in the iCalendar format (.ics)."""
    from db.readers.overview import SqlOverviewReader
    from db.reports import oncall_report

    with around.snapshot() as connection:
        known = SqlOverviewReader(connection).services()
        refuse_unknown(known, service)
        services = known if service is None else (service,)
        found = oncall_report(connection, services, as_of or around.now())
    # As bytes: lines end as the format wants them, whatever the system does.
    click.echo(found.calendar(member=member).encode(), nl=False)
