"""The area in one line for the overview: what waits, and what the newest retraining mended."""

from __future__ import annotations

from dataclasses import dataclass

from core.false_reports import sentences
from core.false_reports.fate import Fate
from core.false_reports.report import FalseReportsReport


@dataclass(frozen=True, slots=True)
class Summary:
    """What the overview says of the area.

    Attributes:
        sentence: what waits.
        waiting: groups that somebody has to look at.
        after: what became of the newest retraining set's groups; '' where none was released.
        fixed: of its groups, those that are fixed; None where none was released.
        groups: of that set; None likewise.
        stale: reports may be missing.
    """

    sentence: str
    waiting: int
    after: str
    fixed: int | None
    groups: int | None
    stale: bool


def overview(found: FalseReportsReport) -> Summary:
    """The area in one line."""
    newest = found.retrained
    return Summary(
        sentence=sentences.headline(found),
        waiting=found.waiting.groups,
        after="" if newest is None else sentences.after_sentence(newest),
        fixed=None if newest is None else newest.known.fates.count(Fate.FIXED),
        groups=None if newest is None else newest.known.ids.size,
        stale=found.freshness.stale,
    )
