"""Every area's report of a service, read from the store: for pages, terminal and worker alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from core import (
    criteria,
    documentation,
    experiment,
    false_reports,
    incidents,
    oncall,
    quality,
    reliability,
    training,
)
from core.alerts import report as alerts
from core.alerts.report import AlertsReport
from core.criteria import GoalReport, Reports
from core.documentation import DocumentationReport
from core.experiment import ExperimentReport, Summary
from core.false_reports import FalseReportsReport
from core.incidents import IncidentsReport
from core.oncall import OnCallReport
from core.quality import Focus, QualityReport
from core.reliability import ReliabilityReport
from core.timeframe import Window
from core.training import TrainingReport
from db.readers.alerts import SqlAlertReader
from db.readers.criteria import SqlGoalReader
from db.readers.documentation import SqlDocumentationReader
from db.readers.experiment import SqlExperimentReader
from db.readers.false_reports import SqlFalseReportReader
from db.readers.incidents import SqlIncidentReader
from db.readers.oncall import SqlOnCallReader
from db.readers.quality import SqlQualityReader
from db.readers.reliability import SqlReliabilityReader
from db.readers.snapshot import Source
from db.readers.training import SqlTrainingReader

#: Later than anything that is written: what stands now, whatever the moment of a report.
TODAY = datetime.max.replace(tzinfo=UTC)


def reliability_report(
    source: Source, service: str, window: Window, as_of: datetime
) -> ReliabilityReport:
    """The reliability report of a service."""
    return reliability.report(SqlReliabilityReader(source), service, window, as_of)


def quality_report(
    source: Source,
    service: str,
    window: Window,
    as_of: datetime,
    *,
    focus: Focus | None = None,
    known_at: datetime | None = None,
) -> QualityReport:
    """The quality report of a service, held to its goals' nearest targets."""
    goals = SqlGoalReader(source).goals(service)
    settings = quality.Settings.of_goals(goals, as_of.date())
    reader = SqlQualityReader(source)
    return quality.report(reader, service, window, as_of, settings, focus=focus, known_at=known_at)


def experiment_report(
    source: Source, service: str, as_of: datetime, name: str | None = None
) -> ExperimentReport:
    """The report of one experiment of a service: the one named, else the running or last one.

    Raises:
        ValueError: the service has no experiment of that name.
    """
    return experiment.report(SqlExperimentReader(source), service, as_of, name)


def experiment_summaries(source: Source, service: str, as_of: datetime) -> tuple[Summary, ...]:
    """Every experiment of a service with its verdict."""
    return experiment.overview(SqlExperimentReader(source), service, as_of)


def training_report(source: Source, service: str, as_of: datetime) -> TrainingReport:
    """The training report of a service, held to its goals' targets."""
    goals = SqlGoalReader(source).goals(service)
    settings = training.Settings.of_goals(goals, as_of.date())
    return training.report(SqlTrainingReader(source), service, as_of, settings)


def false_reports_report(
    source: Source, service: str, window: Window, as_of: datetime
) -> FalseReportsReport:
    """The report of a service's reports of false decisions."""
    return false_reports.report(SqlFalseReportReader(source), service, window, as_of)


def alerts_report(source: Source, service: str, window: Window, as_of: datetime) -> AlertsReport:
    """How a service's alerts stand, and how they went over a window."""
    # Rules are shown as they are today, and so are the runbooks that they name.
    runbooks = SqlDocumentationReader(source).runbooks(service, TODAY)
    written = {one.runbook_id for one in runbooks}
    return alerts.report(SqlAlertReader(source), service, as_of, window, written)


def oncall_report(source: Source, services: Sequence[str], as_of: datetime) -> OnCallReport:
    """Who is on call for some services."""
    return oncall.report(SqlOnCallReader(source), services, as_of)


def incidents_report(
    source: Source, service: str, window: Window, as_of: datetime
) -> IncidentsReport:
    """A service's incidents, drills, retrospectives and actions."""

    def impact(window: Window, moment: datetime) -> ReliabilityReport:
        return reliability_report(source, service, window, moment)

    return incidents.report(SqlIncidentReader(source), service, window, as_of, impact)


def documentation_report(source: Source, service: str, as_of: datetime) -> DocumentationReport:
    """A service's card and runbooks."""
    return documentation.report(SqlDocumentationReader(source), service, as_of)


def all_reports(source: Source, service: str, window: Window, as_of: datetime) -> Reports:
    """The reports that a service's criteria are judged by."""
    return Reports(
        reliability_report(source, service, window, as_of),
        quality_report(source, service, window, as_of),
        experiment_report(source, service, as_of),
        training_report(source, service, as_of),
    )


def goal_report(source: Source, service: str, window: Window, as_of: datetime) -> GoalReport:
    """How a service's criteria stand."""
    goals = SqlGoalReader(source).goals(service)
    return criteria.report(goals, all_reports(source, service, window, as_of), as_of)
