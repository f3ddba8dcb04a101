"""Reports and letters on the two sides of releases, counted by the version that decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.false_reports.fate import Letters, Sides
from core.false_reports.serving_spans import History, exposures
from core.false_reports.settings import Settings
from core.ports import (
    Counts,
    Exposure,
    FalseReportReader,
    Groups,
    Release,
    RetrainingSet,
    TrainingRun,
)
from core.timeframe import DAY, HOUR, floor_to

#: The parts of a version's life that are counted apart.
PARTS = ("before", "after", "quiet", "since_set")
#: The last weeks before a release, that tell how much reports vary by themselves.
WEEKS = 8
WEEK = 7 * DAY


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known at a moment about groups, releases and what went into them.

    Attributes:
        groups: all groups.
        releases: every deployment before as_of.
        runs: every training run before as_of.
        sets: every retraining set before as_of.
        scored_from: the first hour of which letters are counted: reports of earlier letters have no
            letters to be held against. None where no letters are counted at all.
    """

    groups: Groups
    releases: Sequence[Release]
    runs: Sequence[TrainingRun]
    sets: Sequence[RetrainingSet]
    scored_from: datetime | None
    as_of: datetime
    settings: Settings

    @property
    def through(self) -> datetime:
        """Letters predicted from here on are too young to count."""
        return floor_to(self.as_of - self.settings.follow_up, HOUR)


@dataclass(frozen=True, slots=True)
class Asked:
    """A released version, what it was made from, and what has to be counted for it.

    Attributes:
        run: the newest training run that had made it by its release; None where none is known.
        chosen: the retraining set that went into that run; None for none, or none of that name.
        parts: what is counted, by `PARTS`.
        weeks: the last weeks before the release, by the replaced versions.
    """

    version: str
    run: TrainingRun | None
    chosen: RetrainingSet | None
    parts: Mapping[str, tuple[Exposure, ...]]
    weeks: tuple[tuple[Exposure, ...], ...]

    @property
    def every(self) -> dict[str, tuple[Exposure, ...]]:
        """Parts and weeks, each by its name."""
        return dict(self.parts) | {f"week {at}": week for at, week in enumerate(self.weeks)}


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Answers to everything that was asked.

    Attributes:
        places: which exposures make up each part of each version. They do not overlap, so that the
            store looks at every report once.
        reports: shape (groups, exposures).
        letters: by segment, '' for all; shape (exposures,).
        segments: of the groups, each once.
        segment_at: of each group, an index into segments.
    """

    places: Mapping[tuple[str, str], NDArray[np.int64]]
    reports: Counts
    letters: Mapping[str, Counts]
    segments: tuple[str, ...]
    segment_at: NDArray[np.int64]

    def reports_of(self, version: str, part: str) -> Counts:
        """Reports by group, shape (groups,)."""
        summed: Counts = self.reports[:, self.places[version, part]].sum(axis=1)
        return summed

    def letters_of(self, version: str, part: str) -> int:
        """Letters of all segments."""
        return int(self.letters[""][self.places[version, part]].sum())

    def letters_by_group(self, version: str, part: str) -> Counts:
        """Letters of each group's segment, shape (groups,).

        Reports without a segment, or of one that no letter carries, are held against all letters.
        """
        place = self.places[version, part]
        found = [self.letters.get(name, self.letters[""])[place].sum() for name in self.segments]
        by_segment = np.array(found, np.int64)
        return by_segment[self.segment_at]

    def sides(self, version: str) -> Sides:
        """Both sides of a release, by group."""
        return Sides(
            before=self.reports_of(version, "before"),
            before_letters=self.letters_by_group(version, "before"),
            after=self.reports_of(version, "after"),
            after_letters=self.letters_by_group(version, "after"),
            quiet=self.reports_of(version, "quiet"),
            quiet_letters=self.letters_by_group(version, "quiet"),
            all_letters=Letters(
                self.letters_of(version, "before"),
                self.letters_of(version, "after"),
                self.letters_of(version, "quiet"),
            ),
        )


def asked_of(known: Known, lives: History, version: str) -> Asked:
    """What has to be counted for a released version."""
    released = lives.released[version]
    made = [
        run
        for run in known.runs
        if run.model_version == version
        and run.status == "succeeded"
        and (run.finished_at or run.started_at) <= released
    ]
    run = max(made, key=lambda one: (one.started_at, one.run_id), default=None)
    chosen = None
    if run is not None:
        chosen = next((one for one in known.sets if one.set_id == run.retraining_set), None)
    parts = _parts(known, lives, version, chosen)
    return Asked(version, run, chosen, parts, _weeks(known, lives, version))


def count(reader: FalseReportReader, service: str, known: Known, asked: Sequence[Asked]) -> Counted:
    """Count everything that was asked, with two questions to the store."""
    wanted = _pieces([span for one in asked for spans in one.every.values() for span in spans])
    places = {
        (one.version, part): np.array(
            [at for at, piece in enumerate(wanted) if any(_within(piece, span) for span in spans)],
            np.int64,
        )
        for one in asked
        for part, spans in one.every.items()
    }
    ids = known.groups.group_ids
    reports = np.zeros((ids.size, len(wanted)), np.int64)
    letters: dict[str, Counts] = {"": np.zeros(len(wanted), np.int64)}
    if wanted:
        hours = known.settings.follow_up / HOUR
        found = reader.reported(service, wanted, hours, known.as_of)
        there = np.isin(found.group_ids, ids)
        reports[np.searchsorted(ids, found.group_ids[there])] = found.counts[there]
        letters |= reader.exposed(service, wanted)
    numbers: dict[str, int] = {}
    at = [numbers.setdefault(name, len(numbers)) for name in known.groups.segments]
    return Counted(places, reports, letters, tuple(numbers), np.array(at, np.int64))


def _pieces(spans: Sequence[Exposure]) -> list[Exposure]:
    """The spans of each version cut where any of them begins or ends, each piece once."""
    found = []
    for version in sorted({span.model_versions[0] for span in spans}):
        own = [span for span in spans if span.model_versions[0] == version]
        edges = sorted({edge for span in own for edge in (span.start, span.end)})
        pieces = [Exposure(start, end, (version,)) for start, end in pairwise(edges)]
        found += [piece for piece in pieces if any(_within(piece, span) for span in own)]
    return found


def _within(piece: Exposure, span: Exposure) -> bool:
    same = piece.model_versions == span.model_versions
    return same and span.start <= piece.start and piece.end <= span.end


def _parts(
    known: Known, lives: History, version: str, chosen: RetrainingSet | None
) -> dict[str, tuple[Exposure, ...]]:
    start, through = known.scored_from, known.through
    if start is None:
        return dict.fromkeys(PARTS, ())
    replaced, released = lives.before[version], lives.released[version]
    until = min(released, through)
    last = max(released - known.settings.quiet, start)
    made = None if chosen is None else max(chosen.created_at, start)
    return {
        "before": exposures(lives, replaced, start, through),
        "after": exposures(lives, [version], start, through),
        "quiet": exposures(lives, replaced, last, until),
        "since_set": () if made is None else exposures(lives, replaced, made, until),
    }


def _weeks(known: Known, lives: History, version: str) -> tuple[tuple[Exposure, ...], ...]:
    """Whole weeks back from the release in which the replaced versions decided all along."""
    if known.scored_from is None:
        return ()
    replaced, end = lives.before[version], min(lives.released[version], known.through)
    found = []
    for number in range(WEEKS):
        start = end - (number + 1) * WEEK
        if start < known.scored_from:
            break
        found.append(exposures(lives, replaced, start, end - number * WEEK))
    return tuple(found)
