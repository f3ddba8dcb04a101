"""A reader that fulfils `core.ports.FalseReportReader` from plain rows, and ways to write rows.

Everything is worked out row by row, so that the store's answers can be held against it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from core.ports import (
    Arrivals,
    Claim,
    Counts,
    Exposure,
    FeedbackPulse,
    GroupCounts,
    Groups,
    Intake,
    Letter,
    Release,
    RetrainingSet,
    Review,
    SecondOpinion,
    Topic,
    TrainingRun,
)
from core.ports.false_reports import Times
from tests.fakes import SERVICE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: A Monday, from which moments are told.
START = datetime(2026, 6, 1, tzinfo=UTC)


def at(days: float = 0, hours: float = 0) -> datetime:
    """A moment so long after START."""
    return START + timedelta(days=days, hours=hours)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One taken report. The first of a group is its exemplar."""

    report_id: str
    group: int
    predicted_at: datetime
    reported_at: datetime
    kind: str = "false_positive"
    segment: str = "ru"
    model_version: str = "bert-3"
    score: float = 0.9
    threshold: float = 0.5
    source: str = "user"
    letter_key: str = ""
    reporter_key: str = ""
    text: str = "Здравствуйте, [PERSON_1]!"
    masked: Mapping[str, int] | None = None
    withdrawn_at: datetime | None = None
    topic: int = 0
    service: str = SERVICE


@dataclass(frozen=True, slots=True)
class Scored:
    """Letters of one hour."""

    hour: datetime
    model_version: str
    letters: int
    segment: str = "ru"
    service: str = SERVICE


def scored(
    version: str, start: datetime, end: datetime, an_hour: int, segment: str = "ru"
) -> list[Scored]:
    """Letters of every hour of a span."""
    hours = int((end - start) / HOUR)
    return [Scored(start + number * HOUR, version, an_hour, segment) for number in range(hours)]


def reports(
    group: int, version: str, start: datetime, end: datetime, number: int, **rest: object
) -> list[ReportRow]:
    """Reports of one group, evenly over the letters of a span, each an hour after its letter."""
    step = (end - start) / max(number, 1)
    moments = [start + (place + 0.5) * step for place in range(number)]
    return [
        replace(
            ReportRow(
                f"{group}-{version}-{moment:%m%d%H%M%S}",
                group,
                moment,
                moment + HOUR,
                model_version=version,
                reporter_key=f"{group}-{version}-{place}",
            ),
            **rest,  # type: ignore[arg-type]
        )
        for place, moment in enumerate(moments)
    ]


def release(
    version: str, deployed_at: datetime, stage: str = "production", datacenter: str = ""
) -> Release:
    """One deployment."""
    name = f"{version}-{stage}-{datacenter}-{deployed_at:%m%d%H%M}"
    return Release(name, deployed_at, version, datacenter, stage, 0.5, "")


def run(
    version: str, started_at: datetime, retraining_set: str = "", **rest: object
) -> TrainingRun:
    """One training run that succeeded."""
    made = TrainingRun(
        run_id=f"run-{version}",
        started_at=started_at,
        finished_at=started_at + 5 * HOUR,
        status="succeeded",
        model_version=version,
        parent_version="",
        letters_raw=10,
        letters_deduplicated=9,
        letters_anonymised=8,
        letters_trained=8,
        retraining_set=retraining_set,
        note="",
    )
    return replace(made, **rest)  # type: ignore[arg-type]


def retraining_set(set_id: str, created_at: datetime, groups: Iterable[int]) -> RetrainingSet:
    """One exported set."""
    chosen = tuple(groups)
    return RetrainingSet(set_id, created_at, "Анна", "", len(chosen), chosen, {}, 0)


def vote(
    review_id: int,
    group: int,
    verdict: str = "confirm",
    reviewer: str = "Анна",
    decided_at: datetime = START,
    **rest: object,
) -> Review:
    """One blind first vote."""
    made = Review(review_id, group, reviewer, verdict, "", "first", True, "order", decided_at, None)
    return replace(made, **rest)  # type: ignore[arg-type]


