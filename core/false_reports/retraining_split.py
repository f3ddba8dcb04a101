"""Train and test: whole groups, so that no near-duplicate of a training letter is tested on."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

TRAIN, TEST = "train", "test"
SPLITS = (TRAIN, TEST)
#: With fewer parts of a kind than this, a share by chance may miss its aim badly (of 10 parts, none
#: is tested on in 11 % of cases): their hashes are ranked instead, and the aimed share is taken.
FEW = 100
#: In manifest and card. Whoever changes the hash gives it another name.
METHOD = "sha256 by group, 1"


def linked(links: Iterable[Sequence[int]]) -> dict[int, int]:
    """Groups that hang together, each by the smallest group_id of its part.

    Groups without a link are left out.

    >>> linked([(3, 5), (9, 5), (7, 8)])
    {3: 3, 5: 3, 9: 3, 7: 7, 8: 7}
    """
    above: dict[int, int] = {}

    def root(group_id: int) -> int:
        above.setdefault(group_id, group_id)
        while above[group_id] != group_id:
            above[group_id] = above[above[group_id]]
            group_id = above[group_id]
        return group_id

    for link in links:
        roots = {root(group_id) for group_id in link}
        for found in roots:
            above[found] = min(roots)
    return {group_id: root(group_id) for group_id in above}


def assigned(
    kinds: Mapping[int, str],
    *,
    parts: Mapping[int, int],
    earlier: Mapping[int, str],
    test_percent: int,
    key: str,
) -> dict[int, str]:
    """The split of every group.

    A group keeps the split that an earlier set gave it, and one that hangs together with such a
    group follows it. Others are drawn by a hash of the key and their part: no generator, so that
    every machine draws the same, and with many parts a group's split does not depend on the others.

    Args:
        kinds: the groups of the set, each with its kind; few parts are drawn kind by kind.
        parts: see `linked`.
        earlier: the splits of groups of earlier sets.
        test_percent: share of the parts that is tested on.
        key: makes the draw the service's own.
    """
    fixed = {parts.get(group_id, group_id): split for group_id, split in earlier.items()}
    drawn: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for group_id in sorted(kinds):
        part = parts.get(group_id, group_id)
        if part not in fixed and not any(part in of_kind for of_kind in drawn.values()):
            drawn[kinds[group_id]][part] = _draw(key, part)
    for of_kind in drawn.values():
        tested = _tested(of_kind, test_percent)
        fixed |= {part: TEST if part in tested else TRAIN for part in of_kind}
    return {
        group_id: earlier.get(group_id) or fixed[parts.get(group_id, group_id)]
        for group_id in kinds
    }


def _tested(draws: Mapping[int, float], test_percent: int) -> set[int]:
    if len(draws) >= FEW:
        return {part for part, draw in draws.items() if draw * 100 < test_percent}
    ranked = sorted(draws, key=lambda part: (draws[part], part))
    # To the nearest, a half down: of two parts at 20 %, both are trained on.
    return set(ranked[: math.ceil(len(draws) * test_percent / 100 - 0.5)])


def _draw(key: str, part: int) -> float:
    """A number of [0, 1) that only the key and the part decide."""
    digest = hashlib.sha256(f"{METHOD}\n{key}\n{part}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
