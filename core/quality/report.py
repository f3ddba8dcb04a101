"""The report of the quality area: one frozen value for page, terminal, alerts and export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.ports import QualityReader, Release
from core.quality.bands import bands
from core.quality.cells import Counted, Floats, no_labels
from core.quality.early_warning import EarlyWarning, early_warning, warned
from core.quality.labels import Labels
from core.quality.plan import LabelPlan, label_plan, labels_to_settle
from core.quality.settings import Settings
from core.quality.slices import SliceQuality, described, slice_qualities
from core.quality.thresholds import Curve, Thresholds, curve_of, thresholds_of
from core.quality.trend import Day, days, lag_of
from core.quality.warnings import Seen, warnings_about
from core.stats.strata import Strata
from core.status import Status, judge, worst_of
from core.timeframe import (
    DAY,
    HOUR,
    STALE_AFTER_HOURS,
    Freshness,
    Span,
    Window,
    floor_to,
    span_of,
)

#: The newest stretch that is looked at without labels: a quarter of the window, a day at most.
RECENT_HOURS = 24
#: How far back a release may lie whose threshold still counts.
THRESHOLD_BACK = 400 * DAY


@dataclass(frozen=True, slots=True)
class Focus:
    """What part of a service a report is about; None is all of it."""

    version: str | None = None
    segment: str | None = None

    @property
    def words(self) -> str:
        """The part in words, '' for all."""
        parts = [self.version or "", f"segment {self.segment}" if self.segment else ""]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """All letters of the window by score bin, and the labels under them.

    Attributes:
        letters: shape (2, 200): decision (False, True), then bin.
        labels: likewise.
    """

    letters: Floats
    labels: Floats


@dataclass(frozen=True, slots=True, eq=False)
class QualityReport:
    """Everything the quality area shows about a service in a window.

    Attributes:
        span: the window in whole hours.
        running: no hour of the window is over yet; the running one is counted so far.
        state: 'ok', 'no_labels' (letters, but none labelled) or 'no_scores' (no letters).
        version: the model version in production; '' without scores.
        whole: precision, recall and the rest over the window.
        status: of both targets together.
        curve: precision and recall by threshold, of `version`; None without labels of it.
        by_version: each model version; intervals adjusted for how many there are.
        by_segment: likewise.
        settles: further labels of the window's letters that would decide both targets, if the
            present estimates are true; 0 where they are decided, None where no reasonable number
            does, or nothing is labelled.
        plan: where labels of `version` are worth most; None where nothing is labelled.
        warnings: what a reader must know before trusting the numbers, as sentences.
        strata: what the whole is estimated from, see `held_to`.
    """

    service: str
    window: Window
    span: Span
    running: bool
    freshness: Freshness
    settings: Settings
    focus: Focus
    state: str
    version: str
    whole: SliceQuality
    status: Status
    labels: Labels
    thresholds: Thresholds
    curve: Curve | None
    days: tuple[Day, ...]
    by_version: tuple[SliceQuality, ...]
    by_segment: tuple[SliceQuality, ...]
    settles: int | None
    plan: LabelPlan | None
    early: EarlyWarning | None
    histogram: Histogram
    releases: tuple[Release, ...]
    warnings: tuple[str, ...]
    strata: Strata


def report(
    reader: QualityReader,
    service: str,
    window: Window,
    as_of: datetime,
    settings: Settings | None = None,
    *,
    focus: Focus | None = None,
    known_at: datetime | None = None,
) -> QualityReport:
    """Work out the whole area for the finished hours of a window.

    Args:
        reader: the store.
        service: whose letters.
        window: how far back from as_of.
        as_of: the moment it is seen from.
        settings: the targets.
        focus: the part of the service that it is about.
        known_at: labels that came later do not count; as_of, unless an earlier window is looked
            at with what is known today.

    Raises:
        ValueError: as_of has no zone.
    """
    settings, focus, known = settings or Settings(), focus or Focus(), known_at or as_of
    span, running, newest_hour = _span(reader, service, window, as_of)
    scores = reader.scores(service, span.start, span.end)
    labels = reader.labels(service, span.start, span.end, known)
    counted = Counted.of(scores, labels, focus.version, focus.segment)
    tables = counted.by_version
    whole_tables = tables.nested()
    cut = bands(whole_tables)
    (whole,) = described([""], whole_tables, cut, settings, settings.confidence)
    state = "no_scores" if not whole.letters else "ok" if whole.labels else "no_labels"

    newest = Span(span.end - _recent_hours(span) * HOUR, span.end)
    recent = _scored(reader, service, newest, focus)
    version = focus.version or _in_production(reader, service, recent, counted, span)
    of_version = counted.of_version(version, counted.segments).sum(axis=0).nested().nested()
    releases = reader.releases(service, span.end - THRESHOLD_BACK, span.end)
    curve = curve_of(version, of_version, settings)
    thresholds = thresholds_of(
        version, of_version, curve, releases=releases, span=span, settings=settings
    )
    lag, distribution = lag_of(reader.lags(service, span.start, span.end, known), known)
    by_day = days(counted, span, known, distribution, settings)
    summary = Labels(
        count=whole.labels,
        above=whole.measures["precision"].n,
        positives=whole.positives,
        strays=whole.strays,
        arrived_share=_share_of_letters(by_day, [day.arrived for day in by_day]),
        mature_share=_share_of_letters(
            by_day, [None if day.arrived is None else float(day.mature) for day in by_day]
        ),
        lag=lag,
        newest=reader.newest_label(service, known),
    )
    # Each table tells every version, or every segment, whatever the rest is narrowed to.
    versions = segments = counted
    if focus != Focus():
        versions = Counted.of(scores, labels, segment=focus.segment)
        segments = Counted.of(scores, labels, version=focus.version)
    by_version = slice_qualities(versions.versions, versions.by_version.each(), settings)
    early = None
    if state == "ok":
        spans = (newest, Span(span.start, newest.start))
        early = early_warning(version, counted, recent, spans, settings)
    seen = Seen(whole, by_version, cut.strata, summary, thresholds, span, running, as_of)
    return QualityReport(
        service=service,
        window=window,
        span=span,
        running=running,
        freshness=Freshness.of(as_of, newest_hour, STALE_AFTER_HOURS, HOUR),
        settings=settings,
        focus=focus,
        state=state,
        version=version,
        whole=whole,
        status=worst_of(whole.statuses.values()),
        labels=summary,
        thresholds=thresholds,
        curve=curve,
        days=by_day,
        by_version=by_version,
        by_segment=slice_qualities(segments.segments, segments.by_segment, settings),
        settles=labels_to_settle(cut.strata, settings) if state == "ok" else None,
        plan=label_plan(version, of_version, settings),
        early=early,
        histogram=Histogram(tables.letters.sum(axis=0), tables.labels.sum(axis=0)),
        releases=tuple(made for made in releases if made.deployed_at >= span.start),
        warnings=warnings_about(seen),
        strata=cut.strata,
    )


def held_to(found: QualityReport, settings: Settings) -> QualityReport:
    """A report as it would be with other targets, as far as criteria are judged by it.

    Nothing is read and no estimate changes. Slices, days, thresholds and the plan of labels stay as
    they were: no verdict rests on them.
    """
    statuses = {
        name: judge(found.whole.measures[name], target)
        for name, target in settings.targets.items()
        if name in found.whole.measures
    }
    return replace(
        found,
        settings=settings,
        whole=replace(found.whole, statuses=statuses),
        status=worst_of(statuses.values()),
        settles=labels_to_settle(found.strata, settings) if found.state == "ok" else None,
        early=None if found.early is None else warned(found.early, settings),
    )


def _span(
    reader: QualityReader, service: str, window: Window, as_of: datetime
) -> tuple[Span, bool, datetime | None]:
    """The window in finished hours, whether it is the running hour instead, the newest hour.

    A service in its first hour has no finished one: its running hour is better than nothing.
    """
    end = span_of(window, as_of).end
    last = floor_to(end, HOUR)
    hours = max(-(-window.length // HOUR), 1)
    newest = reader.newest_hour(service, last)
    if newest is None:
        running = reader.newest_hour(service, end)
        if running is not None:
            return Span(last, last + HOUR), True, running
    return Span(last - hours * HOUR, last), False, newest


def _recent_hours(span: Span) -> int:
    return max(1, min(RECENT_HOURS, (span.end - span.start) // HOUR // 4))


def _scored(reader: QualityReader, service: str, span: Span, focus: Focus) -> Counted:
    """The scores of a span, without labels."""
    scores = reader.scores(service, span.start, span.end)
    return Counted.of(scores, no_labels(scores), focus.version, focus.segment)


def _in_production(
    reader: QualityReader, service: str, recent: Counted, counted: Counted, span: Span
) -> str:
    """The version that scored most of the newest letters; '' without any."""
    newest = recent if recent.versions else counted
    if len(recent.versions) > 1:
        last = _scored(reader, service, Span(span.end - HOUR, span.end), Focus())
        newest = last if last.versions else recent
    if not newest.versions:
        return ""
    letters = newest.by_version.letters.sum(axis=(1, 2))
    return newest.versions[int(letters.argmax())]


def _share_of_letters(by_day: Sequence[Day], shares: Sequence[float | None]) -> float | None:
    """The mean of the days' shares, by letters; None where one is not known."""
    letters = sum(day.quality.letters for day in by_day)
    known = [share for share in shares if share is not None]
    if not letters or len(known) < len(shares):
        return None
    return sum(day.quality.letters * share for day, share in zip(by_day, known, strict=True)) / (
        letters
    )
