"""Every area's report of a service, read from the store: for pages, terminal and worker alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from core import (
    criteria,
    documentation,
    experiment,
    false_reports,
    goals,
    incidents,
    life_cycle,
    milestones,
    oncall,
    overview,
    quality,
    reliability,
    risks,
    scope,
    training,
)
from core.alerts import report as alerts
from core.alerts.evidence import evidence as alerts_evidence
from core.alerts.report import AlertsReport
from core.criteria import GoalReport, Reports
from core.documentation import DocumentationReport
from core.experiment import ExperimentReport, Summary
from core.false_reports import FalseReportsReport
from core.goals import GoalsReport
from core.incidents import IncidentsReport
from core.life_cycle import LifeCycleReport
from core.milestones import MilestonesReport
from core.oncall import OnCallReport
from core.overview import OverviewReport
from core.ports import Goal
from core.quality import Focus, QualityReport
from core.reliability import ReliabilityReport
from core.review import Plan
from core.review.plan import milestone_lines, risk_lines
from core.risks import AreaEvidence, EvidenceOf, RisksReport, Watched
from core.scope import ScopeReport
from core.timeframe import Window
from core.training import TrainingReport
from db.readers.alerts import SqlAlertReader
from db.readers.criteria import SqlGoalReader
from db.readers.documentation import SqlDocumentationReader
from db.readers.experiment import SqlExperimentReader
from db.readers.false_reports import SqlFalseReportReader
from db.readers.incidents import SqlIncidentReader
from db.readers.life_cycle import SqlLifeCycleReader
from db.readers.milestones import SqlPlanReader
from db.readers.oncall import SqlOnCallReader
from db.readers.overview import SqlOverviewReader
from db.readers.quality import SqlQualityReader
from db.readers.reliability import SqlReliabilityReader
from db.readers.risks import SqlRiskReader
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
    goals: Sequence[Goal] | None = None,
    focus: Focus | None = None,
    known_at: datetime | None = None,
) -> QualityReport:
    """The quality report of a service, held to its goals' nearest targets.

    Args:
        source: the store.
        service: whose.
        window: how far back it looks.
        as_of: the moment that it looks back from.
        goals: of that moment, where somebody has them; read from the store if left out.
        focus: a part of the service.
        known_at: with what was known then; as_of if left out.
    """
    promised = SqlGoalReader(source).goals(service, as_of) if goals is None else goals
    settings = quality.Settings.of_goals(promised, as_of.date())
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


def training_report(
    source: Source, service: str, as_of: datetime, *, goals: Sequence[Goal] | None = None
) -> TrainingReport:
    """The training report of a service, held to its goals' targets.

    Args:
        source: the store.
        service: whose.
        as_of: the moment that it looks back from.
        goals: of that moment, where somebody has them; read from the store if left out.
    """
    promised = SqlGoalReader(source).goals(service, as_of) if goals is None else goals
    settings = training.Settings.of_goals(promised, as_of.date())
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


def life_cycle_report(source: Source, service: str, as_of: datetime) -> LifeCycleReport:
    """Where a service is in its life, its gates and its shadow runs."""

    def quality(window: Window, end: datetime, version: str) -> QualityReport:
        focus = Focus(version)
        return quality_report(source, service, window, end, focus=focus, known_at=as_of)

    return life_cycle.report(SqlLifeCycleReader(source), service, as_of, quality)


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
    """How a service's criteria stand, each over its own window where it has one."""
    goals = SqlGoalReader(source).goals(service, as_of)

    def over(own: Window) -> Reports:
        return all_reports(source, service, own, as_of)

    return criteria.report(goals, over(window), as_of, over)


def goals_report(source: Source, service: str, window: Window, as_of: datetime) -> GoalsReport:
    """A service's goals as people wrote them, and how they stand."""

    def over(own: Window) -> Reports:
        return all_reports(source, service, own, as_of)

    reader, product = SqlGoalReader(source), SqlOverviewReader(source)
    return goals.report(reader, product, over(window), as_of, over)


def overview_report(
    source: Source, service: str, window: Window, as_of: datetime
) -> OverviewReport:
    """The overview of a service: its goal's verdicts, releases, product metrics, freshness."""

    def over(own: Window) -> Reports:
        return all_reports(source, service, own, as_of)

    promised = SqlGoalReader(source).goals(service, as_of)
    return overview.report(SqlOverviewReader(source), promised, over(window), over)


