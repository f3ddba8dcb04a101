"""What a reader must know before trusting the numbers, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core import wording
from core.quality.bands import FEWEST_LABELS
from core.quality.labels import Labels
from core.quality.slices import SliceQuality
from core.quality.thresholds import Thresholds
from core.stats.stratified import Strata
from core.timeframe import DAY, Span

#: A version with a smaller share of the letters than this does not make the window a mixture.
MIXED = 0.01
#: Letters in bands thinner than FEWEST_LABELS are worth a warning from this share on.
THIN = 0.05
#: Letters without labels in their band are worth a warning from this share on.
UNLABELLED = 0.001
#: Labels that have not come for this many times the usual lag have stopped.
SILENT = 3


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the warnings look at."""

    whole: SliceQuality
    by_version: Sequence[SliceQuality]
    strata: Strata
    labels: Labels
    thresholds: Thresholds
    span: Span
    running: bool
    as_of: datetime


def warnings_about(seen: Seen) -> tuple[str, ...]:
    """Every warning that applies, the gravest first."""
    return tuple(sentence for look in _LOOKS if (sentence := look(seen)))


def _old_labels(seen: Seen) -> str:
    newest = seen.labels.newest
    if seen.labels.count or newest is None:
        return ""
    return (
        f"Every label is older than the window: the newest was given {wording.clock(newest)}, of "
        "a letter scored before it."
    )


def _silent_labellers(seen: Seen) -> str:
    newest, slowest = seen.labels.newest, seen.labels.lag.slowest
    if newest is None or slowest is None or not seen.labels.count:
        return ""
    since = seen.as_of - newest
    if since <= max(SILENT * slowest, DAY):
        return ""
    return f"No label has come for {wording.duration(since)}."


def _unlabelled(seen: Seen) -> str:
    share = seen.whole.unlabelled
    if not seen.labels.count or share < UNLABELLED:
        return ""
    return (
        f"{wording.percent(share, 1, good='low')} of the letters lie in score bands without a "
        "label; the intervals allow for anything there."
    )


def _mixed_versions(seen: Seen) -> str:
    total = sum(each.letters for each in seen.by_version)
    if seen.whole.letters < total:  # narrowed to one of them
        return ""
    mixed = [each for each in seen.by_version if total and each.letters / total >= MIXED]
    if len(mixed) < 2:
        return ""
    shares = [f"{each.key} {wording.percent(each.letters / total, 0)}" for each in mixed]
    return f"The window mixes {wording.listing(shares)}; the table below tells them apart."


def _changed_threshold(seen: Seen) -> str:
    if not seen.thresholds.changed:
        return ""
    return (
        f"The threshold of {seen.thresholds.version} changed inside the window: decisions "
        "overlap. What was decided counts, whatever the threshold was."
    )


def _thin(seen: Seen) -> str:
    strata = seen.strata
    thin = (strata.counted > 0) & (strata.counted < FEWEST_LABELS)
    letters = float(strata.letters.sum())
    share = float((strata.letters * thin).sum()) / letters if letters else 0.0
    if share < THIN:
        return ""
    return (
        f"{wording.percent(share, 0, good='low')} of the letters lie in score bands with fewer "
        f"than {FEWEST_LABELS} labels."
    )


def _strays(seen: Seen) -> str:
    if not seen.labels.strays:
        return ""
    number = wording.whole(seen.labels.strays)
    return (
        f"{number} labels are left out: score_hour counts no letter in their version, decision "
        "and score bin."
    )


def _young(seen: Seen) -> str:
    share = seen.labels.arrived_share
    if share is None or share >= 0.5 or not seen.labels.count:
        return ""
    return (
        f"Only about {wording.percent(share, 0)} of the labels have come: they are mostly of the "
        "window's older letters."
    )


def _running(seen: Seen) -> str:
    return "No hour of scores is over yet: the running one is counted so far." * seen.running


_LOOKS: tuple[Callable[[Seen], str], ...] = (
    _old_labels,
    _silent_labellers,
    _unlabelled,
    _changed_threshold,
    _mixed_versions,
    _young,
    _thin,
    _strays,
    _running,
)
