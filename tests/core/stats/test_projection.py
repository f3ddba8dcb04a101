"""How errors shrink as days are added."""

import numpy as np
import pytest

from core.stats.projection import projected_errors


def test_twice_the_exposure_has_half_the_variance():
    errors = projected_errors(0.02, [10.0] * 7, 21)
    assert errors[6] == pytest.approx(0.02 / 2**0.5)
    assert errors[20] == pytest.approx(0.01)
    assert (np.diff(errors) < 0).all()


def test_the_pace_is_that_of_the_newest_days():
    entering = [100.0, 1.0, 1.0, 1.0]
    slow = projected_errors(0.02, entering, 10, pace_days=3)
    hopeful = projected_errors(0.02, entering, 10, pace_days=4)
    assert slow[9] == pytest.approx(0.02 * (103 / 113) ** 0.5)
    assert hopeful[9] < slow[9]


@pytest.mark.parametrize("daily", [[], [0.0, 0.0], [[1.0, 2.0]]])
def test_what_holds_nothing_is_refused(daily: list[float]):
    with pytest.raises(ValueError, match="daily == "):
        projected_errors(0.02, daily, 3)
