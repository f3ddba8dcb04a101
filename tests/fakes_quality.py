"""A quality reader that fulfils its port from plain rows in memory, and short ways to write them.

Everything is counted by going through the rows one by one, so that who reads a test can see that it
is right. Times of a test are hours from `BEGIN`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from core.ports import Cells, LabelCounts, LabelLags, Release, ScoreCounts
from core.stats.scores import score_at, score_bins
from core.timeframe import HOUR
from tests.fakes import BEGIN, SERVICE

#: Letters of this bin and above are decided positive, unless a test says otherwise.
THRESHOLD_BIN = 20
#: The most lags that a reader hands over.
MOST_LAGS = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Day, model version, segment, decision, bin.
CellKey = tuple[date, str, str, bool, int]


def at_hour(hours: float) -> datetime:
    """A moment, in hours from BEGIN."""
    return BEGIN + hours * HOUR


@dataclass(frozen=True)
class ScoreRow:
    """One row of metrics.score_hour."""

    service: str
    hour: datetime
    model_version: str
    segment: str
    decision: bool
    bin: int
    letters: int

    @property
    def cell(self) -> CellKey:
        """Where its letters count."""
        return self.hour.date(), self.model_version, self.segment, self.decision, self.bin


@dataclass(frozen=True)
class LabelRow:
    """One row of metrics.labelled_letter."""

    service: str
    model_version: str
    letter_id: str
    predicted_at: datetime
    labelled_at: datetime
    segment: str
    score: float
    decision: bool
    label: bool
    inclusion_probability: float
    labeller: str = ""

    @property
    def cell(self) -> CellKey:
        """Where it counts."""
        number = int(score_bins(self.score))
        day = self.predicted_at.date()
        return day, self.model_version, self.segment, self.decision, number


def score(
    hour: float,
    number: int,
    letters: int = 1_000,
    *,
    decision: bool | None = None,
    version: str = "v1",
    segment: str = "ru",
    service: str = SERVICE,
) -> ScoreRow:
    """The letters of one bin in one hour; decided by THRESHOLD_BIN unless it is said."""
    decided = number >= THRESHOLD_BIN if decision is None else decision
    return ScoreRow(service, at_hour(hour), version, segment, decided, number, letters)


def scores(
    start: int,
    end: int,
    letters: Mapping[int, int],
    *,
    version: str = "v1",
    segment: str = "ru",
    service: str = SERVICE,
) -> list[ScoreRow]:
    """The same letters by bin in every hour of [start, end), each bin decided by THRESHOLD_BIN."""
    key = {"version": version, "segment": segment, "service": service}
    return [
        score(hour, number, count, **key)
        for hour in range(start, end)
        for number, count in letters.items()
    ]


def label(
    hour: float,
    number: int,
    positive: bool,
    *,
    lag: float = 12,
    probability: float = 1.0,
    decision: bool | None = None,
    version: str = "v1",
    segment: str = "ru",
    letter: str = "letter",
    labeller: str = "",
    service: str = SERVICE,
) -> LabelRow:
    """One label of a letter whose score lies in the middle of a bin; lag in hours."""
    decided = number >= THRESHOLD_BIN if decision is None else decision
    return LabelRow(
        service,
        version,
        letter,
        at_hour(hour),
        at_hour(hour + lag),
        segment,
        float(score_at(number, 0.5)),
        decided,
        positive,
        probability,
        labeller,
    )


def labels(
    hour: float,
    number: int,
    count: int,
    positives: int,
    *,
    lag: float = 12,
    probability: float = 1.0,
    decision: bool | None = None,
    version: str = "v1",
    segment: str = "ru",
    service: str = SERVICE,
) -> list[LabelRow]:
    """Some labels of one bin and hour, the first of them positive."""
    return [
        label(
            hour,
            number,
            at < positives,
            lag=lag,
            probability=probability,
            decision=decision,
            version=version,
            segment=segment,
            letter=f"{hour}/{number}/{at}",
            service=service,
        )
        for at in range(count)
    ]


@dataclass(frozen=True)
class FakeQualityReader:
    """Fulfils `core.ports.QualityReader`. Like the real one it refuses what is no span."""

    scored: Sequence[ScoreRow] = ()
    labelled: Sequence[LabelRow] = ()
    deployed: Sequence[Release] = ()

    def scores(self, service: str, start: datetime, end: datetime) -> ScoreCounts:
        """All letters of the hours of a span, by day."""
        _refuse_no_span(start, end)
        letters: dict[CellKey, int] = defaultdict(int)
        for row in self.scored:
            if row.service == service and start <= row.hour < end and row.letters:
                letters[row.cell] += row.letters
        keys = sorted(letters)
        return ScoreCounts(_cells(keys), np.array([letters[key] for key in keys], np.int64))

    def labels(
        self, service: str, start: datetime, end: datetime, known_at: datetime
    ) -> LabelCounts:
        """Labels of letters that were scored in a span, by day of the score."""
        found: dict[CellKey, list[LabelRow]] = defaultdict(list)
        for row in self._known(service, start, end, known_at):
            found[row.cell].append(row)
        keys = sorted(found)
        weights = [[1 / row.inclusion_probability for row in found[key]] for key in keys]
        given = [[row.label for row in found[key]] for key in keys]
        both = list(zip(weights, given, strict=True))
        return LabelCounts(
            _cells(keys),
            np.array([len(some) for some in weights], np.int64),
            np.array([sum(some) for some in given], np.int64),
            np.array([sum(some) for some in weights], np.float64),
            np.array([sum(w * w for w in some) for some in weights], np.float64),
            np.array(
                [sum(w for w, yes in zip(*some, strict=True) if yes) for some in both], np.float64
            ),
        )

    def lags(self, service: str, start: datetime, end: datetime, known_at: datetime) -> LabelLags:
        """Lags of the labels of letters scored in a span: all, or the 20,000 newest by score."""
        known = self._known(service, start, end, known_at)
        times = sorted((row.predicted_at, row.labelled_at) for row in known)[-MOST_LAGS:]
        return LabelLags(
            np.array([(scored - _EPOCH).total_seconds() for scored, _ in times], np.float64),
            np.array([(given - scored).total_seconds() for scored, given in times], np.float64),
        )

    def newest_hour(self, service: str, before: datetime) -> datetime | None:
        """The newest hour before a moment that has scores."""
        hours = [row.hour for row in self.scored if row.service == service and row.hour < before]
        return max(hours, default=None)

    def newest_label(self, service: str, known_at: datetime) -> datetime | None:
        """When the newest label known at a moment was given."""
        times = [row.labelled_at for row in self.labelled if row.service == service]
        return max((time for time in times if time <= known_at), default=None)

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        found = [one for one in self.deployed if start <= one.deployed_at < end]
        return tuple(sorted(found, key=lambda one: one.deployed_at)) if service == SERVICE else ()

    def _known(
        self, service: str, start: datetime, end: datetime, known_at: datetime
    ) -> list[LabelRow]:
        _refuse_no_span(start, end)
        return [
            row
            for row in self.labelled
            if row.service == service
            and start <= row.predicted_at < end
            and row.labelled_at <= known_at
        ]


def _refuse_no_span(start: datetime, end: datetime) -> None:
    whole = all(not (moment - _EPOCH) % HOUR for moment in (start, end))
    if not whole or start > end:
        raise ValueError(f"[{start}, {end}) must be whole hours UTC, start not after end")


def _cells(keys: Iterable[CellKey]) -> Cells:
    days, versions, segments, decisions, bins = list(zip(*keys, strict=True)) or ((),) * 5
    names, parts = sorted(set(versions)), sorted(set(segments))
    return Cells(
        tuple(names),
        tuple(parts),
        np.array(days, "datetime64[D]"),
        np.array([names.index(name) for name in versions], np.int64),
        np.array([parts.index(name) for name in segments], np.int64),
        np.array(decisions, np.bool_),
        np.array(bins, np.int64),
    )
