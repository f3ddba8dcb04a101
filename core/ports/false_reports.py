"""What `core.false_reports` asks of a store: reports, their groups, reviews and retraining sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.ports.counts import Counts
from core.ports.releases import Release
from core.ports.training import TrainingRun

Times = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Intake:
    """How many reports came and what became of them on arrival.

    Attributes:
        reports: reports in the metric table.
        taken: those that the worker has anonymised once more and put into a group.
        letters: distinct letters among the taken (one letter may be reported by many).
        groups: near-duplicate groups.
        masked: personal details that this house's own pass masked, by kind of placeholder; what a
            producer had masked before is not counted.
        anonymisers: reports by the anonymiser that their producer names.
    """

    reports: int
    taken: int
    letters: int
    groups: int
    masked: Mapping[str, int]
    anonymisers: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Groups of near-identical reports, one entry each, sorted by group_id; arrays of shape (g,).

    Attributes:
        group_ids: the store's numbers.
        kinds: 'false_positive' or 'false_negative'.
        exemplars: the report whose text stands for the group.
        topics: topic_id, 0 where none is assigned.
        reports: reports in the group.
        reporters: distinct mailboxes that reported; a report without one counts as one.
        scores: the score that was furthest on the wrong side of its threshold.
        thresholds: the threshold beside that score.
        first_reported: datetime64[us], UTC.
        last_reported: datetime64[us], UTC.
        versions: grows whenever a report joins or leaves, for optimistic checks.
        segments: the segment of most of its reports.
        model_versions: the newest version that made the mistake.
        withdrawn: reports in the group whose text has been erased.
    """

    group_ids: Counts
    kinds: tuple[str, ...]
    exemplars: tuple[str, ...]
    topics: Counts
    reports: Counts
    reporters: Counts
    scores: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    first_reported: Times
    last_reported: Times
    versions: Counts
    segments: tuple[str, ...]
    model_versions: tuple[str, ...]
    withdrawn: Counts


