"""Score distributions that need no classifier: a bell for each class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stats.scores import ALL_BINS


@dataclass(frozen=True)
class Bell:
    """What `db.demo.classifier.class_scores` returns, made up; centres and widths in bins."""

    centres: tuple[float, float] = (19.0, -25.0)
    widths: tuple[float, float] = (12.0, 14.0)

    def _shares(self, which: int) -> NDArray[np.float64]:
        density = np.exp(-0.5 * ((ALL_BINS - self.centres[which]) / self.widths[which]) ** 2)
        return np.asarray(density / density.sum())

    @property
    def positive(self) -> NDArray[np.float64]:
        return self._shares(0)

    @property
    def negative(self) -> NDArray[np.float64]:
        return self._shares(1)
