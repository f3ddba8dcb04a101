"""The report of the false-reports area: one frozen value for page, terminal, alerts and export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.false_reports.after_release import AfterRelease, after_releases
from core.false_reports.agreement import ReviewAgreement, agreement
from core.false_reports.notices import notices
from core.false_reports.queue import ReportPrecision, report_precision
from core.false_reports.release_counts import Known
from core.false_reports.residual import Residual, residual
from core.false_reports.reviews import Standings, standings
from core.false_reports.settings import Settings
from core.false_reports.waiting import TopicState, Waiting, topic_states, waiting
from core.ports import (
    Arrivals,
    Claim,
    FalseReportReader,
    FeedbackPulse,
    Groups,
    Intake,
    Release,
    RetrainingSet,
)
from core.timeframe import STALE_AFTER_HOURS, Freshness, Span, Window, span_of


class Stage(StrEnum):
    """What the area can say at all; the value is the word for it."""

    #: Nobody has ever reported anything.
    NO_REPORTS = "no reports"
    #: There are reports, and the worker has taken none of them.
    UNTAKEN = "not taken yet"
    #: Somebody has to look at a group.
    WAITING = "waiting"
    #: Nothing waits.
    REVIEWED = "all reviewed"


@dataclass(frozen=True, slots=True, eq=False)
class FalseReportsReport:
    """Everything the area shows.

    Attributes:
        span: the minutes of the window, of which arrivals are told.
        freshness: data_through is the newest heartbeat of who collects reports, where there is one,
            else the newest report: a quiet table is not the same as no false decisions.
        pulse: how fresh the reports are.
        intake: what came, and what was masked in it.
        residual: personal details that are likely left; None where nothing was found to tell.
        groups: all groups of near-identical reports, at as_of.
        standings: where each stands.
        waiting: what waits for a reviewer.
        agreement: of reviewers.
        precision: how many reports are right.
        topics: the one with most reports first.
        sets: retraining sets, oldest first.
        claims: groups that somebody is looking at.
        releases: deployments, oldest first.
        arrivals: reports of the window by day.
        after: releases and what became of reports, the newest first.
        notices: what a reader must know before trusting the numbers, as sentences.
    """

    service: str
    window: Window
    as_of: datetime
    span: Span
    settings: Settings
    stage: Stage
    freshness: Freshness
    pulse: FeedbackPulse
    intake: Intake
    residual: Residual | None
    groups: Groups
    standings: Standings
    waiting: Waiting
    agreement: ReviewAgreement
    precision: ReportPrecision
    topics: tuple[TopicState, ...]
    sets: tuple[RetrainingSet, ...]
    claims: tuple[Claim, ...]
    releases: tuple[Release, ...]
    arrivals: Arrivals
    after: tuple[AfterRelease, ...]
    notices: tuple[str, ...]

    @property
    def retrained(self) -> AfterRelease | None:
        """The newest release of a model that a retraining set went into; None without one."""
        return next((one for one in self.after if one.known.ids.size), None)


def report(
    reader: FalseReportReader,
    service: str,
    window: Window,
    as_of: datetime,
    settings: Settings | None = None,
) -> FalseReportsReport:
    """Work out the area.

    Raises:
        ValueError: as_of has no zone.
    """
    settings, span = settings or Settings(), span_of(window, as_of)
    as_of = as_of.astimezone(UTC)
    pulse, intake = reader.pulse(service, as_of), reader.intake(service, as_of)
    groups, votes = reader.groups(service, as_of), reader.reviews(service, as_of)
    asked = reader.second_opinions(service, as_of)
    found = standings(groups, votes, asked, as_of=as_of)
    releases, sets = reader.releases(service, as_of), reader.sets(service, as_of)
    known = Known(
        groups=groups,
        releases=releases,
        runs=reader.training_runs(service, as_of),
        sets=sets,
        scored_from=pulse.scored_from,
        as_of=as_of,
        settings=settings,
    )
    open_, freshness = waiting(groups, found), _freshness(pulse, as_of, settings)
    after, agreed = after_releases(reader, service, known), agreement(votes)
    return FalseReportsReport(
        service=service,
        window=window,
        as_of=as_of,
        span=span,
        settings=settings,
        stage=_stage(intake, open_),
        freshness=freshness,
        pulse=pulse,
        intake=intake,
        residual=residual(intake),
        groups=groups,
        standings=found,
        waiting=open_,
        agreement=agreed,
        precision=report_precision(groups, votes),
        topics=topic_states(groups, found, reader.topics(service)),
        sets=sets,
        claims=reader.claims(service, as_of),
        releases=releases,
        arrivals=reader.arrivals(service, span.start, span.end),
        after=after,
        notices=notices(
            known, intake=intake, pulse=pulse, freshness=freshness, after=after, agreement=agreed
        ),
    )


def _stage(intake: Intake, open_: Waiting) -> Stage:
    if not intake.reports:
        return Stage.NO_REPORTS
    if not intake.taken:
        return Stage.UNTAKEN
    return Stage.WAITING if open_.groups else Stage.REVIEWED


def _freshness(pulse: FeedbackPulse, as_of: datetime, settings: Settings) -> Freshness:
    """By the heartbeat of who collects reports, where there is one; else by the newest report."""
    nothing = timedelta(0)
    if pulse.beat_at is not None and not pulse.stopped:
        return Freshness.of(as_of, pulse.beat_at, STALE_AFTER_HOURS, nothing)
    return Freshness.of(as_of, pulse.newest_report, settings.stale_after, nothing)
