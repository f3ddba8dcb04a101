"""What the votes on a group add up to: who must look next, or what was decided.

The rules, of the votes that count, in the order of the log:

1. Without a vote a group waits for its first, which is blind.
2. The first verdict decides, unless a second opinion is wanted: the first was unsure, or the group
   is one of the share that is always asked about twice to measure agreement, or it was big when
   the first vote came, or somebody asked for another opinion.
3. Two verdicts that are the same decide. Where one of the two is unsure the other decides: nobody
   has contradicted it. Where the two contradict each other, or both are unsure, a third person
   adjudicates, and the first adjudicator who is sure decides.

A vote counts while it has not been undone, as long as the text that it was given on still stands
for the group, and only the first one of a person: so nobody is his own second opinion. Undoing a
vote therefore leaves exactly what there would be without it. Reports that join later reopen
nothing: how big a group was is kept with the vote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Review
from core.ports.false_reports import Times

VERDICTS = ("reject", "confirm", "unsure")
STAGES = ("first", "second", "adjudication")
_REJECT, _CONFIRM, _UNSURE = range(3)
#: Where there is no vote, no stage or no verdict.
NONE = -1
#: NaT as numpy keeps it.
_NO_TIME = np.iinfo(np.int64).min

#: Share of all groups that two people look at whatever the first says: those that agreement can be
#: measured on without choosing hard or large ones.
SECOND_SHARE = 0.1
#: So many reports at the first vote make a second opinion due: a slip of one person on such a group
#: weighs as much as a hundred slips on single reports, and groups of this size are few.
BIG_GROUP = 100

#: Chosen once: which groups are in the share must not change.
_SHARE_SEED = np.uint64(0x9E3779B97F4A7C15)


class State(StrEnum):
    """Where a group stands; the value is the word for it."""

    WAITING = "waiting"
    SECOND_OPINION = "second opinion"
    ADJUDICATION = "adjudication"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    #: Not decided, and there is no text left to look at.
    WITHDRAWN = "withdrawn"


STATES = tuple(State)
_CODE = {state: code for code, state in enumerate(STATES)}
#: The state of a group that waits, by the stage that it waits for.
_WAITING_FOR = np.array(
    [_CODE[state] for state in (State.WAITING, State.SECOND_OPINION, State.ADJUDICATION)], np.int8
)
_DECIDED = np.array([_CODE[State.REJECTED], _CODE[State.CONFIRMED]], np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Where groups stand, one entry each; arrays of shape (g,).

    Attributes:
        group_ids: ascending.
        states: index into STATES.
        stages: index into STAGES of the vote that the group waits for; NONE where it waits for
            none.
        verdicts: index into VERDICTS of what was decided; NONE where nothing is.
        votes: votes that count.
        backers: of these, the votes for what was decided.
        disagreement: 1 where the first two verdicts contradict each other, 0.5 where somebody was
            unsure, 0 otherwise.
        agreed: the first two verdicts are the same and sure.
        decided_at: datetime64[us], UTC, of the vote that settled it; NaT where nothing is decided.
        decided_versions: version of the group at that vote; 0 where nothing is decided.
    """

    group_ids: Counts
    states: NDArray[np.int8]
    stages: NDArray[np.int8]
    verdicts: NDArray[np.int8]
    votes: Counts
    backers: Counts
    disagreement: NDArray[np.float64]
    agreed: NDArray[np.bool_]
    decided_at: Times
    decided_versions: Counts

    def are(self, *states: State) -> NDArray[np.bool_]:
        """Which groups are in one of the states, shape (g,)."""
        return np.isin(self.states, [_CODE[state] for state in states])


def counts(review: Review, exemplar: str) -> bool:
    """Whether a vote still counts in a group that the exemplar stands for."""
    return review.undone_at is None and review.exemplar in {"", exemplar}


def in_second_share(group_ids: Counts) -> NDArray[np.bool_]:
    """Which groups two people look at whatever the first says, shape (g,).

    By a hash of the number (the finaliser of SplitMix64: Steele, Lea and Flood, Fast Splittable
    Pseudorandom Number Generators, OOPSLA 2014), so that nobody can choose them and everybody finds
    the same ones.

    >>> in_second_share(np.arange(100_000)).mean().round(3).item()
    0.1
    """
    mixed = np.atleast_1d(group_ids).astype(np.uint64) + _SHARE_SEED
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return np.asarray((mixed >> np.uint64(11)) * 2.0**-53 < SECOND_SHARE)


