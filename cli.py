"""The terminal entry: starting Greenlight, and its reports for scripts, chat bots and build gates.

Exit codes: 0 all is well; 1 a breached criterion or a finding; 2 a wrong argument; 3 the store does
not work, or its schema does not fit this code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.timeframe import Window
from db.terminal import (
    Refused,
    StoreFails,
    Surroundings,
    echo,
    echo_json,
    refuse_unknown,
    reporting,
)
from db.terminal.anonymise import anonymise
from db.terminal.backup import backup, restore
from db.terminal.calendar import calendar
from db.terminal.distribute import distribute
from db.terminal.evidence import evidence
from db.terminal.experiment import experiment
from db.terminal.export import export
from db.terminal.health import health
from db.terminal.labels import labels
from db.terminal.members import members
from db.terminal.retraining_set import retraining_set
from db.terminal.tasks import tasks

if TYPE_CHECKING:
    from db.engine import Store
    from db.processes import Supervisor
    from db.worker import Worker

ROOT = Path(__file__).resolve().parent
#: `db.demo.play.SERVICES`, said again so that --help need not import it.
DEMOS = ("newsletters", "spambase")
ROLES = ("owner", "serving", "app", "worker")
#: The web server's settings. Its welcome message would ask the internet for this machine's address.
WEB = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "logger.hideWelcomeMessage": "true",
    "logger.level": "warning",
}


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def data_folder() -> Path:
    """Where the embedded store is."""
    return Path(os.environ.get("GREENLIGHT_DATA") or ROOT / ".data").absolute()


@contextmanager
def open_store(*, migrated: bool = True) -> Iterator[Store]:
    """The store that the environment names; see `db.opening.opened`."""
    from db.engine import StoreUnreachableError
    from db.opening import opened
    from db.schema import SchemaError

    try:
        with opened(os.environ.get("DATABASE_URL"), data_folder(), migrated=migrated) as store:
            yield store
    except (StoreUnreachableError, SchemaError) as error:
        raise StoreFails(str(error)) from error


def start_log(process: str) -> None:
    """Let this project's modules say what they do, in the form that the environment names."""
    from db import log_format

    try:
        log_format.start(process, os.environ.get("GREENLIGHT_LOG", ""))
    except ValueError as error:
        raise Refused(str(error)) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Does an ML service meet what it promised, and what do we do next?

    The store is the PostgreSQL at DATABASE_URL or, without it, an embedded one in the folder
    GREENLIGHT_DATA (.data beside this file).
    """
    context.obj = Surroundings(open_store, now)


for command in (
    *(anonymise, backup, calendar, distribute, evidence, experiment, export, health),
    *(labels, members, restore, retraining_set, tasks),
):
    main.add_command(command)


@main.command()
def migrate() -> None:
    """Bring the store's schema up to date."""
    from db import schema
    from db.engine import Role

    with open_store(migrated=False) as store:
        click.echo(f"The store is at revision {schema.migrate(store.engine(Role.OWNER))}.")


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option(
    "--demo/--no-demo",
    default=None,
    help="Run the demo's services, or not. By default they run on an embedded store that holds "
    "nothing else.",
)
def up(port: int, demo: bool | None) -> None:
    """Start everything; Ctrl-C stops it."""
    from sqlalchemy import NullPool

    from db import schema, web_port
    from db.demo.play import is_welcome
    from db.engine import Role
    from db.processes import Program, stop_on_signals

    try:
        web_port.refuse_taken(port)
    except web_port.PortTakenError as error:
        raise Refused(str(error)) from error
    stop = stop_on_signals()
    web = _web_arguments(port)
    with ExitStack() as ending:
        supervisor = ending.enter_context(_supervisor())
        supervisor.say("Starting Greenlight.")
        # First, so that the page is there at once and shows how the rest is coming along.
        supervisor.start(Program("web", web))
        store = ending.enter_context(open_store(migrated=False))
        # The children leave the store before this process does, which then stops it.
        ending.callback(supervisor.stop)
        schema.migrate(store.engine(Role.OWNER, poolclass=NullPool))
        supervisor.start(Program("worker", ("cli.py", "worker")))
        wanted = demo if demo is not None else store.is_embedded
        if wanted and demo is None and not is_welcome(store):
            wanted = False
            supervisor.say("The store holds services of its own: the demo stays away (--demo).")
        if wanted:
            _start_demo(supervisor)
        greeting = web_port.greeting(port, supervisor.say)
        supervisor.run(stop, between=lambda: next(greeting, None))
        supervisor.say("Stopping Greenlight; what it stored stays.")


