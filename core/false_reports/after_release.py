"""Whether a release mended what people reported: rates of reports before it and after it.

For each release of a model that a training run trained, reports per million letters are compared
between the versions that it replaced and itself: for the groups of the retraining set that went
into it, for other groups that were known before, and by topic. What makes this easy to get wrong,
and what is done about it:

- **Reports come later than predictions.** Only reports made within `Settings.follow_up` of the
  prediction count, and only letters at least that old at as_of: all letters are watched equally
  long.
- **Versions overlap.** A canary, and a release that goes from datacenter to datacenter, leave
  letters to the old version for days. Reports and letters are told apart by the version that made
  the decision, not by the calendar: "before" means by the versions in production before the
  release, as long as they decide, "after" by the released one. Shadow runs decide nothing: neither
  their letters nor reports about them count.
- **Groups are in a set because they had been reported a lot.** Some of them would have been
  reported less afterwards whatever had been released (regression to the mean). So "before" is the
  whole life of the replaced versions and not the burst that led to the set; the same is told of
  groups that were known before and are not in the set; and `since_set` holds the rate between the
  making of the set and the release, which the choice of groups cannot have flattered.
- **Many groups are judged at once.** Each interval gets its share of the error (Bonferroni), so
  that all of a release hold together. The other groups are judged with the same confidence, so
  that their share is comparable.
- **Silence is not always a fix.** A group whose segment had no letters after the release, or that
  had fallen silent before it, is called "no traffic"; see `core.false_reports.fate`.

What remains: the intervals take reports for independent. They come in bursts (one mailing reaches
many), and then intervals are too narrow: `dispersion` tells by how much. What users care to report
may change, and assessors find more where they look more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from core.false_reports.fate import Fates, Sides, fates
from core.false_reports.release_counts import Asked, Counted, Known, asked_of, count
from core.false_reports.serving_spans import History, history
from core.false_reports.settings import Settings
from core.ports import Counts, FalseReportReader
from core.stats.dispersion import dispersion
from core.stats.poisson import Interval, rate

#: Rates are per so many letters.
PER = 1_000_000
#: Fewer weeks, or fewer reports in them, say nothing about how reports vary.
FEWEST_WEEKS, FEWEST_REPORTS = 2, 20


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Some groups of one release, one entry each; or all of them as one entry.

    Attributes:
        ids: group_ids or topic_ids, shape (g,); empty for a sum.
        sides: what is counted.
        before: reports per million letters before, each with an ordinary interval.
        after: the same after; both adjusted like the ratio.
        fates: what became of them.
    """

    ids: Counts
    sides: Sides
    before: Interval
    after: Interval
    fates: Fates


@dataclass(frozen=True, slots=True, eq=False)
class AfterRelease:
    """One release, seen by reports.

    Attributes:
        version: the released one.
        released_at: its first deployment to production, else to canary.
        replaced: the versions in production before, sorted.
        run_id: the training run that made it; '' where none is known.
        set_id: the retraining set that went into it; '' for none.
        made_at: when the set was made; None without one.
        since: the first hour that counts before.
        through: letters predicted from here on are too young to count.
        known: groups of the set, the most reported before first.
        others: groups that were reported before and are in no set of this release.
        topics: all groups by topic, those of the set and the others; topic 0 is left out.
        whole: the set's groups as one.
        whole_others: the others as one.
        since_set: reports and letters of the set's groups between the making of the set and the
            release, before (reports, letters); None where there was no such time.
        new: groups with reports of the released version and none before.
        dispersion: how many times as much as independent reports those of the set's groups (of all
            known groups without a set) vary from week to week before the release; None where too
            little tells.
        missing: why nothing can be told, as a sentence; '' otherwise.
    """

    version: str
    released_at: datetime
    replaced: tuple[str, ...]
    run_id: str
    set_id: str
    made_at: datetime | None
    since: datetime | None
    through: datetime
    known: Compared
    others: Compared
    topics: Compared
    whole: Compared
    whole_others: Compared
    since_set: tuple[int, int] | None
    new: int
    dispersion: float | None
    missing: str


def after_releases(
    reader: FalseReportReader, service: str, known: Known
) -> tuple[AfterRelease, ...]:
    """Compare the newest releases with what they replaced, the newest first.

    A first release replaces nothing and is left out.
    """
    lives = history(known.releases, known.as_of)
    newest = sorted(
        (version for version, replaced in lives.before.items() if replaced),
        key=lambda version: (lives.released[version], version),
        reverse=True,
    )[: known.settings.most_releases]
    asked = [asked_of(known, lives, version) for version in newest]
    counted = count(reader, service, known, asked)
    return tuple(_compared(one, lives, known, counted) for one in asked)


