"""The simulated A/B test of the newsletters folder: sums by hash bucket, for every dimension.

Users of a bucket differ, and they are the same users every day, so a bucket has traits of its own
(how many letters, complaints, sessions) on top of each day's chance. Those of the 28 days before
the test are alike, not equal: moods change.

Treatment moves newsletters to a folder. Newsletters cause part of the complaints; the classifier
catches `recall` of them; in the folder people complain about few of what is left. That product is
the true lift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from db.demo.newsletters import story
from db.demo.newsletters.columns import Columns, joined, picked
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.population import TRUE_RECALL
from db.demo.newsletters.story import EXPERIMENT, EXPERIMENT_DAYS, SERVICE, Scenario

Floats = NDArray[np.float64]

VARIANTS = ("control", "treatment")
BUCKETS = 500
PLATFORMS = ("web", "mobile")
PLATFORM_SHARES: Floats = np.array([0.42, 0.58])
WEEKS = EXPERIMENT_DAYS // 7

#: Share of the complaints that newsletters in the Inbox cause, by platform.
NEWSLETTER_COMPLAINTS: Floats = np.array([0.0895, 0.1135])
#: A newsletter in the folder draws this share of the complaints that it would draw in the Inbox.
FOLDER_COMPLAINTS = 0.10
#: True lifts of treatment that do not come from the classifier: people unsubscribe from what they
#: find in the folder, open it now and then, and are done sooner.
LETTERS_LIFT, SESSIONS_LIFT, SECONDS_LIFT, REVENUE_LIFT = -0.004, 0.002, -0.012, -0.001

#: Users of a variant that could be exposed, and the share of them first seen on each day of the
#: test.
USERS = 5_000_000
FIRST_SEEN: Floats = np.array([0.46, *(0.155 * 0.71 ** np.arange(EXPERIMENT_DAYS - 1))])
#: Chance that a user is seen on a day, by the week of first exposure: who comes late comes seldom.
SEEN: Floats = np.array([0.62, 0.30, 0.24, 0.20])
WEEK_CYCLE: Floats = np.array([1.03, 1.04, 1.03, 1.03, 1.01, 0.94, 0.92])
LETTERS_PER_DAY = 25.0
COMPLAINTS_PER_LETTER: Floats = np.array([1.2e-4, 0.85e-4])
SESSIONS_PER_DAY: Floats = np.array([1.9, 2.9])
SECONDS_PER_SESSION: Floats = np.array([260.0, 95.0])
REVENUE_PER_DAY: Floats = np.array([1.1, 0.7])

#: Relative spread between buckets of lasting traits: letters, complaints per letter, sessions,
#: session time, revenue; and how much of each a bucket already had before the test (correlation).
TRAITS: Floats = np.array([0.035, 0.050, 0.025, 0.020, 0.060])
LASTING = 0.6
#: Relative spread of a bucket's complaints from day to day beyond Poisson: campaigns hit some
#: users.
DAILY_SPREAD = 0.10

_COUNTS = (
    "new_users",
    "active_users",
    "letters",
    "complaints",
    "sessions",
    "session_seconds",
    "revenue",
)


def lifts() -> Floats:
    """True lift of complaints per letter by platform, shape (2,)."""
    return -NEWSLETTER_COMPLAINTS * TRUE_RECALL * (1 - FOLDER_COMPLAINTS)


def lift() -> float:
    """True lift of complaints per letter over all users.

    >>> round(lift(), 4)
    -0.0649
    """
    weight = PLATFORM_SHARES * COMPLAINTS_PER_LETTER
    return float((lifts() * weight).sum() / weight.sum())


def first_day(scenario: Scenario) -> date:
    """The first day of the test."""
    return scenario.midnight(story.EXPERIMENT_DAYS_AGO).date()


def day(scenario: Scenario, number: int) -> Columns:
    """Rows of metrics.experiment_bucket_day of one day of the test, both variants, every dimension.

    Args:
        scenario: whose.
        number: the day of the test, 0 the first.

    Raises:
        ValueError: the test has no such day.
    """
    if not 0 <= number < EXPERIMENT_DAYS:
        raise ValueError(f"number == {number}, must lie in 0..{EXPERIMENT_DAYS - 1}")
    return joined(
        [
            part
            for variant in range(len(VARIANTS))
            for part in _cuts(scenario, number, variant, _sums(scenario, number, variant))
        ]
    )


def history(scenario: Scenario, days: range) -> Columns:
    """Rows of several days in the order of their key, which keeps its index half as large.

    Raises:
        ValueError: there are no days, or the test has no such day.
    """
    rows = joined([day(scenario, number) for number in days])
    return picked(rows, np.lexsort((rows["bucket"], rows["day"], *_codes(rows))))


def _codes(rows: Columns) -> list[NDArray[np.int64]]:
    """Texts of the key as numbers that sort alike, the least significant first."""
    return [
        np.unique(rows[name].astype(str), return_inverse=True)[1]
        for name in ("value", "dimension", "variant")
    ]


def before(scenario: Scenario) -> Columns:
    """Rows of metrics.experiment_bucket_before: each variant's users in the 28 days before."""
    return joined([_before(scenario, variant) for variant in range(len(VARIANTS))])