def scope_report(source: Source, service: str, as_of: datetime) -> ScopeReport:
    """What a service's plan covers, stage by direction."""
    return scope.report(SqlPlanReader(source), service, as_of)


def milestones_report(
    source: Source,
    service: str,
    window: Window,
    as_of: datetime,
    reports: Reports | None = None,
    *,
    baseline_id: int | None = None,
) -> MilestonesReport:
    """A service's plan, with the verdicts of each milestone's criteria.

    Args:
        source: the store.
        service: whose.
        window: what criteria without a window of their own are judged by.
        as_of: the plan as it was known then.
        reports: of that window, where somebody has them; read from the store if left out.
        baseline_id: what slips are counted from; the newest baseline by default.

    Raises:
        ValueError: there is no such baseline.
    """

    def over(own: Window) -> Reports:
        return all_reports(source, service, own, as_of)

    goals = SqlGoalReader(source).goals(service, as_of)
    return milestones.report(
        SqlPlanReader(source),
        goals,
        service,
        as_of,
        over(window) if reports is None else reports,
        over=over,
        baseline_id=baseline_id,
    )


def review_plan(source: Source, service: str, window: Window, as_of: datetime) -> Plan:
    """What a review takes from the plan: milestones, risks, actions, decisions."""
    return Plan(
        milestones=milestone_lines(milestones_report(source, service, window, as_of)),
        risks=risk_lines(risks_report(source, service, as_of)),
        actions=SqlIncidentReader(source).actions(service, as_of),
        decisions=SqlPlanReader(source).decisions(service, as_of),
    )


def risks_report(
    source: Source, service: str, as_of: datetime, evidence_of: EvidenceOf | None = None
) -> RisksReport:
    """A service's risks, each red line held against the evidence that it names.

    Args:
        source: the store.
        service: whose.
        as_of: everything is as it was known then.
        evidence_of: gives the evidence of an area over a window; read from the store if left out.
    """
    found = evidence_of or evidence_reader(source, service, as_of)
    return risks.report(SqlRiskReader(source), service, as_of, found)


def watched_red_lines(source: Source, service: str, as_of: datetime) -> tuple[Watched, ...]:
    """The red lines of a service's risks, as the worker looks at them."""
    left = SqlRiskReader(source).watched(service)
    return risks.watched(left, as_of.date(), evidence_reader(source, service, as_of))


def evidence_reader(source: Source, service: str, as_of: datetime) -> EvidenceOf:
    """Reads the evidence of an area over a window when it is asked for, each once."""

    @cache
    def evidence_of(area: str, window: str) -> AreaEvidence:
        if area == "criteria":
            goals = goal_report(source, service, Window.parse(window), as_of)
            return risks.criteria_evidence(goals.verdicts)
        return evidence_in(_REPORT_OF[area](source, service, Window.parse(window), as_of))

    return evidence_of


def evidence_in(found: Any) -> AreaEvidence:
    """What an area's report says, as red lines are held against it, and whether it is stale.

    Raises:
        KeyError: no red line can be drawn in such a report.
    """
    values: Callable[[Any], Mapping[str, Any]] = _VALUES_OF[type(found)]
    if isinstance(found, TrainingReport):
        return AreaEvidence(values(found))
    stale = found.health.late if isinstance(found, AlertsReport) else found.freshness.stale
    return AreaEvidence(values(found), stale)


_REPORT_OF: Mapping[str, Callable[[Source, str, Window, datetime], Any]] = {
    "reliability": reliability_report,
    "quality": quality_report,
    "experiment": lambda source, service, _, as_of: experiment_report(source, service, as_of),
    "false-reports": false_reports_report,
    "alerts": alerts_report,
    "training": lambda source, service, _, as_of: training_report(source, service, as_of),
}
_VALUES_OF: Mapping[type, Callable[[Any], Mapping[str, Any]]] = {
    ReliabilityReport: reliability.evidence,
    QualityReport: quality.evidence,
    ExperimentReport: experiment.evidence,
    FalseReportsReport: false_reports.evidence,
    AlertsReport: alerts_evidence,
    TrainingReport: training.evidence,
}
