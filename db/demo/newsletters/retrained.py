"""Models that were trained on retraining sets of people who look at the demo, and released.

They score letters as bert-4 does: what changes is that reports of the topics that they were trained
on become rare. Everything about them follows from when their training began, which the store keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from db.demo.newsletters.story import BERT_4, VERSIONS, minute_number, moment_of
from db.demo.newsletters.texts import LEFT_AFTER_TRAINING

Ints = NDArray[np.int64]

#: Minutes between the releases in two datacenters.
APART_MINUTES = 3
_BERT_4 = VERSIONS.index(BERT_4)


@dataclass(frozen=True, slots=True)
class Retrained:
    """A model that was trained on a retraining set.

    Attributes:
        version: its name.
        parent: the version that it was trained from.
        set_id: the retraining set.
        letters: rows of the set.
        topics: names of the topics whose letters are in the set.
        started_at: when its training began.
        finished_at: when it ended, or will.
    """

    version: str
    parent: str
    set_id: str
    letters: int
    topics: frozenset[str]
    started_at: datetime
    finished_at: datetime

    @property
    def released(self) -> tuple[datetime, datetime, datetime]:
        """When each datacenter goes over to it: on whole minutes, the first after its training."""
        number = minute_number(self.finished_at)
        first = moment_of(number + (moment_of(number) < self.finished_at))
        one, two, three = (first + timedelta(minutes=n * APART_MINUTES) for n in range(3))
        return one, two, three


def versions(retrained: Sequence[Retrained]) -> tuple[str, ...]:
    """Names of all versions, in the order of the indices that `at` gives."""
    return (*VERSIONS, *(one.version for one in retrained))


def at(retrained: Sequence[Retrained], version: Ints, minute: Ints, datacenter: Ints) -> Ints:
    """The version that decided, as an index into `versions`.

    Args:
        retrained: in the order of their releases.
        version: as the story has it, an index into story.VERSIONS, shape (n,).
        minute: minutes since 1970, shape (n,).
        datacenter: index into story.DATACENTERS, shape (n,).
    """
    found = version.copy()
    for one in retrained:
        starts = np.array([minute_number(moment) for moment in one.released])
        found += (version == _BERT_4) & (minute >= starts[datacenter])
    return found


def scored_like(retrained: Sequence[Retrained]) -> Ints:
    """The story's version that each of `versions` scores like."""
    return np.minimum(np.arange(len(VERSIONS) + len(retrained)), _BERT_4)


def left(retrained: Sequence[Retrained], version: int, topic: str) -> float:
    """What is left of a topic's reports under a version, as a share.

    Args:
        retrained: in the order of their releases.
        version: an index into `versions`.
        topic: its name.
    """
    known = retrained[: max(version - _BERT_4, 0)]
    return LEFT_AFTER_TRAINING if any(topic in one.topics for one in known) else 1.0
