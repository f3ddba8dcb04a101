"""What the always-valid band is tuned for."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from core.experiment.metrics import METRICS, PER_LETTER
from core.experiment.planned import PlannedError, planned_error
from core.experiment.timeline import timeline
from core.ports import ExperimentDefinition
from core.ports.experiment import SUMS
from core.stats.ratio import lifts, ratios
from tests.fakes import SERVICE
from tests.fakes_experiment import EXPERIMENT, FakeExperimentReader, World, day, defined, on_day

WORLD = World()
ROWS = WORLD.rows(12)


def planned(
    days: int,
    definition: ExperimentDefinition | None = None,
    *,
    metric: str = PER_LETTER.name,
    frozen: bool = True,
) -> PlannedError:
    found = FakeExperimentReader(ROWS).days(SERVICE, EXPERIMENT, day(1), day(days))
    line = timeline(found, definition or defined())
    return planned_error(
        METRICS[metric],
        line,
        line.cumulative(),
        (0, 1),
        definition or defined(),
        after=7,
        frozen=frozen,
    )


def test_it_is_projected_from_the_first_week_to_the_planned_end():
    found = planned(9)
    sums = FakeExperimentReader(ROWS).days(SERVICE, EXPERIMENT, day(1), day(7)).sums
    at, under = SUMS.index("complaints"), SUMS.index("letters")
    total = sums.sum(axis=0)
    sides = [ratios(total[arm, :, at], total[arm, :, under]) for arm in (0, 1)]
    error = float(lifts(*sides).error)
    letters = sums[..., under].sum(axis=(1, 2))
    exposed = letters.sum() + 21 * letters[-3:].mean()
    assert found.value == pytest.approx(error * np.sqrt(letters.sum() / exposed), rel=1e-12)
    assert (found.source, found.known_from) == ("projected", 6)


def test_more_days_change_nothing():
    assert planned(7) == planned(9) == planned(12)


def test_a_longer_plan_is_tuned_for_a_smaller_error():
    longer = planned(9, defined(planned_days=56)).value
    assert longer is not None
    assert longer < (planned(9).value or 0)


def test_a_plan_of_the_week_itself_is_tuned_for_its_own_error():
    week = planned(9, defined(minimum_days=7, planned_days=7)).value
    assert week is not None
    assert week > (planned(9).value or 1)


def test_a_frozen_value_is_the_primary_metrics_and_nobody_elses():
    moment: datetime = on_day(1)
    frozen = defined(s_plan=0.01, assumption="as in spring", frozen_by="Анна", frozen_at=moment)
    found = planned(3, frozen)
    assert (found.value, found.source, found.known_from) == (0.01, "frozen", 0)
    assert "frozen by Анна on 1 June: as in spring" in found.sentence
    assert planned(3, frozen, metric="sessions_per_user", frozen=False).value is None
    assert planned(9, frozen, metric="sessions_per_user", frozen=False).source == "projected"


def test_before_a_week_it_says_what_is_missing():
    found = planned(5)
    assert found.value is None
    assert found.sentence.endswith("projected: two days more.")
