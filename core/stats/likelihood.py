"""Profile likelihood bounds of ratios of sums over strata, many slices at once.

The labels of stratum h are k_h positive of n_h; its share q_h is unknown. The shares that the data
do not refute are those whose likelihood ratio D(q) = 2 sum [k log(q^/q) + (n-k) log((1-q^)/(1-q))]
is at most z^2 (Owen 1990, Annals of Statistics 18, 90-120, for the profile; Wilks for z^2). They
are a convex set, and the bound of a measure is its extreme over that set. Two facts make this two
nested one-dimensional searches, both safe:

- The extreme of a linear sum c_h q_h lies where each q_h solves a q^2 - (n + a) q + k = 0 with
  a = lambda c_h, for the one lambda > 0 with D = z^2. D is increasing and convex in log lambda.
- A ratio exceeds r where sum (top - r bottom) q does. Taking r from the extreme of that sum, again
  and again, converges monotonically and faster than linearly (Dinkelbach 1967, Management Science
  13, 492-498).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: D is solved to this relative precision, and an interval's width thereby to half of it.
PRECISION = 1e-8
#: Ratios are iterated until they move by less: what would move next is of the order of its square.
CLOSE = 1e-6
#: More steps than ever seen; the searches are bracketed, so that they end well without it.
MOST_STEPS = 60
#: A step of log lambda goes at most this far.
LONGEST_STEP = 3.0
#: Stands for zero where it would divide zero.
_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A ratio (top_0 + sum top q) / (bottom_0 + sum bottom q) and the labels behind its shares.

    Attributes:
        top, bottom: coefficients, shape (..., h); 0 where a share is known or is not in it.
        top_0, bottom_0: constants, shape (...).
        n: labels, shape (..., h); 0 where there are none.
        k: positive ones, shape (..., h).
    """

    top: Floats
    bottom: Floats
    top_0: Floats
    bottom_0: Floats
    n: Floats
    k: Floats

    def value(self, q: Floats) -> Floats:
        """The ratio at given shares, shape (...); NaN where its denominator is not positive."""
        top = self.top_0 + (self.top * q).sum(axis=-1)
        bottom = self.bottom_0 + (self.bottom * q).sum(axis=-1)
        return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), np.nan)

    def trimmed(self) -> Ratio:
        """The same without strata that no slice has a coefficient for."""
        leading = tuple(range(self.top.ndim - 1))
        used = ((self.top != 0) | (self.bottom != 0)).any(axis=leading)
        top, bottom, n, k = (each[..., used] for each in (self.top, self.bottom, self.n, self.k))
        return Ratio(top, bottom, self.top_0, self.bottom_0, n, k)


def bound(ratio: Ratio, z: float, sign: Floats) -> Floats:
    """The smallest (sign -1) or largest (sign 1) value that the labels do not refute, shape (...).

    Args:
        ratio: what is bounded.
        z: the normal quantile that the signed root of D is held against.
        sign: shape (...).

    Returns:
        The bound; NaN where the ratio is undefined at the most likely shares.

    For 99 positive labels of 100, against the binomial likelihood by hand:

    >>> one, zero = np.ones(1), np.zeros(())
    >>> precision = Ratio(one, 0 * one, zero, zero + 1, 100 * one, 99 * one)
    >>> low, high = (float(bound(precision, 1.96, zero + sign)) for sign in (-1, 1))
    >>> round(low, 4), round(high, 4)
    (0.9567, 0.9994)
    >>> def distance(q):
    ...     return 2 * (99 * np.log(0.99 / q) + np.log(0.01 / (1 - q)))
    >>> round(float(distance(low)), 4), round(float(distance(high)), 4), round(1.96**2, 4)
    (3.8416, 3.8416, 3.8416)
    """
    ratio = ratio.trimmed()
    found = ratio.value(ratio.k / np.where(ratio.n > 0, ratio.n, 1))
    towards = -np.asarray(sign, dtype=np.float64)[..., None]
    rate = None
    for _ in range(MOST_STEPS):
        level = np.nan_to_num(found)[..., None]
        # The search minimises: for a maximum the signs are turned round.
        cost = towards * (ratio.top - level * ratio.bottom)
        scale = np.abs(cost).max(axis=-1, initial=0.0)[..., None]
        cost = cost / np.where(scale > 0, scale, 1)
        q, rate = _extreme(cost, ratio.n, ratio.k, z, rate)
        following = np.where(np.isnan(found), np.nan, ratio.value(q))
        moving = np.abs(following - found) >= CLOSE
        found = following
        if not moving.any():
            break
    return found