@dataclass(frozen=True, eq=False)
class _Buckets:
    """A variant's buckets: users, (500,), and factors of their traits by trait, (5, 500)."""

    users: Floats
    during: Floats
    earlier: Floats


def _buckets(scenario: Scenario, variant: int) -> _Buckets:
    draw = generator(scenario.seed, Stream.USERS, variant)
    users = draw.poisson(USERS / BUCKETS, BUCKETS).astype(np.float64)
    trait = draw.standard_normal((len(TRAITS), BUCKETS))
    other = draw.standard_normal((len(TRAITS), BUCKETS))
    past = LASTING * trait + np.sqrt(1 - LASTING**2) * other
    return _Buckets(users, _factors(trait), _factors(past))


def _factors(normal: Floats) -> Floats:
    spread = TRAITS[:, None]
    return np.asarray(np.exp(spread * normal - spread**2 / 2))


def _sums(scenario: Scenario, number: int, variant: int) -> NDArray[np.int64]:
    """The seven counts by platform, week of first exposure and bucket, shape (7, 2, 4, 500)."""
    draw = generator(scenario.seed, Stream.EXPERIMENT, variant, number)
    buckets = _buckets(scenario, variant)
    week = number // 7
    new = np.zeros((len(PLATFORMS), WEEKS, BUCKETS), dtype=np.int64)
    new[:, week] = draw.poisson(
        PLATFORM_SHARES[:, None] * buckets.users[None, :] * FIRST_SEEN[number]
    )
    earlier = np.zeros(WEEKS)
    for past in range(number):
        earlier[past // 7] += FIRST_SEEN[past]
    weekday = (first_day(scenario) + timedelta(days=number)).weekday()
    known = PLATFORM_SHARES[:, None, None] * earlier[None, :, None] * buckets.users[None, None, :]
    again = draw.poisson(known * SEEN[None, :, None] * WEEK_CYCLE[weekday])
    active = new + again
    treated = float(variant == VARIANTS.index("treatment"))
    trait = buckets.during[:, None, None, :]

    mean = active * LETTERS_PER_DAY * trait[0] * (1 + treated * LETTERS_LIFT)
    letters = _near(draw, mean, 1.6)
    rate = COMPLAINTS_PER_LETTER * (1 + treated * lifts())
    daily = np.exp(DAILY_SPREAD * draw.standard_normal(BUCKETS) - DAILY_SPREAD**2 / 2)
    complaints = draw.poisson(letters * rate[:, None, None] * trait[1] * daily)
    mean = active * SESSIONS_PER_DAY[:, None, None] * trait[2] * (1 + treated * SESSIONS_LIFT)
    sessions = np.maximum(_near(draw, mean, 1.3), active)
    mean = sessions * SECONDS_PER_SESSION[:, None, None] * trait[3] * (1 + treated * SECONDS_LIFT)
    seconds = _near(draw, mean, 22.0)
    mean = active * REVENUE_PER_DAY[:, None, None] * trait[4] * (1 + treated * REVENUE_LIFT)
    revenue = _near(draw, mean, 4.0)
    return np.stack([new, active, letters, complaints, sessions, seconds, revenue])


def _near(draw: np.random.Generator, mean: Floats, spread: float) -> NDArray[np.int64]:
    """Whole numbers around a mean whose deviation is spread * sqrt(mean); 0 where the mean is 0."""
    noise = spread * np.sqrt(mean) * draw.standard_normal(mean.shape)
    return np.asarray(np.rint(np.maximum(mean + noise, 0)).astype(np.int64))


def _cuts(
    scenario: Scenario, number: int, variant: int, sums: NDArray[np.int64]
) -> Iterator[Columns]:
    """The day's rows: all users, by platform, and by week of first exposure so far."""
    day_of = first_day(scenario) + timedelta(days=number)
    yield _rows(day_of, variant, "all", "all", sums.sum(axis=(1, 2)))
    for at, platform in enumerate(PLATFORMS):
        yield _rows(day_of, variant, "platform", platform, sums[:, at].sum(axis=1))
    for week in range(number // 7 + 1):
        cut = sums[:, :, week].sum(axis=1)
        yield _rows(day_of, variant, "exposure_week", f"{week + 1}", cut)


def _rows(
    day_of: date, variant: int, dimension: str, value: str, counts: NDArray[np.int64]
) -> Columns:
    whole: dict[str, NDArray[np.int64]] = dict(zip(_COUNTS, counts, strict=True))
    return {
        "service": SERVICE,
        "experiment": EXPERIMENT,
        "variant": np.full(BUCKETS, VARIANTS[variant], dtype=object),
        "dimension": np.full(BUCKETS, dimension, dtype=object),
        "value": np.full(BUCKETS, value, dtype=object),
        "day": np.full(BUCKETS, np.datetime64(day_of, "D")),
        "bucket": np.arange(BUCKETS, dtype=np.int16),
        **whole,
        "session_seconds": whole["session_seconds"].astype(np.float64),
        "revenue": whole["revenue"].astype(np.float64),
    }


def _before(scenario: Scenario, variant: int) -> Columns:
    draw = generator(scenario.seed, Stream.USERS, variant, 1)
    buckets = _buckets(scenario, variant)
    trait = buckets.earlier
    days = 28
    often = float((FIRST_SEEN * SEEN[np.arange(EXPERIMENT_DAYS) // 7]).sum())
    active = draw.poisson(buckets.users * often * days)
    letters = _near(draw, active * LETTERS_PER_DAY * trait[0], 1.6)
    rate = float(PLATFORM_SHARES @ COMPLAINTS_PER_LETTER)
    sessions_a_day = float(PLATFORM_SHARES @ SESSIONS_PER_DAY)
    mean_seconds = float(PLATFORM_SHARES * SESSIONS_PER_DAY @ SECONDS_PER_SESSION) / sessions_a_day
    sessions = _near(draw, active * sessions_a_day * trait[2], 1.3)
    revenue = active * float(PLATFORM_SHARES @ REVENUE_PER_DAY) * trait[4]
    return {
        "service": SERVICE,
        "experiment": EXPERIMENT,
        "variant": np.full(BUCKETS, VARIANTS[variant], dtype=object),
        "bucket": np.arange(BUCKETS, dtype=np.int16),
        "users": buckets.users.astype(np.int64),
        "active_users": active,
        "letters": letters,
        "complaints": draw.poisson(letters * rate * trait[1]),
        "sessions": sessions,
        "session_seconds": _near(draw, sessions * mean_seconds * trait[3], 22.0).astype(np.float64),
        "revenue": _near(draw, revenue, 4.0).astype(np.float64),
    }