def resolve(
    group_ids: Counts,
    exemplars: Sequence[str],
    readable: NDArray[np.bool_],
    reviews: Sequence[Review],
    asked: Collection[int] = (),
) -> States:
    """Where each group stands.

    Args:
        group_ids: ascending, shape (g,).
        exemplars: the report whose text stands for each group.
        readable: whether there is a text to look at, shape (g,).
        reviews: votes in any order; those on other groups are left out.
        asked: groups for which somebody asked for a second opinion.
    """
    log = _Log.of(group_ids, exemplars, reviews)
    first, second, third = log.picks
    one, two = log.verdict(first), log.verdict(second)
    wanted = in_second_share(group_ids) | np.isin(group_ids, np.fromiter(asked, np.int64))
    wanted |= (one == _UNSURE) | (log.at(log.reports, first) >= BIG_GROUP)
    contradict = (one + two == _REJECT + _CONFIRM) & (one != NONE) & (two != NONE)
    open_pair = contradict | ((one == _UNSURE) & (two == _UNSURE))
    # Which vote settles it: the third where two were not enough, else the second, else the first.
    settling = np.where(open_pair, third, np.where(second != NONE, second, first))
    settling = np.where((second == NONE) & wanted, NONE, settling)
    pair = np.where(two == _UNSURE, one, two)
    verdicts = np.where(open_pair, log.verdict(third), np.where(second != NONE, pair, one))
    verdicts = np.where(settling == NONE, NONE, verdicts).astype(np.int8)
    stages = np.where(first == NONE, 0, np.where(second == NONE, 1, 2))
    stages = np.where((verdicts != NONE) | ~readable, NONE, stages).astype(np.int8)
    states = np.full(group_ids.shape, _CODE[State.WITHDRAWN], np.int8)
    states[stages != NONE] = _WAITING_FOR[stages[stages != NONE]]
    states[verdicts != NONE] = _DECIDED[verdicts[verdicts != NONE]]
    return States(
        group_ids=group_ids,
        states=states,
        stages=stages,
        verdicts=verdicts,
        votes=np.bincount(log.groups, minlength=group_ids.size).astype(np.int64),
        backers=np.bincount(
            log.groups[log.verdicts == verdicts[log.groups]], minlength=group_ids.size
        ).astype(np.int64),
        disagreement=np.where(
            contradict, 1.0, np.where((one == _UNSURE) | (two == _UNSURE), 0.5, 0)
        ),
        agreed=(one == two) & (one != NONE) & (one != _UNSURE),
        decided_at=log.at(log.decided_at, settling, _NO_TIME).astype("datetime64[us]"),
        decided_versions=log.at(log.versions, settling),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Log:
    """The votes that count, sorted by group and then as they came; arrays of shape (votes,).

    Attributes:
        groups: index of the group.
        decided_at: microseconds since 1970, UTC.
        picks: for every group the row of its first vote, of its second and of its first sure vote
            from the third on; NONE where there is none. Shape (3, g).
    """

    groups: Counts
    verdicts: Counts
    reports: Counts
    versions: Counts
    decided_at: Counts
    picks: Counts

    @classmethod
    def of(cls, group_ids: Counts, exemplars: Sequence[str], reviews: Sequence[Review]) -> _Log:
        asked = np.fromiter((one.group_id for one in reviews), np.int64, len(reviews))
        places = np.minimum(np.searchsorted(group_ids, asked), max(group_ids.size - 1, 0))
        known = group_ids[places] == asked if group_ids.size else np.zeros(asked.size, np.bool_)
        rows = sorted(
            (
                (place, one.review_id, one)
                for place, is_known, one in zip(
                    places.tolist(), known.tolist(), reviews, strict=True
                )
                if is_known and counts(one, exemplars[place])
            ),
            key=lambda row: row[:2],
        )
        seen: set[tuple[int, str]] = set()
        kept: list[tuple[int, Review]] = []
        for place, _, one in rows:
            if (place, one.reviewer) not in seen:
                seen.add((place, one.reviewer))
                kept.append((place, one))
        votes = [one for _, one in kept]
        groups = np.fromiter((place for place, _ in kept), np.int64, len(kept))
        verdicts = np.fromiter((VERDICTS.index(one.verdict) for one in votes), np.int64, len(kept))
        return cls(
            groups=groups,
            verdicts=verdicts,
            reports=np.fromiter((one.reports for one in votes), np.int64, len(kept)),
            versions=np.fromiter((one.group_version for one in votes), np.int64, len(kept)),
            decided_at=_microseconds(one.decided_at for one in votes),
            picks=_picks(groups, verdicts, group_ids.size),
        )

    def verdict(self, rows: Counts) -> Counts:
        """The verdicts of the rows, NONE where there is none."""
        return self.at(self.verdicts, rows, NONE)

    @staticmethod
    def at(column: Counts, rows: Counts, missing: int = 0) -> Counts:
        """A column at the rows, with a value for where there is none."""
        found = np.full(rows.shape, missing, np.int64)
        there = rows != NONE
        found[there] = column[rows[there]]
        return found


def _picks(groups: Counts, verdicts: Counts, size: int) -> Counts:
    """Rows of each group's first vote, second vote and adjudicating vote; see `_Log`."""
    rows = np.arange(groups.size)
    starts = np.searchsorted(groups, groups)
    ranks = rows - starts
    picks = np.full((3, size), NONE, np.int64)
    for place, chosen in enumerate((ranks == 0, ranks == 1, (ranks >= 2) & (verdicts != _UNSURE))):
        # Backwards: of several rows of a group the first is written last, and stays.
        picks[place, groups[chosen][::-1]] = rows[chosen][::-1]
    return picks


def _microseconds(moments: Iterable[datetime]) -> Counts:
    """Aware times as microseconds since 1970: exact, as a float holds them to a quarter of one."""
    return np.fromiter((round(moment.timestamp() * 1e6) for moment in moments), np.int64)
