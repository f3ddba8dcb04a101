"""`cli.py health`: is Greenlight itself well?"""

from __future__ import annotations

import sys

import click

from db.terminal.printing import StoreFails, echo, echo_json, styled
from db.terminal.surroundings import Surroundings


@click.command()
@click.pass_obj
@styled
def health(around: Surroundings, style: str) -> None:
    """Say whether store, worker and data are as they should be.

    Exits 1 if something is failing and 3 if the store does not work; warnings are only said.
    """
    from core import health as knowledge
    from core.printout.health import health as listings
    from db.engine import Role
    from db.metrics_export import look

    code = 0
    try:
        with around.open_store() as store:
            found = look(store.engine(Role.APP, pool_size=1), around.now())
        code = int(found.state is knowledge.State.FAILING)
    except StoreFails as error:
        found, code = knowledge.failing(around.now(), error.message), 3
    if style == "json":
        echo_json(knowledge.values(found))
    else:
        echo(listings(found), style)
    sys.exit(code)
