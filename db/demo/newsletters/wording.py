"""How letters of a topic are worded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

#: Sentences of a mailing.
SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Wording:
    """What mailings of a topic are put together from; fields to be filled in stand in braces."""

    openings: tuple[str, ...]
    sentences: tuple[str, ...]
    closings: tuple[str, ...]

    def mailing(self, number: int) -> str:
        """The template of a mailing; the first fifteen of a topic share one sentence at the most.

        Args:
            number: which mailing, from 0 on.
        """
        pairs = list(combinations(range(len(self.sentences)), SENTENCES))
        # Steps of 4 through the 15 pairs meet each once; neighbours in time have little in common.
        chosen = pairs[4 * number % len(pairs)]
        order = chosen if number // 2 % 2 == 0 else chosen[::-1]
        parts = (
            self.openings[number % len(self.openings)],
            *(self.sentences[at] for at in order),
            self.closings[(number // 2) % len(self.closings)],
        )
        return " ".join(parts)
