"""A store's address as psql and other programs take it (libpq's connection URI)."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence

import psycopg2
from sqlalchemy import URL

from db.embedded.account import Account
from db.embedded.binaries import choose
from db.engine import Role, Store


def libpq(store: Store, role: Role) -> URL:
    """The address under which a program works as the role.

    On the embedded server the role logs in; elsewhere the login of DATABASE_URL takes the role.
    """
    url = store.url(role).set(drivername="postgresql")
    if store.is_embedded or role is Role.OWNER:
        return url
    options = [str(url.query["options"])] if "options" in url.query else []
    return url.update_query_dict({"options": " ".join([*options, f"-crole={role.value}"])})


def written(url: URL, *, password: bool) -> str:
    """An address as text, with its password or without."""
    shown = url if password else url._replace(password=None)
    # SQLAlchemy leaves spaces in a password, and writes those of the query as +: a plus to libpq.
    login, mark, query = shown.render_as_string(hide_password=False).partition("?")
    return login.replace(" ", "%20") + mark + query.replace("+", "%20")


def answers(url: URL) -> bool:
    """Whether a server answers at the address."""
    try:
        psycopg2.connect(written(url, password=True), connect_timeout=5).close()
    except psycopg2.OperationalError:
        return False
    return True


def run_psql(url: URL, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run psql on the address: the system's, or the one that comes with the embedded server.

    Returns:
        psql's exit code.

    Raises:
        EmbeddedError: there is no psql.
    """
    program = shutil.which("psql") or choose(Account.own(), None).folder / "psql"
    password = {"PGPASSWORD": url.password} if url.password else {}
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is psql's: it ends a query
    command = [program, written(url, password=False), *arguments]
    return subprocess.run(command, env={**environment, **password}, check=False).returncode
