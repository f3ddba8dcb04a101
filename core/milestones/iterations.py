"""The turns of an MVP: a slice of data, a model, a measured difference.

Not the ideal storage, then the ideal cluster, then a record: a slice of the letters, a model
trained on it, and a difference to today's solution that is measured. A turn without a measured
result by the middle of its time is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction

from core.ports.plan import Iteration
from core.quality import QualityReport
from core.quality.comparison import differences
from core.status import Estimate
from core.training import SeenRun, TrainingReport


class Turn(Enum):
    """Where an iteration stands, with a word and an icon."""

    AHEAD = ("ahead", "schedule")
    UNDER_WAY = ("under way", "play_circle")
    NO_RESULT = ("no result by the middle of its time", "warning")
    OVER_WITHOUT = ("over without a result", "error")
    MEASURED = ("measured", "check_circle")

    def __init__(self, word: str, icon: str) -> None:
        self.word = word
        self.icon = icon


@dataclass(frozen=True, slots=True)
class Result:
    """A measured difference, the new model less today's.

    Attributes:
        delta: of 1; without an interval where it was measured elsewhere.
        source: on what it was measured: data where it was recorded.
        recorded: it was written down by somebody, not taken from the labels in this store.
    """

    delta: Estimate
    source: str
    recorded: bool


@dataclass(frozen=True, slots=True)
class IterationView:
    """A turn with what was trained and measured.

    Attributes:
        run: the newest training run of its model; None where there is none.
        midpoint: the middle of its time: from the day after, no result is a warning.
        result: None where nothing has been measured yet.
    """

    iteration: Iteration
    turn: Turn
    run: SeenRun | None
    midpoint: date
    result: Result | None

    @property
    def letters(self) -> int | None:
        """Deduplicated, anonymised letters of the run, once it has succeeded."""
        if self.run is None or self.run.status != "succeeded":
            return None
        return self.run.letters

    @property
    def warns(self) -> bool:
        """Whether the time for a result is over."""
        return self.turn in {Turn.NO_RESULT, Turn.OVER_WITHOUT}

    @property
    def kept(self) -> bool | None:
        """Whether the difference is what was hoped for; None before it is measured."""
        if self.result is None or self.result.delta.value is None:
            return None
        return bool(self.result.delta.value >= Fraction(self.iteration.wanted_delta))


def iteration_view(
    iteration: Iteration,
    today: date,
    training: TrainingReport | None,
    quality: QualityReport | None,
) -> IterationView:
    """Put a turn together.

    Args:
        iteration: as it is planned.
        today: the day.
        training: where its run is looked for; None where training is not looked at.
        quality: where both of its models are looked for; None where labels are not looked at.
    """
    midpoint = iteration.starts_on + (iteration.ends_on - iteration.starts_on) // 2
    result = _from_labels(iteration, quality) or _recorded(iteration, today)
    return IterationView(
        iteration, _turn(iteration, midpoint, result, today), _run(iteration, training), midpoint,
        result,
    )  # fmt: skip


def _turn(iteration: Iteration, midpoint: date, result: Result | None, today: date) -> Turn:
    if result is not None:
        return Turn.MEASURED
    if today > iteration.ends_on:
        return Turn.OVER_WITHOUT
    if today > midpoint:
        return Turn.NO_RESULT
    return Turn.AHEAD if today < iteration.starts_on else Turn.UNDER_WAY


def _run(iteration: Iteration, training: TrainingReport | None) -> SeenRun | None:
    of_model = [
        seen
        for seen in (training.runs if training is not None else ())
        if seen.run.model_version == iteration.model_version
    ]
    succeeded = [seen for seen in of_model if seen.status == "succeeded"]
    return next(iter(reversed(succeeded or of_model)), None)


def _from_labels(iteration: Iteration, quality: QualityReport | None) -> Result | None:
    slices = {} if quality is None else {one.key: one for one in quality.by_version}
    new, old = slices.get(iteration.model_version), slices.get(iteration.against_version)
    if new is None or old is None or quality is None:
        return None
    found = {one.measure: one.estimate for one in differences(old, new)}
    delta = found.get(iteration.measure)
    if delta is None or delta.value is None:
        return None
    source = f"labels of both models, {quality.window.last}"
    return Result(delta, source, recorded=False)


def _recorded(iteration: Iteration, today: date) -> Result | None:
    if iteration.result_delta is None or iteration.result_on is None:
        return None
    if iteration.result_on > today:
        return None
    # Exact: in floats, 0.03 is less than 0.03.
    delta = Fraction(iteration.result_delta)
    return Result(Estimate(delta, None, None, 0), iteration.result_source, recorded=True)