def _extreme(
    cost: Floats, n: Floats, k: Floats, z: float, start: Floats | None
) -> tuple[Floats, Floats]:
    """The shares that minimise sum cost q where D <= z^2, and log lambda."""
    # Where a larger share is cheaper, the share of negative labels is sought: it is to fall too.
    turned = cost < 0
    sinking = _Sinking.of(np.abs(cost), n, np.where(turned, n - k, k))
    target = z * z
    x = sinking.first_guess(z) if start is None else start
    low, high = np.full(x.shape, -np.inf), np.full(x.shape, np.inf)
    for _ in range(MOST_STEPS):
        q, distance, slope = sinking.at(x)
        open_ = sinking.movable & (np.abs(distance - target) > PRECISION * target)
        if not open_.any():
            break
        low, high = np.where(distance < target, x, low), np.where(distance < target, high, x)
        following = _bracketed(x, _step(distance, slope, target), low, high)
        x = np.where(open_, following, x)
    return np.where(turned, 1 - q, q), x


@dataclass(frozen=True, slots=True, eq=False)
class _Sinking:
    """Shares pushed down from where the likelihood has them, all costs at least 0; shape (..., h).

    Attributes:
        cost: of a share.
        n, k, left: labels, those that are counted in the share, and the others.
        none, all: 1 where k or left is 0, else 0: added to what has no logarithm there.
        most: the largest log likelihood, shape (...).
        movable: slices where some share can fall, shape (...).
    """

    cost: Floats
    n: Floats
    k: Floats
    left: Floats
    none: Floats
    all: Floats
    most: Floats
    movable: NDArray[np.bool_]

    @classmethod
    def of(cls, cost: Floats, n: Floats, k: Floats) -> _Sinking:
        share, left = k / np.where(n > 0, n, 1), n - k
        none, every = (k <= 0).astype(np.float64), (left <= 0).astype(np.float64)
        terms = k * np.log(share + none) + left * np.log(np.where(left > 0, 1 - share, 1))
        return cls(
            cost=cost,
            n=n,
            k=k,
            left=left,
            none=none,
            all=every,
            most=np.asarray(terms.sum(axis=-1)),
            movable=np.asarray(((cost > 0) & (k > 0)).any(axis=-1)),
        )

    def first_guess(self, z: float) -> Floats:
        """Log lambda as if shares were normal, with Jeffreys' variance."""
        smooth = (self.k + 0.5) / (self.n + 1)
        spread = self.cost**2 * smooth * (1 - smooth) / np.maximum(self.n, 1)
        total = spread.sum(axis=-1)
        return np.asarray(np.log(z) - 0.5 * np.log(np.where(total > 0, total, 1)))

    def at(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Shares, D and dD/dx at x = log lambda.

        With a = lambda cost, the root of a q^2 - (n + a) q + k = 0 in [0, 1] is written so that
        nothing cancels; dq/da = -q (1 - q) / sqrt((n + a)^2 - 4 a k), so that
        dD/dx = 2 sum a^2 q (1 - q) / sqrt((n + a)^2 - 4 a k).
        """
        a = self.cost * np.exp(x)[..., None]
        root = np.sqrt((self.n - a) ** 2 + 4 * a * self.left)
        q = 2 * self.k / np.maximum(self.n + a + root, _TINY)
        other = 1 - q
        likelihood = self.k * np.log(q + self.none) + self.left * np.log(other + self.all)
        slope = a * a * q * other / np.maximum(root, _TINY)
        return q, 2 * (self.most - likelihood.sum(axis=-1)), 2 * slope.sum(axis=-1)


def _step(distance: Floats, slope: Floats, target: float) -> Floats:
    """Newton's step in log lambda.

    From the right it is taken on D, which is convex in log lambda, from the left on log D, which is
    concave: both approach the root from their own side.
    """
    steep = np.where(slope > 0, slope, 1)
    left = distance * np.log(target / np.where(distance > 0, distance, 1)) / steep
    step = np.where(distance < target, left, (target - distance) / steep)
    # Where nothing moves yet, lambda is doubled.
    step = np.where((slope > 0) & (distance > 0), step, np.log(2))
    return np.clip(step, -LONGEST_STEP, LONGEST_STEP)


def _bracketed(x: Floats, step: Floats, low: Floats, high: Floats) -> Floats:
    """X + step, or the middle of the bracket where the step would leave it."""
    wanted = x + step
    bounded = np.isfinite(low) & np.isfinite(high)
    middle = (np.where(bounded, low, wanted) + np.where(bounded, high, wanted)) / 2
    return np.where((wanted > low) & (wanted < high), wanted, middle)