def _web_arguments(port: int, address: str | None = None) -> tuple[str, ...]:
    """What Python is given to serve the dashboard, with sign-in where the environment asks for it.

    Notifications link to the dashboard, and sign-in comes back to it: behind a proxy,
    GREENLIGHT_URL says where it is reached.
    """
    from db import web_sign_in

    os.environ.setdefault("GREENLIGHT_URL", f"http://localhost:{port}")
    settings = [word for key, value in WEB.items() for word in (f"--{key}", value)]
    if address is not None:
        settings += ["--server.address", address]
    try:
        settings += web_sign_in.arguments(os.environ, data_folder())
    except (web_sign_in.SignInError, OSError) as error:
        raise Refused(str(error)) from error
    return ("-m", "streamlit", "run", "app.py", "--server.port", str(port), *settings)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--address", help="Where to listen; without it, on this machine alone.")
def web(port: int, address: str | None) -> None:
    """Serve the dashboard alone, beside a worker and other web servers."""
    words = [sys.executable, *_web_arguments(port, address)]
    os.chdir(ROOT)
    # No shell, and no process in between: whoever stops this one stops the server.
    os.execv(sys.executable, words)  # nosec B606


def _supervisor() -> Supervisor:
    from db import log_format
    from db.processes import Supervisor

    environment = {"GREENLIGHT_DATA": str(data_folder()), "PYTHONUNBUFFERED": "1"}
    as_json = os.environ.get("GREENLIGHT_LOG") == "json"
    written = (lambda who, line: log_format.relayed(who, line, now())) if as_json else None
    return Supervisor(ROOT, os.environ | environment, written)


def _start_demo(supervisor: Supervisor) -> None:
    from db.demo.play import SERVICES
    from db.processes import Program

    for service in SERVICES:
        supervisor.start(Program(service, ("cli.py", "demo", service)))


@main.command()
@click.argument("service", type=click.Choice(DEMOS), required=False)
def demo(service: str | None) -> None:
    """Run the demo's services, or one, until Ctrl-C."""
    from db.demo.play import play
    from db.processes import stop_on_signals

    stop = stop_on_signals()
    if service is None:
        with _supervisor() as supervisor:
            _start_demo(supervisor)
            supervisor.run(stop)
        return
    start_log(service)
    with open_store() as store:
        play(store, service, now=now, stop=stop, data=data_folder())


@main.command()
@click.option("--once", is_flag=True, help="Do one tick and exit.")
def worker(once: bool) -> None:
    """Roll up what was written, take in reports, evaluate alerts and send what is due."""
    from db.processes import stop_on_signals

    # A worker that goes on waits by itself for a store that is away or not migrated yet.
    with open_store(migrated=once) as store, _working(store) as working:
        if not once:
            start_log("worker")
            working.run(stop_on_signals())
            return
        tick = working.tick()
        working.close()
    if tick.leads:
        click.echo(
            f"Rolled up {tick.hours_rolled} hours, took in {tick.reports_taken} reports and "
            f"evaluated the alerts of {tick.evaluated} services in {tick.seconds:.1f} s."
        )
    else:
        click.echo(f"Another worker leads ({tick.leader}): it does the work.")
    for sentence in tick.errors:
        click.echo(sentence, err=True)
    sys.exit(1 if tick.errors else 0)


