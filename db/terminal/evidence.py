"""`cli.py evidence`: an area's report, as a table, as markdown or as JSON."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from core.timeframe import Window
from db.terminal.printing import Refused, print_evidence, reporting
from db.terminal.surroundings import Surroundings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.experiment import ExperimentReport
    from core.life_cycle import LifeCycleReport
    from core.risks import RisksReport


@click.group()
def evidence() -> None:
    """Print an area's report."""


@evidence.command()
@click.pass_obj
@reporting()
def reliability(
    around: Surroundings, as_of: datetime | None, service: str | None, window: Window, style: str
) -> None:
    """Print availability, latency, budgets and load."""
    from core import printout
    from core.reliability import evidence as values
    from db.reports import reliability_report

    found = around.of_services(reliability_report, as_of, service, window)
    print_evidence(found, values, printout.reliability, style, alone=service is not None)


@evidence.command()
@click.pass_obj
@reporting()
@click.option("--version", help="Letters of one model version.")
@click.option("--segment", help="Letters of one segment.")
def quality(
    around: Surroundings,
    as_of: datetime | None,
    service: str | None,
    window: Window,
    style: str,
    *,
    version: str | None,
    segment: str | None,
) -> None:
    """Print precision, recall, thresholds and labels."""
    from core import printout
    from core.quality import Focus
    from core.quality import evidence as values
    from db.reports import quality_report

    report = partial(quality_report, focus=Focus(version, segment))
    found = around.of_services(report, as_of, service, window)
    print_evidence(found, values, printout.quality, style, alone=service is not None)


@evidence.command()
@click.pass_obj
@reporting(windowed=False)
@click.option("--experiment", "name", help="One test. Default: the running one, or the last.")
def experiment(
    around: Surroundings, as_of: datetime | None, service: str | None, style: str, name: str | None
) -> None:
    """Print the lift of an A/B test and its verdict."""
    from core import printout
    from core.experiment import evidence as values
    from db.reports import experiment_report

    def report(
        connection: Connection, service: str, _window: None, moment: datetime
    ) -> ExperimentReport:
        return experiment_report(connection, service, moment, name)

    try:
        found = around.of_services(report, as_of, service, None)
    except ValueError as error:
        raise Refused(str(error)) from error
    print_evidence(found, values, printout.experiment, style, alone=service is not None)


@evidence.command("false-reports")
@click.pass_obj
@reporting()
def false_reports(
    around: Surroundings, as_of: datetime | None, service: str | None, window: Window, style: str
) -> None:
    """Print reports of false decisions: what waits, what releases mended."""
    from core import printout
    from core.false_reports import evidence as values
    from db.reports import false_reports_report

    found = around.of_services(false_reports_report, as_of, service, window)
    print_evidence(found, values, printout.false_reports, style, alone=service is not None)


@evidence.command()
@click.pass_obj
@reporting()
def alerts(
    around: Surroundings, as_of: datetime | None, service: str | None, window: Window, style: str
) -> None:
    """Print what is firing, how alerts went, and whether rules are evaluated."""
    from core import printout
    from core.alerts.evidence import evidence as values
    from db.reports import alerts_report

    found = around.of_services(alerts_report, as_of, service, window)
    print_evidence(found, values, printout.alerts, style, alone=service is not None)


@evidence.command("life-cycle")
@click.pass_obj
@reporting(windowed=False)
def life_cycle(
    around: Surroundings, as_of: datetime | None, service: str | None, style: str
) -> None:
    """Print stages, gates with what they require, and the shadow run."""
    from core.life_cycle import evidence as values
    from core.printout.life_cycle import life_cycle as listings
    from db.reports import life_cycle_report

    def report(
        connection: Connection, service: str, _window: None, moment: datetime
    ) -> LifeCycleReport:
        return life_cycle_report(connection, service, moment)

    found = around.of_services(report, as_of, service, None)
    print_evidence(found, values, listings, style, alone=service is not None)


@evidence.command()
@click.pass_obj
@reporting(windowed=False)
def risks(around: Surroundings, as_of: datetime | None, service: str | None, style: str) -> None:
    """Print the risk register: ranks, what is missing, red lines and reviews."""
    from core import printout
    from core.risks import evidence as values
    from db.reports import risks_report

    def report(connection: Connection, service: str, _: None, moment: datetime) -> RisksReport:
        return risks_report(connection, service, moment)

    found = around.of_services(report, as_of, service, None)
    print_evidence(found, values, printout.risks, style, alone=service is not None)


@evidence.command()
@click.pass_obj
@reporting()
def milestones(
    around: Surroundings, as_of: datetime | None, service: str | None, window: Window, style: str
) -> None:
    """Print milestones: the planning rule, dates, slips, iterations and tasks."""
    from core import printout
    from core.milestones import evidence as values
    from db.reports import milestones_report

    found = around.of_services(milestones_report, as_of, service, window)
    print_evidence(found, values, printout.milestones, style, alone=service is not None)


@evidence.command()
@click.pass_obj
@reporting()
def criteria(
    around: Surroundings, as_of: datetime | None, service: str | None, window: Window, style: str
) -> None:
    """Print goals: what they lack, targets, the way down to numbers, business metrics."""
    from core.goals.evidence import evidence as values
    from core.printout.criteria import criteria as listings
    from db.reports import goals_report

    found = around.of_services(goals_report, as_of, service, window)
    print_evidence(found, values, listings, style, alone=service is not None)
