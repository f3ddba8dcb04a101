"""Training runs as they stood at a moment, and how many letters each of them counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from core.ports import TrainingRun


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A training run as of a moment; its letters are those known now.

    Attributes:
        status: 'running', 'succeeded' or 'failed' at that moment: a run that ended later was
            running then.
        ended_at: when it ended, None while it runs. Where a run has ended and nobody wrote when,
            its start stands for its end.
    """

    run: TrainingRun
    status: str
    ended_at: datetime | None

    @property
    def letters(self) -> int:
        """Letters trained on that are deduplicated and anonymised: the smaller of both counts.

        A model trained on more letters than were anonymised has seen raw letters, or letters more
        than once; neither adds to what was promised.
        """
        return min(self.run.letters_trained, self.run.letters_anonymised)

    @property
    def deduplicated_share(self) -> Fraction | None:
        """Of the raw letters, those left without duplicates; None without letters."""
        return _share(self.run.letters_deduplicated, self.run.letters_raw)

    @property
    def anonymised_share(self) -> Fraction | None:
        """Of the deduplicated letters, those that could be anonymised; None without letters."""
        return _share(self.run.letters_anonymised, self.run.letters_deduplicated)

    @property
    def trained_share(self) -> Fraction | None:
        """Letters trained on, of the anonymised ones; above 1 where others went in as well."""
        return _share(self.run.letters_trained, self.run.letters_anonymised)


def seen_at(runs: Iterable[TrainingRun], as_of: datetime) -> tuple[SeenRun, ...]:
    """The runs that had begun before a moment, as they stood at it, oldest first."""
    begun = sorted(
        (run for run in runs if run.started_at < as_of),
        key=lambda run: (run.started_at, run.run_id),
    )
    return tuple(_seen(run, as_of) for run in begun)


def succeeded(runs: Sequence[SeenRun]) -> tuple[SeenRun, ...]:
    """The runs that succeeded, in the order in which they ended: the last is the newest model."""
    found = [one for one in runs if one.status == "succeeded"]
    return tuple(sorted(found, key=_ended))


def _seen(run: TrainingRun, as_of: datetime) -> SeenRun:
    if run.status == "running" or (run.finished_at is not None and run.finished_at > as_of):
        return SeenRun(run, "running", None)
    return SeenRun(run, run.status, run.finished_at or run.started_at)


def _ended(one: SeenRun) -> tuple[datetime, datetime, str]:
    return one.ended_at or one.run.started_at, one.run.started_at, one.run.run_id


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole > 0 else None