@contextmanager
def _working(store: Store) -> Iterator[Worker]:
    """A worker that records verdicts, sends notifications and pings, as the environment says."""
    from db.dead_man import DeadMan
    from db.engine import Role
    from db.metrics_export import Export, MetricsError, exporting
    from db.notifications.hook import Notifier
    from db.team.recorder import VerdictRecorder
    from db.worker import Worker

    base_url, dead_man_url = (
        os.environ.get(name, "") for name in ("GREENLIGHT_URL", "GREENLIGHT_DEAD_MAN_URL")
    )
    engine = store.engine(Role.WORKER)
    export = Export(store.engine(Role.WORKER, pool_size=1), now)
    try:
        notifier = Notifier(
            engine,
            now=now,
            environment=os.environ,
            base_url=base_url,
            alertmanager_url=os.environ.get("ALERTMANAGER_URL", ""),
        )
        dead_man = DeadMan(dead_man_url) if dead_man_url else None
    except ValueError as error:
        raise Refused(str(error)) from error
    metrics = (
        os.environ.get(name, "")
        for name in (
            "GREENLIGHT_METRICS_HOST",
            "GREENLIGHT_METRICS_PORT",
            "GREENLIGHT_METRICS_FILE",
        )
    )
    try:
        with exporting(export, *metrics) as hooks:
            yield Worker(
                store,
                now=now,
                hooks=[VerdictRecorder(engine), notifier, *hooks],
                base_url=base_url,
                dead_man=dead_man,
                observer=export.note,
            )
    except MetricsError as error:
        raise Refused(str(error)) from error
    finally:
        notifier.close()


@main.command()
@click.pass_obj
@reporting()
@click.option("--gate", is_flag=True, help="Exit 1 if a criterion is breached.")
def verdicts(
    around: Surroundings,
    as_of: datetime | None,
    service: str | None,
    window: Window,
    style: str,
    *,
    gate: bool,
) -> None:
    """Print every criterion's verdict."""
    from core import printout
    from core.status import Status
    from db.reports import goal_report

    found = around.of_services(goal_report, as_of, service, window)
    every = [(goal.service, verdict) for goal in found for verdict in goal.verdicts]
    if style == "json":
        echo_json([printout.verdict_values(name, verdict) for name, verdict in every])
    else:
        echo([printout.verdicts(goal) for goal in found], style)
    breached = any(verdict.status is Status.BREACHED for _, verdict in every)
    sys.exit(1 if gate and breached else 0)


@main.command()
@click.pass_obj
@reporting(windowed=False)
def check(around: Surroundings, as_of: datetime | None, service: str | None, style: str) -> None:
    """Check the metric tables; exit 1 on any finding."""
    from core import contract, printout
    from db.readers.contract import SqlContractReader

    with around.snapshot() as connection:
        reader = SqlContractReader(connection)
        refuse_unknown(reader.services(), service)
        found = contract.report(reader, service, as_of or now())
    if style == "json":
        echo_json(contract.evidence(found))
    else:
        echo(printout.contract(found), style)
    sys.exit(1 if found.findings else 0)


@main.command()
@click.option("--role", type=click.Choice(ROLES), default="app", show_default=True)
def url(role: str) -> None:
    """Print the store's address, without a password."""
    from db import addresses
    from db.engine import Role

    with open_store(migrated=False) as store:
        address = addresses.libpq(store, Role[role.upper()])
    click.echo(addresses.written(address, password=False))
    if address.password:
        click.echo("The password is left out: set PGPASSWORD.", err=True)
    if store.is_embedded and not addresses.answers(address):
        click.echo(
            "The embedded server runs only while somebody uses it, and nobody does now: keep "
            f"python cli.py up running, or use python cli.py psql --role {role}.",
            err=True,
        )


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--role", type=click.Choice(ROLES), default="app", show_default=True)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(role: str, arguments: Sequence[str]) -> None:
    """Open psql on the store, with psql's own ARGUMENTS."""
    from db import addresses
    from db.engine import Role

    with open_store(migrated=False) as store:
        address = addresses.libpq(store, Role[role.upper()])
        code = addresses.run_psql(address, arguments, os.environ)
    sys.exit(code)


if __name__ == "__main__":
    main()