@dataclass(frozen=True, slots=True)
class Topic:
    """Groups about the same thing, found by clustering their exemplars.

    Attributes:
        words: its telling words, the most telling first.
    """

    topic_id: int
    words: tuple[str, ...]
    refreshed_at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """One vote on a group, as it stands in the log.

    Attributes:
        verdict: 'confirm' (the report is right: the decision was false), 'reject' or 'unsure'.
        reason: why it was rejected, one of `core.false_reports.reviews.REASONS`; '' otherwise.
        stage: 'first', 'second' or 'adjudication'.
        blind: the reviewer saw nobody else's vote.
        drawn: 'order' or 'random': how the queue came to hand the group out.
        undone_at: when the reviewer took it back; None while it stands.
        group_version: of the group that the reviewer saw.
        exemplar: report_id of the text that the reviewer judged; '' where it is not known.
        reports: reports in the group at that time.
        note: what the reviewer added in words.
    """

    review_id: int
    group_id: int
    reviewer: str
    verdict: str
    reason: str
    stage: str
    blind: bool
    drawn: str
    decided_at: datetime
    undone_at: datetime | None
    group_version: int = 0
    exemplar: str = ""
    reports: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Somebody asked that another reviewer look at a group, too."""

    group_id: int
    asked_by: str
    asked_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A group that somebody is looking at, until the lease ends.

    Attributes:
        stage: what the group is claimed for: 'first', 'second' or 'adjudication'.
        exemplar: report_id of the text that the reviewer is shown.
        group_version: of the group when it was handed out.
    """

    group_id: int
    reviewer: str
    claimed_at: datetime
    leased_until: datetime
    drawn: str
    stage: str = "first"
    exemplar: str = ""
    group_version: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A reported letter as it may be shown: anonymised by this house.

    Attributes:
        text: with placeholders; '' where it was withdrawn.
        decision: true where the letter went to the newsletters folder.
    """

    report_id: str
    group_id: int
    kind: str
    source: str
    text: str
    anonymiser: str
    language: str
    segment: str
    sender_domain: str
    model_version: str
    score: float
    threshold: float
    predicted_at: datetime
    reported_at: datetime
    withdrawn: bool

    @property
    def decision(self) -> bool:
        """Whether the letter went to the newsletters folder."""
        return self.kind == "false_positive"


@dataclass(frozen=True, slots=True)
class RetrainingSet:
    """An exported set of confirmed groups; it never changes.

    Attributes:
        set_id: its name as training runs quote it, e.g. 'newsletters-3' or 'newsletters-3.1' after
            a withdrawal.
        parent: the set that it continues or corrects; '' for the first.
        manifest: what manifest.json holds.
        groups: the groups in it.
        withdrawn: letters taken out of it since, so that it must not be used any more.
    """

    set_id: str
    created_at: datetime
    created_by: str
    parent: str
    letters: int
    groups: tuple[int, ...]
    manifest: Mapping[str, Any]
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """A span of predictions by some model versions.

    Attributes:
        start: predicted at or after.
        end: predicted before.
        model_versions: by one of these versions.
    """

    start: datetime
    end: datetime
    model_versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class GroupCounts:
    """Reports by group and exposure.

    Attributes:
        group_ids: shape (g,), sorted; groups without a report are left out.
        counts: shape (g, exposures).
    """

    group_ids: Counts
    counts: Counts


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """Reports by the day on which they were made, whether or not the worker has taken them.

    Attributes:
        days: one after the other, UTC.
        false_positives: shape (len(days),).
        false_negatives: shape (len(days),).
    """

    days: tuple[date, ...]
    false_positives: Counts
    false_negatives: Counts


@dataclass(frozen=True, slots=True)
class FeedbackPulse:
    """How fresh the reports are: few reports and a silent producer look the same in the table.

    Attributes:
        newest_report: when the newest report before as_of was made; None without any.
        beat_at: the newest heartbeat of a component 'feedback' at as_of; None without any.
        stopped: every such component has stopped in good order.
        waiting: reports of before as_of that the worker has not taken yet, or not in their newest
            version.
        waiting_since: when the oldest of them was written.
        scored_from: the first hour of which letters are counted; None without any.
    """

    newest_report: datetime | None
    beat_at: datetime | None
    stopped: bool
    waiting: int
    waiting_since: datetime | None
    scored_from: datetime | None


class FalseReportReader(Protocol):
    """What `core.false_reports` asks. Everything is as it was known at as_of."""

    def intake(self, service: str, as_of: datetime) -> Intake:
        """How many reports came."""

    def groups(self, service: str, as_of: datetime) -> Groups:
        """Every group with a report made before as_of."""

    def topics(self, service: str) -> tuple[Topic, ...]:
        """The topics of the last refresh, by topic_id."""

    def reviews(self, service: str, as_of: datetime) -> tuple[Review, ...]:
        """Every vote before as_of, oldest first; one undone later than as_of is not yet undone."""

    def second_opinions(self, service: str, as_of: datetime) -> tuple[SecondOpinion, ...]:
        """Every second opinion asked for before as_of, oldest first."""

    def claims(self, service: str, as_of: datetime) -> tuple[Claim, ...]:
        """Leases that run at as_of."""

    def letters(self, service: str, report_ids: Sequence[str]) -> tuple[Letter, ...]:
        """The reports named, in the order asked for; unknown ones are left out."""

    def sets(self, service: str, as_of: datetime) -> tuple[RetrainingSet, ...]:
        """Retraining sets, oldest first."""

    def releases(self, service: str, as_of: datetime) -> tuple[Release, ...]:
        """Every deployment before as_of, oldest first."""

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Every training run started before as_of, oldest first."""

    def reported(
        self, service: str, exposures: Sequence[Exposure], within_hours: float, as_of: datetime
    ) -> GroupCounts:
        """Reports of decisions that users saw, by group and exposure; those of shadow runs do not.

        Only reports made within so many hours of the prediction count, so that older letters are
        not at a disadvantage for having been reportable for longer.
        """

    def exposed(self, service: str, exposures: Sequence[Exposure]) -> Mapping[str, Counts]:
        """Letters scored by segment ('' for all of them), each of shape (len(exposures),).

        Exposures are of whole hours.
        """

    def arrivals(self, service: str, start: datetime, end: datetime) -> Arrivals:
        """Reports made in a span, by day; the first and the last day may be cut."""

    def pulse(self, service: str, as_of: datetime) -> FeedbackPulse:
        """How fresh the reports are."""
