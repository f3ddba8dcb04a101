"""What the team's next tasks may take, drawn from what its last ones took.

The logarithms of the ratios of actual to ideal duration are taken to have a mean and a spread that
nobody knows; both are drawn anew for each simulation from what the history leaves open (the
posterior of a normal sample under the prior 1 / sigma^2: Gelman et al., Bayesian Data Analysis,
3rd ed., section 3.2), so that a thin history gives wide dates. The shape is the team's own: around
that mean and spread, the standardised residuals of the history are resampled.

Tasks that are not over are part of the history: they take longer than they have so far. To leave
them out would be to learn from the quick ones alone. Their ratios are drawn in turn with mean and
spread (Gibbs sampling with data augmentation: Tanner and Wong 1987), and those draws are at the
same time what the tasks themselves will have taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from core.milestones.history import Duration

Floats = NDArray[np.float64]

#: Turns of the sampler. It starts at the estimates and forgets them in two or three.
TURNS = 8
#: The least spread of a logarithm: durations are counted in whole days.
LEAST_SPREAD = 0.05
#: Beyond this many standard deviations the tail is drawn from its edge: a double has no further.
_FARTHEST = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Pace:
    """Draws of one history; s simulations.

    Attributes:
        mean: of the logarithms, shape (s,).
        spread: their standard deviation, shape (s,).
        residuals: standardised, of tasks that are over or were drawn to their end, shape (n, s).
        running: the ratios of tasks that are not over, shape (s,) by task id.
    """

    mean: Floats
    spread: Floats
    residuals: Floats
    running: dict[int, Floats]

    def ratios(self, tasks: int, draw: np.random.Generator) -> Floats:
        """Ratios of tasks that have not begun, shape (tasks, s)."""
        count, simulations = self.residuals.shape
        chosen = draw.integers(0, count, (tasks, simulations))
        residuals = np.take_along_axis(self.residuals, chosen, axis=0)
        found: Floats = np.exp(self.mean + self.spread * residuals)
        return found


def paces(history: Sequence[Duration], simulations: int, draw: np.random.Generator) -> Pace:
    """Draw what the history leaves open.

    Args:
        history: at least two tasks that are over.
        simulations: s, how many draws.
        draw: what chance follows from.
    """
    over = np.log([one.worked for one in history if one.over])
    open_ones = [one for one in history if not one.over]
    bounds = np.log([one.worked for one in open_ones])[:, None]
    count = over.size + len(open_ones)
    mean = np.full(simulations, over.mean())
    spread = np.full(simulations, max(float(over.std(ddof=1)), LEAST_SPREAD))
    settled = np.repeat(over[:, None], simulations, axis=1)
    drawn: Floats = np.empty((0, simulations))
    for _ in range(TURNS if open_ones else 1):
        drawn = _beyond(bounds, mean, spread, draw) if open_ones else drawn
        every = np.concatenate([settled, drawn])
        squares = np.maximum(every.var(axis=0), LEAST_SPREAD**2) * count
        spread = np.sqrt(squares / draw.chisquare(count - 1, simulations))
        mean = every.mean(axis=0) + spread / np.sqrt(count) * draw.standard_normal(simulations)
    centred = every - every.mean(axis=0)
    residuals = centred / np.maximum(every.std(axis=0), LEAST_SPREAD)
    running = {one.task_id: np.exp(row) for one, row in zip(open_ones, drawn, strict=True)}
    return Pace(mean, spread, residuals, running)


def _beyond(bounds: Floats, mean: Floats, spread: Floats, draw: np.random.Generator) -> Floats:
    """Normal draws above bounds, by the inverse of the upper tail."""
    edge = np.minimum((bounds - mean) / spread, _FARTHEST)
    tail = ndtr(-edge) * (1 - draw.random(edge.shape))
    found: Floats = np.maximum(mean - spread * ndtri(tail), bounds)
    return found
