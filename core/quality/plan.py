"""Which score bands to label next, how many labels, and what that would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.quality.bands import Bands, bands
from core.quality.cells import Tables
from core.quality.settings import Settings
from core.stats import allocation
from core.stats.scores import BINS, LOWEST_BIN, lower_edge
from core.stats.stratified import Strata, point

#: What a plan suggests where no number of labels settles the verdict, or none is needed.
USUAL = 1_000
#: Budgets of further labels whose gain is told.
BUDGETS = (500, 1_000, 2_000, 5_000, 10_000)
#: More labels than this nobody gives within a window.
AT_MOST = 200_000
#: Nearer to its target than this, a share is not told from it with any number of labels.
CLOSEST = 0.0005


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One score band of one decision.

    Attributes:
        decision: what was decided about these letters.
        score_from: the band's lowest score.
        score_to: its upper edge, which belongs to the next band.
        letters: letters of the window in it.
        labels: labels it has.
        more: labels to add.
        inclusion_probability: with which each of as many letters is to be drawn for that.
    """

    decision: bool
    score_from: float
    score_to: float
    letters: int
    labels: int
    more: int
    inclusion_probability: float


@dataclass(frozen=True, slots=True)
class Gain:
    """What further labels would bring, if the present estimates are true.

    Attributes:
        more: further labels, placed as the plan places them.
        precision: half the width of the interval then.
        recall: likewise.
    """

    more: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class LabelPlan:
    """A plan for the labels of one model version.

    Attributes:
        version: whose letters to label.
        settles: further labels after which both targets are decided, if the present estimates are
            true; 0 where they are, None where no reasonable number does.
        suggested: the number that the rows add up to.
        rows: bands by decision and score, highest first.
        gains: what budgets would bring; the first is the present state.
    """

    version: str
    settles: int | None
    suggested: int
    rows: tuple[PlanRow, ...]
    gains: tuple[Gain, ...]


def label_plan(version: str, tables: Tables, settings: Settings) -> LabelPlan | None:
    """Plan further labels of a version; None where there is nothing to plan with.

    Args:
        version: its name.
        tables: its letters and labels, leading axes (1, 1).
        settings: targets and confidence.
    """
    cut = bands(tables)
    strata = _only(cut.strata)
    if not strata.labelled.any():
        return None
    settles = labels_to_settle(cut.strata, settings)
    suggested = settles or USUAL
    sharp = _distances(strata, settings)
    more = allocation.extend(strata, suggested, half_widths=sharp)
    gains = _gains(strata, sharp, settings)
    return LabelPlan(
        version, settles, int(more.sum()), _rows(tables, cut, strata, more.tolist()), gains
    )


def labels_to_settle(strata: Strata, settings: Settings) -> int | None:
    """Further labels after which both targets are decided, if the present estimates are true.

    Args:
        strata: of one slice, shape (1, h).
        settings: targets and confidence.

    Returns:
        0 where they are decided, None where no reasonable number does it.
    """
    only = _only(strata)
    return allocation.labels_to_settle(
        only,
        settings.precision,
        settings.recall,
        settings.confidence,
        AT_MOST,
        half_widths=_distances(only, settings),
    )


def _distances(strata: Strata, settings: Settings) -> tuple[float, float]:
    """How far precision and recall are from their targets: how sharp each has to be told."""
    found = point(strata)
    measured = ((found.precision, settings.precision), (found.recall, settings.recall))
    precision, recall = (
        CLOSEST if np.isnan(value) else max(abs(float(value) - target), CLOSEST)
        for value, target in measured
    )
    return precision, recall


def _gains(strata: Strata, sharp: tuple[float, float], settings: Settings) -> tuple[Gain, ...]:
    budgets = (0, *BUDGETS)
    more = [allocation.extend(strata, budget, half_widths=sharp) for budget in budgets]
    labels = np.stack([strata.labels + part for part in more])
    precision, recall = allocation.half_widths(strata, labels, settings.confidence)
    return tuple(
        Gain(budget, float(precision[at]), float(recall[at])) for at, budget in enumerate(budgets)
    )


def _rows(tables: Tables, cut: Bands, strata: Strata, more: Sequence[int]) -> tuple[PlanRow, ...]:
    rows = []
    for at in range(strata.letters.shape[-1]):
        places = np.argwhere(cut.place[0, 0] == at)
        if not places.size:
            continue
        decision, bins = bool(places[0, 0]), places[:, 1]
        letters = int(strata.letters[at])
        rows.append(
            PlanRow(
                decision,
                lower_edge(int(bins.min()) + LOWEST_BIN),
                1.0 if bins.max() == BINS - 1 else lower_edge(int(bins.max()) + 1 + LOWEST_BIN),
                letters,
                int(strata.counted[at]),
                more[at],
                min(more[at] / letters, 1.0) if letters else 0.0,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.decision, row.score_from), reverse=True))


def _only(strata: Strata) -> Strata:
    """The one slice of a batch of one."""
    return Strata(
        strata.letters[0],
        strata.labels[0],
        strata.positives[0],
        strata.decided[0],
        strata.counted[0],
    )
