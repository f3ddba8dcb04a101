"""What a rule finds: a place in the text, and how sure the rule is of it."""

from __future__ import annotations

from typing import NamedTuple

#: How certain a hit is; where two overlap, the more certain wins, and of two alike the longer.
GUESSED, NAMED, PATTERN, CHECKED, SAID, FRAME = range(6)


class Hit(NamedTuple):
    """A personal detail.

    Attributes:
        start, end: half-open range of the text that the rule read.
        kind: such as PHONE.
        key: what two writings of the same value have in common; for a person, see `persons`.
        rank: GUESSED (a name by its neighbours), NAMED (a name by a dictionary), PATTERN (its
            form), CHECKED (its check digits), SAID (a word before it says what it is), FRAME
            (holds others, such as a URL with an e-mail address in it).
    """

    start: int
    end: int
    kind: str
    key: str
    rank: int
