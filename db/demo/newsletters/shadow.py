"""The simulated shadow run of bert-4: both versions' decisions on the same letters, by hour."""

from __future__ import annotations

import numpy as np

from db.demo.newsletters import story
from db.demo.newsletters.columns import Columns, times
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.population import SEGMENT_SHARES, SEGMENTS, Population
from db.demo.newsletters.serving import answered
from db.demo.newsletters.story import BERT_3, BERT_4, SERVICE, Scenario, minute_number

#: Of the letters that the stricter version would move, what share the other moves too: newsletters,
#: others.
AGREEMENT = (0.985, 0.80)
#: The candidate's own failures, beside the user's path.
ERROR_RATE, SLOW_RATE = 4e-5, 7e-5


def hours(scenario: Scenario, population: Population) -> Columns:
    """Rows of metrics.shadow_hour: a week, by segment and for all."""
    first = minute_number(scenario.starts(story.SHADOW)) // 60
    count = story.SHADOW.minutes // 60
    shares = _joint(population)
    found = np.zeros((count, len(SEGMENTS) + 1, 6), dtype=np.int64)
    for at in range(count):
        draw = generator(scenario.seed, Stream.SHADOW, first + at)
        letters = int(answered(scenario, first + at).sum())
        part = int(np.rint(letters * SEGMENT_SHARES[0]))
        for segment, mine in enumerate((part, letters - part)):
            noise = draw.standard_normal(3)
            mean = mine * shares[segment, :3]
            cells = np.rint(mean + noise * np.sqrt(mean)).astype(np.int64)
            failures = draw.poisson([mine * ERROR_RATE, mine * SLOW_RATE])
            found[at, segment] = (*cells, mine - cells.sum(), *failures)
    found[:, -1] = found[:, :-1].sum(axis=1)
    names = (*SEGMENTS, "all")
    flat = found.reshape(-1, 6)
    return {
        "service": SERVICE,
        "hour": times(np.repeat((first + np.arange(count)) * 60, len(names))),
        "production_version": BERT_3,
        "candidate_version": BERT_4,
        "segment": np.tile(np.array(names, dtype=object), count),
        "both_positive": flat[:, 0],
        "production_only": flat[:, 1],
        "candidate_only": flat[:, 2],
        "both_negative": flat[:, 3],
        "candidate_errors": flat[:, 4],
        "candidate_slow": flat[:, 5],
        "user_visible": 0,
    }


def _joint(population: Population) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Shares of the letters by segment, shape (2, 4), in the order of the table's four counts."""
    result = np.zeros((len(SEGMENTS), 4))
    for segment, newsletters in enumerate(population.newsletters):
        classes = (
            (newsletters, population.positive, AGREEMENT[0]),
            (1 - newsletters, population.negative, AGREEMENT[1]),
        )
        for share, distribution, agreement in classes:
            caught = distribution[:, segment, population.decided].sum(axis=1)
            both = agreement * caught.min()
            parts = np.array([both, caught[0] - both, caught[1] - both, 1 - caught.sum() + both])
            result[segment] += share * parts
    return result