def _compared(one: Asked, lives: History, known: Known, counted: Counted) -> AfterRelease:
    version, settings, ids = one.version, known.settings, known.groups.group_ids
    sides = counted.sides(version)
    inside = np.zeros(ids.size, np.bool_)
    if one.chosen is not None:
        inside = np.isin(ids, np.array(one.chosen.groups, np.int64))
    outside = ~inside & (sides.before > 0)
    places = np.flatnonzero(inside)
    places = places[np.argsort(-sides.before[places], kind="stable")]
    chosen, others = sides.of(places), sides.of(outside)
    comparisons = int((chosen.before > 0).sum()) or None
    return AfterRelease(
        version=version,
        released_at=lives.released[version],
        replaced=lives.before[version],
        run_id="" if one.run is None else one.run.run_id,
        set_id="" if one.run is None else one.run.retraining_set,
        made_at=None if one.chosen is None else one.chosen.created_at,
        since=min((part.start for part in one.parts["before"]), default=None),
        through=known.through,
        known=_judged(ids[places], chosen, settings, comparisons),
        others=_judged(ids[outside], others, settings, comparisons),
        topics=_by_topic(known.groups.topics, sides, inside | outside, settings),
        whole=_judged(ids[:0], chosen.summed(), settings, 1),
        whole_others=_judged(ids[:0], others.summed(), settings, 1),
        since_set=_since_set(counted, version, inside),
        new=int(((sides.before == 0) & (sides.after > 0)).sum()),
        dispersion=_dispersion(one, counted, inside if inside.any() else outside),
        missing=_missing(one, sides, inside),
    )


def _judged(ids: Counts, sides: Sides, settings: Settings, comparisons: int | None) -> Compared:
    if comparisons is None:
        comparisons = int((sides.before > 0).sum())
    few, each = sides.distinct()
    found = fates(few, settings, comparisons)
    before = rate(few.before, few.before_letters / PER, found.confidence)
    after = rate(few.after, few.after_letters / PER, found.confidence)
    return Compared(ids, sides, before.at(each), after.at(each), found.at(each))


def _by_topic(
    topics: Counts, sides: Sides, wanted: NDArray[np.bool_], settings: Settings
) -> Compared:
    """Groups by topic, against the letters of all segments."""
    chosen = wanted & (topics > 0)
    ids, at = np.unique(topics[chosen], return_inverse=True)
    letters = sides.all_letters

    def summed(column: Counts) -> Counts:
        return np.bincount(at, column[chosen], ids.size).astype(np.int64)

    def full(value: int) -> Counts:
        return np.full(ids.size, value, np.int64)

    by_topic = Sides(
        before=summed(sides.before),
        before_letters=full(letters.before),
        after=summed(sides.after),
        after_letters=full(letters.after),
        quiet=summed(sides.quiet),
        quiet_letters=full(letters.quiet),
        all_letters=letters,
    )
    return _judged(ids.astype(np.int64), by_topic, settings, None)


def _since_set(counted: Counted, version: str, inside: NDArray[np.bool_]) -> tuple[int, int] | None:
    letters = counted.letters_of(version, "since_set")
    if not letters:
        return None
    return int(counted.reports_of(version, "since_set")[inside].sum()), letters


def _dispersion(one: Asked, counted: Counted, chosen: NDArray[np.bool_]) -> float | None:
    names = [f"week {at}" for at in range(len(one.weeks))]
    if len(names) < FEWEST_WEEKS:
        return None
    reports = np.stack([counted.reports_of(one.version, name)[chosen] for name in names], axis=1)
    if reports.sum() < FEWEST_REPORTS:
        return None
    return dispersion(reports, [counted.letters_of(one.version, name) for name in names])


def _missing(one: Asked, sides: Sides, inside: NDArray[np.bool_]) -> str:
    letters = sides.all_letters
    named = one.run.retraining_set if one.run is not None else ""
    if named and one.chosen is None:
        return f"No retraining set of the name {named} is known here."
    if not letters.before:
        return "No letters of the versions before it are counted: there is nothing to compare with."
    if not letters.after:
        return "None of its letters is old enough: reports about them may still come."
    if one.chosen is not None and not inside.any():
        return "None of the set's groups has a report."
    return ""