@dataclass(slots=True)
class FakeFalseReportReader:
    """Fulfils the protocol from rows; one service unless a row says otherwise.

    Attributes:
        untaken: when reports were made that the worker has not taken.
    """

    rows: Sequence[ReportRow] = ()
    scores: Sequence[Scored] = ()
    named: Sequence[Topic] = ()
    votes: Sequence[Review] = ()
    opinions: Sequence[SecondOpinion] = ()
    leases: Sequence[Claim] = ()
    made: Sequence[RetrainingSet] = ()
    deployments: Sequence[Release] = ()
    runs: Sequence[TrainingRun] = ()
    beat_at: datetime | None = None
    stopped: bool = False
    untaken: Sequence[datetime] = ()

    def _of(self, service: str, as_of: datetime) -> list[ReportRow]:
        return [row for row in self.rows if row.service == service and row.reported_at < as_of]

    def intake(self, service: str, as_of: datetime) -> Intake:
        """How many reports came."""
        rows = self._of(service, as_of)
        waiting = [moment for moment in self.untaken if moment < as_of]
        masked: Counter[str] = Counter()
        for row in rows:
            masked.update(row.masked or {})
        return Intake(
            reports=len(rows) + len(waiting),
            taken=len(rows),
            letters=len({row.letter_key or row.report_id for row in rows}),
            groups=len({row.group for row in rows}),
            masked=dict(masked),
            anonymisers={"theirs 1": len(rows) + len(waiting)} if rows or waiting else {},
        )

    def groups(self, service: str, as_of: datetime) -> Groups:
        """Every group with a report."""
        found: dict[int, list[ReportRow]] = defaultdict(list)
        for row in self._of(service, as_of):
            found[row.group].append(row)
        ids = sorted(found)
        worst = [max(found[one], key=_wrongness) for one in ids]
        return Groups(
            group_ids=np.array(ids, np.int64),
            kinds=tuple(found[one][0].kind for one in ids),
            exemplars=tuple(self._exemplar(service, one) for one in ids),
            topics=np.array([found[one][0].topic for one in ids], np.int64),
            reports=np.array([len(found[one]) for one in ids], np.int64),
            reporters=np.array([_reporters(found[one]) for one in ids], np.int64),
            scores=np.array([row.score for row in worst]),
            thresholds=np.array([row.threshold for row in worst]),
            first_reported=_times(min(row.reported_at for row in found[one]) for one in ids),
            last_reported=_times(max(row.reported_at for row in found[one]) for one in ids),
            versions=np.array([len(self._all(service, one)) for one in ids], np.int64),
            segments=tuple(_most(row.segment for row in found[one]) for one in ids),
            model_versions=tuple(
                max(found[one], key=lambda row: (row.predicted_at, row.model_version)).model_version
                for one in ids
            ),
            withdrawn=np.array(
                [
                    sum(
                        row.withdrawn_at is not None and row.withdrawn_at <= as_of
                        for row in found[one]
                    )
                    for one in ids
                ],
                np.int64,
            ),
        )

    def _all(self, service: str, group: int) -> list[ReportRow]:
        return [row for row in self.rows if row.service == service and row.group == group]

    def _exemplar(self, service: str, group: int) -> str:
        return self._all(service, group)[0].report_id

    def topics(self, service: str) -> tuple[Topic, ...]:
        """Topics."""
        return tuple(self.named)

    def reviews(self, service: str, as_of: datetime) -> tuple[Review, ...]:
        """Votes before as_of."""
        return tuple(
            one if one.undone_at is None or one.undone_at < as_of else replace(one, undone_at=None)
            for one in self.votes
            if one.decided_at < as_of
        )

    def second_opinions(self, service: str, as_of: datetime) -> tuple[SecondOpinion, ...]:
        """Second opinions asked for before as_of."""
        return tuple(one for one in self.opinions if one.asked_at < as_of)

    def claims(self, service: str, as_of: datetime) -> tuple[Claim, ...]:
        """Leases that run."""
        return tuple(one for one in self.leases if one.claimed_at <= as_of < one.leased_until)

    def letters(self, service: str, report_ids: Sequence[str]) -> tuple[Letter, ...]:
        """Reports by name."""
        known = {row.report_id: row for row in self.rows if row.service == service}
        return tuple(_letter(known[one]) for one in report_ids if one in known)

    def sets(self, service: str, as_of: datetime) -> tuple[RetrainingSet, ...]:
        """Retraining sets."""
        return tuple(one for one in self.made if one.created_at < as_of)

    def releases(self, service: str, as_of: datetime) -> tuple[Release, ...]:
        """Deployments."""
        known = [one for one in self.deployments if one.deployed_at < as_of]
        return tuple(sorted(known, key=lambda one: (one.deployed_at, one.deployment_id)))

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Training runs."""
        return tuple(one for one in self.runs if one.started_at < as_of)

    def reported(
        self, service: str, exposures: Sequence[Exposure], within_hours: float, as_of: datetime
    ) -> GroupCounts:
        """Reports by group and exposure."""
        longest = timedelta(hours=within_hours)
        found: dict[int, list[int]] = {}
        for row in self._of(service, as_of):
            if row.source == "shadow" or row.reported_at - row.predicted_at > longest:
                continue
            for slot, one in enumerate(exposures):
                inside = one.start <= row.predicted_at < one.end
                if inside and row.model_version in one.model_versions:
                    found.setdefault(row.group, [0] * len(exposures))[slot] += 1
        ids = sorted(found)
        counts = np.array([found[one] for one in ids], np.int64).reshape(-1, len(exposures))
        return GroupCounts(np.array(ids, np.int64), counts)

    def exposed(self, service: str, exposures: Sequence[Exposure]) -> Mapping[str, Counts]:
        """Letters by segment and exposure."""
        letters: dict[str, Counts] = {"": np.zeros(len(exposures), np.int64)}
        for row in self.scores:
            for slot, one in enumerate(exposures):
                inside = one.start <= row.hour < one.end and row.service == service
                if inside and row.model_version in one.model_versions:
                    letters[""][slot] += row.letters
                    if row.segment:
                        of_segment = letters.setdefault(
                            row.segment, np.zeros(len(exposures), np.int64)
                        )
                        of_segment[slot] += row.letters
        return letters

    def arrivals(self, service: str, start: datetime, end: datetime) -> Arrivals:
        """Reports by day."""
        first, last = start.date(), (end - timedelta(microseconds=1)).date()
        days = tuple(first + number * DAY for number in range((last - first).days + 1))
        counts = Counter(
            (row.reported_at.date(), row.kind)
            for row in self.rows
            if row.service == service and start <= row.reported_at < end
        )
        wrong, missed = (
            np.array([counts[day, kind] for day in days], np.int64)
            for kind in ("false_positive", "false_negative")
        )
        return Arrivals(days, wrong, missed)

    def pulse(self, service: str, as_of: datetime) -> FeedbackPulse:
        """How fresh the reports are."""
        made = [row.reported_at for row in self._of(service, as_of)]
        waiting = [moment for moment in self.untaken if moment < as_of]
        hours = [row.hour for row in self.scores if row.service == service]
        return FeedbackPulse(
            newest_report=max(made + waiting, default=None),
            beat_at=None if self.beat_at is None else min(self.beat_at, as_of),
            stopped=self.stopped,
            waiting=len(waiting),
            waiting_since=min(waiting, default=None),
            scored_from=min(hours, default=None),
        )


def _letter(row: ReportRow) -> Letter:
    return Letter(
        report_id=row.report_id,
        group_id=row.group,
        kind=row.kind,
        source=row.source,
        text="" if row.withdrawn_at is not None else row.text,
        anonymiser="greenlight 1",
        language="ru",
        segment=row.segment,
        sender_domain="shop.example",
        model_version=row.model_version,
        score=row.score,
        threshold=row.threshold,
        predicted_at=row.predicted_at,
        reported_at=row.reported_at,
        withdrawn=row.withdrawn_at is not None,
    )


def _wrongness(row: ReportRow) -> tuple[float, float, float]:
    sign = 1 if row.kind == "false_positive" else -1
    return sign * (row.score - row.threshold), row.score, row.threshold


def _reporters(rows: Sequence[ReportRow]) -> int:
    named = {row.reporter_key for row in rows if row.reporter_key}
    return len(named) + sum(not row.reporter_key for row in rows)


def _most(names: Iterable[str]) -> str:
    counts = Counter(names)
    return max(counts, key=lambda name: (counts[name], name.encode()))


def _times(moments: Iterable[datetime]) -> Times:
    return np.array([moment.replace(tzinfo=None) for moment in moments], "datetime64[us]")
