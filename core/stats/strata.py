"""What is known of each stratum: letters that are all counted, labels of some of them.

A stratum holds letters of one model version, one decision and neighbouring score bins, of which a
known number were labelled.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Kish's effective number may differ from the count by this much, relatively, by rounding alone.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """What is known of each stratum; leading axes are independent slices.

    Arrays are of shape (..., h) and broadcast against each other. An entry without letters is
    padding and contributes nothing.

    Attributes:
        letters: N, letters of the population.
        labels: n, the effective number of labels: the count where all letters of the stratum had
            the same chance to be labelled, Kish's (sum w)^2 / sum w^2 where they had not.
        positives: k = q n, with q the (weighted) share of positive labels.
        decided: True where the letters were decided positive.
        counted: the number of labels.
    """

    letters: Floats
    labels: Floats
    positives: Floats
    decided: NDArray[np.bool_]
    counted: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Turn what was given into arrays, and refuse what no sample can be."""
        for name, kind in (
            ("letters", np.float64),
            ("labels", np.float64),
            ("positives", np.float64),
            ("decided", np.bool_),
            ("counted", np.int64),
        ):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=kind))
        for name in ("letters", "labels", "positives", "counted"):
            values = getattr(self, name)
            if values.size and not (np.isfinite(values).all() and values.min() >= 0):
                raise ValueError(f"{name} must be finite and not negative")
        if not self.shape:
            raise ValueError("letters.shape == (), must have an axis of strata")
        if np.any(self.positives > self.labels):
            raise ValueError("positives must be at most labels")

    @property
    def shape(self) -> tuple[int, ...]:
        """The common shape (..., h)."""
        return np.broadcast_shapes(*(getattr(self, field.name).shape for field in fields(self)))

    def broadcast(self) -> Strata:
        """The same, every array of the common shape."""
        shape = self.shape
        return Strata(*(np.broadcast_to(getattr(self, each.name), shape) for each in fields(self)))

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Where there are letters and labels for them."""
        return np.asarray((self.labels > 0) & (self.letters > 0))

    @property
    def share(self) -> Floats:
        """q, the share of positive labels; 0 where there is no label."""
        return np.asarray(self.positives / np.where(self.labels > 0, self.labels, 1))

    @property
    def smoothed(self) -> Floats:
        """Jeffreys' share (k + 1/2) / (n + 1), which is never 0 or 1."""
        return np.asarray((self.positives + 0.5) / (self.labels + 1))

    @property
    def unsampled(self) -> Floats:
        """The finite population correction 1 - n/N; 0 where as many labels as letters are known."""
        return np.clip(1 - self.labels / np.where(self.letters > 0, self.letters, 1), 0, None)


def from_weights(  # noqa: PLR0917 - columns of one table, in its order
    letters: ArrayLike,
    labels: ArrayLike,
    weight: ArrayLike,
    weight_squared: ArrayLike,
    weight_positive: ArrayLike,
    decided: ArrayLike,
) -> Strata:
    """Strata whose labels have inclusion probabilities of their own (Hajek 1971, Kish 1965).

    With w = 1 / inclusion probability, q = sum w y / sum w and n = (sum w)^2 / sum w^2. Where
    all w of a stratum are equal, n and k are exactly the counts.

    Args:
        letters: N, shape (..., h), as all of these.
        labels: the number of labels.
        weight: sum of w over the labels.
        weight_squared: sum of w^2.
        weight_positive: sum of w over the positive labels.
        decided: True where the letters were decided positive.

    >>> equal = from_weights([900], [3], [0.3], [0.03], [0.1], [True])
    >>> equal.labels.tolist(), equal.positives.tolist()
    ([3.0], [1.0])
    >>> from_weights([900], [2], [400], [100_000], [300], [True]).labels.tolist()
    [1.6]
    """
    count = np.asarray(labels, dtype=np.float64)
    total = np.asarray(weight, dtype=np.float64)
    if np.any((count > 0) & ~(total > 0)):
        raise ValueError("weight must be positive where there are labels")
    squared = np.asarray(weight_squared, dtype=np.float64)
    safe = np.where(count > 0, total, 1)
    kish = np.where(count > 0, safe**2 / np.where(count > 0, squared, 1), 0)
    alike = np.abs(kish - count) <= ROUNDING * count
    effective = np.where(alike, count, np.minimum(kish, count))
    share = np.clip(np.asarray(weight_positive, dtype=np.float64) / safe, 0, 1)
    # Weights that are nearly alike leave a share that no count has: it is not rounded away.
    weighed = share * effective
    counted = alike & (np.abs(weighed - np.rint(weighed)) <= ROUNDING * count)
    positives = np.where(counted, np.rint(weighed), weighed)
    return Strata(
        np.asarray(letters, dtype=np.float64),
        effective,
        np.where(count > 0, positives, 0),
        np.asarray(decided, dtype=np.bool_),
        np.rint(count).astype(np.int64),
    )


def stacked(slices: list[Strata]) -> Strata:
    """Slices of shape (h_i,) as one of shape (slices, h), the shorter ones padded.

    >>> one = Strata([5], [1], [1], [True], [1])
    >>> two = Strata([5, 7], [1, 0], [1, 0], [True, False], [1, 0])
    >>> stacked([one, two]).letters.tolist()
    [[5.0, 0.0], [5.0, 7.0]]
    """
    longest = max((part.shape[-1] for part in slices), default=0)

    def column(name: str) -> NDArray[np.generic]:
        arrays = [getattr(part.broadcast(), name) for part in slices]
        return np.stack([np.pad(array, (0, longest - len(array))) for array in arrays])

    return Strata(*(column(field.name) for field in fields(Strata)))  # type: ignore[arg-type]
