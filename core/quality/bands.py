"""Strata of slices: score bands of each version and decision, joined until they hold labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.quality.cells import Floats, Tables
from core.stats.stratified import Strata, from_weights, join_bins

#: A band joins its neighbours until it holds this many labels, where it can.
FEWEST_LABELS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """The strata of s slices.

    Attributes:
        strata: shape (s, h), padded with strata without letters.
        place: stratum of each bin, shape (s, versions, 2, 200); -1 where no letter is.
        strays: labels in bins without a letter, which stand for nobody, shape (s,).
    """

    strata: Strata
    place: NDArray[np.int64]
    strays: NDArray[np.int64]

    def summed(self, values: Floats) -> Floats:
        """Sums of values by stratum: from shape (s, versions, 2, 200) to shape (s, h)."""
        return _by_stratum(values, self.place, self.strata.letters.shape[-1])


def bands(tables: Tables) -> Bands:
    """Cut every slice into strata: model version x decision x score band.

    Args:
        tables: leading axes (slices, versions).
    """
    letters, labels = tables.letters, tables.labels
    place = np.full(letters.shape, -1, dtype=np.int64)
    heights = np.zeros(len(letters), dtype=np.int64)
    for at in np.ndindex(*letters.shape[:3]):
        there = np.flatnonzero(letters[at])
        if there.size:
            joined = join_bins(letters[at][there], labels[at][there], FEWEST_LABELS)
            place[at][there] = joined + heights[at[0]]
            heights[at[0]] += int(joined.max()) + 1
    height = max(int(heights.max(initial=0)), 1)

    def summed(values: Floats) -> Floats:
        return _by_stratum(values, place, height)

    decided = np.zeros(letters.shape)
    decided[:, :, 1] = 1
    here = place >= 0
    strata = from_weights(
        summed(letters),
        summed(labels),
        summed(tables.weight),
        summed(tables.weight_squared),
        summed(tables.weight_positive),
        summed(decided * here) > 0,
    )
    strays = np.where(here, 0, labels).sum(axis=(1, 2, 3)).astype(np.int64)
    return Bands(strata, place, strays)


def _by_stratum(values: Floats, place: NDArray[np.int64], height: int) -> Floats:
    slices = place.shape[0]
    slice_of = np.arange(slices)[:, None, None, None]
    here = place >= 0
    flat = np.broadcast_to(slice_of * height, place.shape)[here] + place[here]
    total: Floats = np.bincount(flat, weights=values[here], minlength=slices * height).astype(
        np.float64
    )
    return total.reshape(slices, height)
