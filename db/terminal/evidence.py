"""`cli.py evidence`: an area's report, as a table, as markdown or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from core.timeframe import Window
from db.terminal.printing import Refused, print_evidence, reporting
from db.terminal.surroundings import Surroundings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.printout import Listing


@dataclass(frozen=True, slots=True)
class Command:
    """A command that prints an area's report; what it prints says `_areas` under its name.

    Attributes:
        windowed: whether the report looks back over a window.
        options: its own, handed to the report by name.
    """

    name: str
    says: str
    windowed: bool = True
    options: tuple[click.Option, ...] = ()


COMMANDS = (
    Command("reliability", "Print availability, latency, budgets and load."),
    Command(
        "quality",
        "Print precision, recall, thresholds and labels.",
        options=(
            click.Option(["--version"], help="Letters of one model version."),
            click.Option(["--segment"], help="Letters of one segment."),
        ),
    ),
    Command(
        "experiment",
        "Print the lift of an A/B test and its verdict.",
        windowed=False,
        options=(
            click.Option(
                ["--experiment", "name"], help="One test. Default: the running one, or the last."
            ),
        ),
    ),
    Command("false-reports", "Print reports of false decisions: what waits, what releases mended."),
    Command("alerts", "Print what is firing, how alerts went, and whether rules are evaluated."),
    Command(
        "criteria",
        "Print goals: what they lack, targets, the way down to numbers, business metrics.",
    ),
    Command(
        "milestones",
        "Print milestones: the planning rule, dates, slips, iterations and tasks.",
    ),
    Command(
        "risks",
        "Print the risk register: ranks, what is missing, red lines and reviews.",
        windowed=False,
    ),
    Command(
        "life-cycle",
        "Print stages, gates with what they require, and the shadow run.",
        windowed=False,
    ),
)


@dataclass(frozen=True, slots=True)
class _Area:
    """What is printed of an area.

    Attributes:
        report: reads it, given store, service, window (None where it has none), moment and the
            command's own options.
        values: what it is as JSON.
        listings: what it is as tables.
    """

    report: Callable[..., Any]
    values: Callable[[Any], dict[str, Any]]
    listings: Callable[[Any], Sequence[Listing]]


def _areas() -> Mapping[str, _Area]:
    """Every area by the name of its command; imported when one is given."""
    from core import (
        experiment,
        false_reports,
        life_cycle,
        milestones,
        printout,
        quality,
        reliability,
        risks,
    )
    from core.alerts.evidence import evidence as alert_values
    from core.goals.evidence import evidence as goal_values
    from db import reports

    def of_letters(
        connection: Connection,
        service: str,
        window: Window,
        moment: datetime,
        *,
        version: str | None,
        segment: str | None,
    ) -> Any:
        focus = quality.Focus(version, segment)
        return reports.quality_report(connection, service, window, moment, focus=focus)

    def of_experiment(
        connection: Connection, service: str, _: None, moment: datetime, name: str | None
    ) -> Any:
        try:
            return reports.experiment_report(connection, service, moment, name)
        except ValueError as error:
            raise Refused(str(error)) from error

    def windowless(report: Callable[[Connection, str, datetime], Any]) -> Callable[..., Any]:
        return lambda connection, service, _, moment: report(connection, service, moment)

    return {
        "reliability": _Area(
            reports.reliability_report, reliability.evidence, printout.reliability
        ),
        "quality": _Area(of_letters, quality.evidence, printout.quality),
        "experiment": _Area(of_experiment, experiment.evidence, printout.experiment),
        "false-reports": _Area(
            reports.false_reports_report, false_reports.evidence, printout.false_reports
        ),
        "alerts": _Area(reports.alerts_report, alert_values, printout.alerts),
        "criteria": _Area(reports.goals_report, goal_values, printout.criteria),
        "milestones": _Area(reports.milestones_report, milestones.evidence, printout.milestones),
        "risks": _Area(windowless(reports.risks_report), risks.evidence, printout.risks),
        "life-cycle": _Area(
            windowless(reports.life_cycle_report), life_cycle.evidence, printout.life_cycle
        ),
    }


@click.group()
def evidence() -> None:
    """Print an area's report."""


def _made(command: Command) -> click.Command:
    @click.command(command.name, help=command.says)
    @click.pass_obj
    @reporting(windowed=command.windowed)
    def printed(
        around: Surroundings,
        /,
        *,
        as_of: datetime | None,
        service: str | None,
        style: str,
        window: Window | None = None,
        **asked: str | None,
    ) -> None:
        area = _areas()[command.name]
        found = around.of_services(partial(area.report, **asked), as_of, service, window)
        print_evidence(found, area.values, area.listings, style, alone=service is not None)

    printed.params.extend(command.options)
    return printed


for command in COMMANDS:
    evidence.add_command(_made(command))
