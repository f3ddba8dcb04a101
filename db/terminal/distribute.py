"""`cli.py distribute`: the largest metric table over a cluster."""

from __future__ import annotations

import click

from db.terminal.printing import StoreFails
from db.terminal.surroundings import Surroundings


@click.command()
@click.pass_obj
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def distribute(around: Surroundings, *, dry_run: bool) -> None:
    """Spread the largest metric table over a server's Citus cluster.

    Doing it again changes nothing. Writers wait while a table's rows are moved. Exits 3 if the
    server has no Citus extension.
    """
    from sqlalchemy.exc import DBAPIError

    from db import distribute as work
    from db.engine import Role
    from db.failures import reason

    with around.open_store() as store:
        owner = store.engine(Role.OWNER, pool_size=1)
        try:
            if dry_run:
                with owner.connect() as connection:
                    for step in work.steps(connection):
                        click.echo(f"{'Done already' if step.done else 'To do'}: {step.says}")
            else:
                for step in work.distribute(owner):
                    click.echo(f"{'Done already' if step.done else 'Done'}: {step.says}")
        except work.DistributeError as error:
            raise StoreFails(str(error)) from error
        except DBAPIError as error:
            raise StoreFails(f"The cluster refused ({reason(error)}); run it again.") from error
    for kept in work.STAYING:
        click.echo(f"{kept.table} stays on the coordinator: {kept.why}.")
