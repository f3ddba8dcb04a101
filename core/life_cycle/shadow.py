"""Shadow runs: a candidate beside production on the same letters, and how far they agree.

What is counted is exact for the hours that have rows. What is said of the pair in general carries
an interval over time, from days as blocks (see `core.stats.kappa`). Hours without a row are
missing: nobody knows what happened in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.life_cycle.settings import Settings
from core.ports.life_cycle import ShadowHours
from core.ports.releases import Release
from core.stats import kappa as stats
from core.stats.dispersion import dispersion
from core.stats.kappa import FEWEST_BLOCKS, Pooled
from core.timeframe import HOUR, Span, floor_to

Counts = NDArray[np.int64]
#: The segment that stands for every letter.
ALL = "all"
_HOUR, _DAY = np.timedelta64(1, "h"), "datetime64[D]"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Letters by both decisions; exact."""

    both_positive: int
    production_only: int
    candidate_only: int
    both_negative: int

    @property
    def letters(self) -> int:
        """Letters that both decided."""
        return self.differing + self.both_positive + self.both_negative

    @property
    def differing(self) -> int:
        """Letters that they decided differently."""
        return self.production_only + self.candidate_only

    @property
    def agreement(self) -> Fraction | None:
        """The share decided alike; None without a letter."""
        return self._share(self.letters - self.differing)

    @property
    def production_rate(self) -> Fraction | None:
        """The share that production decided positive."""
        return self._share(self.both_positive + self.production_only)

    @property
    def candidate_rate(self) -> Fraction | None:
        """The share that the candidate decided positive."""
        return self._share(self.both_positive + self.candidate_only)

    def _share(self, part: int) -> Fraction | None:
        return Fraction(part, self.letters) if self.letters else None


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A segment of a run, or all of it.

    Attributes:
        hours: hours with a row.
        alike: the share decided alike.
        kappa: the agreement beyond chance.
        moved: by how much the candidate's share of positive decisions is larger.
        second_alone: of the letters decided differently, those that the candidate alone decided
            positive, as a share; one half where neither decides positive more often.
        letters_by_hour: letters of each hour of the run, 0 where there is no row, shape (n,).
        differing_by_hour: those decided differently, likewise.
    """

    segment: str
    hours: int
    matrix: Matrix
    alike: Pooled
    kappa: Pooled
    moved: Pooled
    second_alone: Pooled
    letters_by_hour: Counts
    differing_by_hour: Counts


@dataclass(frozen=True, slots=True, eq=False)
class ShadowRun:
    """A candidate beside production.

    Attributes:
        span: from its deployment, or its first row, to the end of its last.
        running: rows still come, and nothing says that it ended.
        ended_by: the deployment that ended it, e.g. 'canary'; '' where nothing says so.
        hours: hours with a row, datetime64[s], shape (n,).
        missing: hours of the span without one, joined.
        whole: every letter.
        segments: each, by name; none where only the whole was written.
        blocks: 'days' or 'hours': what the intervals take for independent.
        dispersion: how much the share decided differently varies between hours, beside independent
            letters; None where nothing tells.
        errors: letters on which the candidate failed.
        slow: letters that it answered too late.
        user_visible: letters whose handling it changed.
        visible_hours: when.
        unequal_hours: hours in which the whole is not the sum of its segments.
        errors_by_hour: letters on which the candidate failed, shape (n,).
        slow_by_hour: letters that it answered too late, shape (n,).
    """

    production: str
    candidate: str
    span: Span
    running: bool
    ended_by: str
    hours: NDArray[np.datetime64]
    missing: tuple[Span, ...]
    whole: Part
    segments: tuple[Part, ...]
    blocks: str
    dispersion: float | None
    errors: int
    slow: int
    user_visible: int
    visible_hours: tuple[datetime, ...]
    unequal_hours: int
    errors_by_hour: Counts
    slow_by_hour: Counts

    @property
    def moments(self) -> tuple[datetime, ...]:
        """Its hours with rows, as times in UTC."""
        return tuple(moment_of(hour) for hour in self.hours)

    @property
    def letters(self) -> int:
        """Letters that both decided."""
        return self.whole.matrix.letters

    @property
    def expected_hours(self) -> int:
        """Hours that should have rows."""
        return (self.span.end - self.span.start) // HOUR

    @property
    def gap_share(self) -> Fraction:
        """The share of them that has none."""
        expected = self.expected_hours
        return Fraction(expected - len(self.hours), expected)

    @property
    def error_share(self) -> Fraction | None:
        """Failed letters by letters that both decided; None without one."""
        return Fraction(self.errors, self.letters) if self.letters else None

    @property
    def slow_share(self) -> Fraction | None:
        """Late letters by letters that both decided; None without one."""
        return Fraction(self.slow, self.letters) if self.letters else None


def runs_of(
    rows: ShadowHours, releases: Sequence[Release], as_of: datetime, settings: Settings
) -> tuple[ShadowRun, ...]:
    """Every run of some rows, the newest first: by production, candidate, and pauses between.

    Args:
        rows: of whole hours that were over at as_of.
        releases: deployments before as_of.
        as_of: the moment it is seen from.
        settings: what parts two runs.
    """
    found = [
        _run(rows, at, releases, as_of, settings)
        for pair in _pairs(rows)
        for at in _apart(rows, pair, settings)
    ]
    return tuple(sorted(found, key=lambda run: (run.span.end, run.candidate), reverse=True))


def _pairs(rows: ShadowHours) -> Iterator[Counts]:
    """Indices of the rows of each pair, by hour."""
    pairs = sorted(set(zip(rows.production.tolist(), rows.candidate.tolist(), strict=True)))
    for production, candidate in pairs:
        at = np.flatnonzero((rows.production == production) & (rows.candidate == candidate))
        yield at[np.argsort(rows.hour[at], kind="stable")]


def _apart(rows: ShadowHours, at: Counts, settings: Settings) -> Sequence[Counts]:
    pause = np.timedelta64(settings.pause)
    return np.split(at, np.flatnonzero(np.diff(rows.hour[at]) > pause) + 1)


def _run(
    rows: ShadowHours,
    at: Counts,
    releases: Sequence[Release],
    as_of: datetime,
    settings: Settings,
) -> ShadowRun:
    hours, place = np.unique(rows.hour[at], return_inverse=True)
    names = sorted(set(rows.segment[at].tolist()) - {ALL})
    numbers = np.column_stack(
        (rows.cells[at], rows.errors[at], rows.slow[at], rows.user_visible[at])
    )
    tables = np.zeros((len(names), len(hours), 7), np.int64)
    seen = np.zeros((len(names), len(hours)), np.bool_)
    whole, told = np.zeros((len(hours), 7), np.int64), np.zeros(len(hours), np.bool_)
    for name, hour, row in zip(rows.segment[at].tolist(), place, numbers, strict=True):
        if name == ALL:
            whole[hour], told[hour] = row, True
        else:
            tables[names.index(name), hour], seen[names.index(name), hour] = row, True
    parts = tables.sum(axis=0)
    every = np.where(told[:, None], whole, parts)
    # Whichever of both says that users saw something is believed.
    visible = np.maximum(np.where(told, whole[:, 6], 0), parts[:, 6])
    candidate = str(rows.candidate[at[0]])
    span, running, ended_by = _extent(hours, candidate, releases, as_of, settings)
    days = hours.astype(_DAY)
    daily = len(np.unique(days)) >= FEWEST_BLOCKS
    block = np.unique(days if daily else hours, return_inverse=True)[1]
    return ShadowRun(
        production=str(rows.production[at[0]]),
        candidate=candidate,
        span=span,
        running=running,
        ended_by=ended_by,
        hours=hours,
        missing=_missing(hours, span),
        whole=_part(ALL, every[:, :4], len(hours), block),
        segments=tuple(
            _part(name, tables[at, :, :4], int(seen[at].sum()), block)
            for at, name in enumerate(names)
        ),
        blocks="days" if daily else "hours",
        dispersion=_dispersion(every[:, 1] + every[:, 2], every[:, :4].sum(axis=1)),
        errors=int(every[:, 4].sum()),
        slow=int(every[:, 5].sum()),
        user_visible=int(visible.sum()),
        visible_hours=tuple(moment_of(hour) for hour in hours[visible > 0]),
        unequal_hours=int(
            (told & seen.any(axis=0) & (whole[:, :4] != parts[:, :4]).any(axis=1)).sum()
        ),
        errors_by_hour=every[:, 4],
        slow_by_hour=every[:, 5],
    )


def _dispersion(differing: Counts, letters: Counts) -> float | None:
    """Variance of the share decided differently between hours, over that of independent letters.

    Counts of events vary as their mean; shares of letters by the factor (1 - share) less.
    """
    found = dispersion(differing[None, :], letters.astype(np.float64))
    alike = 1 - differing.sum() / max(int(letters.sum()), 1)
    return None if found is None or alike <= 0 else float(found / alike)


def _part(segment: str, cells: Counts, hours: int, block: NDArray[np.intp]) -> Part:
    blocks = np.zeros((int(block.max()) + 1, 4), np.int64)
    np.add.at(blocks, block, cells)
    return Part(
        segment,
        hours,
        Matrix(*(int(count) for count in cells.sum(axis=0))),
        stats.pooled(blocks, stats.agreement, (0, 1)),
        stats.pooled(blocks, stats.kappa, (-1, 1)),
        stats.pooled(blocks, stats.more_positive, (-1, 1)),
        stats.pooled(blocks, stats.second_alone, (0, 1)),
        cells.sum(axis=1),
        cells[:, 1] + cells[:, 2],
    )


def _extent(
    hours: NDArray[np.datetime64],
    candidate: str,
    releases: Sequence[Release],
    as_of: datetime,
    settings: Settings,
) -> tuple[Span, bool, str]:
    """When a run should have rows, whether it still runs, and what ended it."""
    first, end = moment_of(hours[0]), moment_of(hours[-1]) + HOUR
    mine = [one for one in releases if one.model_version == candidate]
    began = [
        one.deployed_at
        for one in mine
        if one.stage == "shadow" and first - settings.pause <= one.deployed_at < first
    ]
    if began:  # from the first whole hour on
        first = min(first, floor_to(max(began) + HOUR - HOUR.resolution, HOUR))
    after = [one for one in mine if one.stage != "shadow" and one.deployed_at >= first]
    ended_by = after[0].stage if after else ""
    running = not ended_by and as_of - end <= settings.late
    return Span(first, end), running, ended_by


def _missing(hours: NDArray[np.datetime64], span: Span) -> tuple[Span, ...]:
    first = np.datetime64(span.start.replace(tzinfo=None), "s")
    edges = np.concatenate(([first - _HOUR], hours))
    return tuple(
        Span(moment_of(edges[at] + _HOUR), moment_of(edges[at + 1]))
        for at in np.flatnonzero(np.diff(edges) > _HOUR)
    )


def moment_of(hour: np.datetime64) -> datetime:
    """An hour of a run as a time in UTC."""
    found: datetime = hour.astype("datetime64[s]").astype(datetime)
    return found.replace(tzinfo=UTC)
