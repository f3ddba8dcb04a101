"""`cli.py members`: who may use the dashboard. The first admin can be made nowhere else."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from core.timeframe import write_time
from db.terminal.printing import Refused, echo, echo_json, styled
from db.terminal.surroundings import Surroundings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from core.ports.access import Member

_ROLES = ("viewer", "on-call", "manager", "admin")


@click.group()
def members() -> None:
    """Say who may use the dashboard, as what, and of which services."""


@members.command()
@click.pass_obj
@click.argument("email")
@click.option("--name", required=True, help="What everything they do will carry.")
@click.option("--role", type=click.Choice(_ROLES), default="viewer", show_default=True)
@click.option("--service", "services", multiple=True, help="Only these; default: every service.")
@click.option("--by", default=None, help="Who does it. Default: the login of this terminal.")
def add(
    around: Surroundings,
    email: str,
    *,
    name: str,
    role: str,
    services: tuple[str, ...],
    by: str | None,
) -> None:
    """Let EMAIL in, change what they may do, or let them in again."""
    from core.access.sign_in import address
    from db.readers.members import SqlMemberReader
    from db.team.members import save_member

    with _refusing(around) as store:
        seen = SqlMemberReader(store).membership(address(email)).member
        given = {"email": email, "name": name, "role": role, "services": list(services)}
        made = save_member(store, seen, given, by=by or _login(), at=around.now())
    of = f", of {', '.join(made.services)}" if made.services else ""
    click.echo(f"{made.name} ({made.email}) is a member, as {made.role}{of}.")


@members.command()
@click.pass_obj
@click.argument("email")
@click.option("--by", default=None, help="Who does it. Default: the login of this terminal.")
def revoke(around: Surroundings, email: str, by: str | None) -> None:
    """End the membership of EMAIL at once; also of one that only claims let in."""
    from db.team.members import revoke_member

    with _refusing(around) as store:
        ended = revoke_member(store, email, by=by or _login(), at=around.now(), last_admin=True)
    click.echo(f"{ended.name} ({ended.email}) is no longer a member.")


@members.command("list")
@click.pass_obj
@styled
def list_members(around: Surroundings, style: str) -> None:
    """Print the members, former ones last."""
    from core import printout
    from db.readers.members import SqlMemberReader

    with around.engine() as store:
        every = sorted(SqlMemberReader(store).members(), key=lambda one: one.revoked_at is not None)
    if style == "json":
        echo_json([_values(one) for one in every])
        return
    rows = tuple(
        (
            one.name,
            one.email,
            one.role,
            ", ".join(one.services) or "all",
            f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "member",
        )
        for one in every
    )
    headers = ("Name", "E-mail", "Role", "Services", "State")
    echo([printout.Listing("Members", "", headers, rows)], style)


def _values(one: Member) -> dict[str, object]:
    return {
        "email": one.email,
        "name": one.name,
        "role": one.role,
        "services": list(one.services),
        "revoked_at": None if one.revoked_at is None else write_time(one.revoked_at),
        "revoked_by": one.revoked_by or None,
    }


@contextmanager
def _refusing(around: Surroundings) -> Iterator[Engine]:
    """The store; what it refuses is said as a sentence."""
    from db.team.audit import ConflictError, NotNowError

    with around.engine() as store:
        try:
            yield store
        except (ConflictError, NotNowError) as error:
            raise Refused(str(error)) from error


def _login() -> str:
    """The terminal's user; whoever has the store's address needs no sign-in."""
    try:
        return f"terminal: {getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name
        return "terminal"
