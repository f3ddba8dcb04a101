"""What the anonymiser is likely to have left in letters, said before they go anywhere.

No rule finds everything. `MEASURED` is how many personal details were found in letters that were
written and labelled after the rules (tests/core/text/letters_*.json, each measured once before the
rules were changed by what it showed). The rules' own author invented the second and the third set,
somebody who had not read the rules the fourth, and the fifth after the rules had been mended for
it; somebody else again, who had not read the rules either, the sixth, and the seventh after the
rules had been mended for it. Of the details of people in these four, 110 of 132, 43 of 49, 165 of
174 and 93 of 94 were found, of others 125 of 136, 42 of 44, 74 of 76 and 33 of 34. So on letters
of an unlike kind expect worse than the sum. A sample should be read by hand before anything is
exported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.text.anonymise import Anonymised

#: By kind: details that were found whole and details that there were, at the first measurement of
#: the 225 held-out letters. Kinds that are seldom missed there are taken together as OTHER.
MEASURED: Mapping[str, tuple[int, int]] = {
    "PERSON": (514, 560),
    "PHONE": (114, 118),
    "OTHER": (273, 289),
}
#: The most candidates that a summary lists.
_LISTED = 50
_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d{1,9}\]")
_CAPITALISED_PAIR = re.compile(
    r"(?<![\w\]])[A-ZА-ЯЁ][a-zа-яё]{1,30}(?:[ \-][A-ZА-ЯЁ][a-zа-яё]{1,30}){1,3}(?!\w)"
)
_LONG_NUMBER = re.compile(r"(?<![\w.,])\d(?:[ \-]?\d){8,24}(?![\w]|[.,]\d)")
_AT_SIGN = re.compile(r"[\w.+\-]{1,64}@[\w.\-]{1,64}")


@dataclass(frozen=True, slots=True)
class ResidualRisk:
    """What may be left in letters after anonymising.

    Attributes:
        letters: how many were looked at.
        found: replaced details by kind.
        expected: by kind, details that are likely left in these letters.
        candidates: pieces that look personal and were left, with how often, the most frequent
            first, at most 50: capitalised words side by side, runs of nine digits and more, "@".
            Most of them are harmless; personal ones among them are what the rules miss.
        letters_with_candidates: letters that have any.
    """

    letters: int
    found: Mapping[str, int]
    expected: Mapping[str, float]
    candidates: tuple[tuple[str, int], ...]
    letters_with_candidates: int

    @property
    def per_thousand(self) -> float:
        """Details that are likely left in 1,000 such letters; 0 without letters."""
        return 1_000 * sum(self.expected.values()) / self.letters if self.letters else 0.0


def missed_share(kind: str) -> float:
    """The share of a kind's details that is likely missed.

    Jeffreys' estimate, (missed + 1/2) / (details + 1) (Brown, Cai, DasGupta 2001): never 0, however
    well the held-out letters went.

    >>> 0 < missed_share("CARD") < missed_share("PERSON") < 0.2
    True
    """
    found, details = MEASURED.get(kind, MEASURED["OTHER"])
    return (details - found + 0.5) / (details + 1)


def residual_risk(letters: Iterable[Anonymised]) -> ResidualRisk:
    """Estimate what is left in letters.

    Of a kind whose details are missed with probability q, about found x q / (1 - q) are left.
    """
    found: Counter[str] = Counter()
    candidates: Counter[str] = Counter()
    count = having = 0
    for letter in letters:
        count += 1
        found.update(letter.counts)
        here = left_candidates(letter.text)
        candidates.update(here)
        having += bool(here)
    shares = {kind: missed_share(kind) for kind in found}
    expected = {kind: found[kind] * share / (1 - share) for kind, share in shares.items()}
    listed = sorted(candidates.items(), key=lambda item: (-item[1], item[0]))[:_LISTED]
    return ResidualRisk(count, dict(found), expected, tuple(listed), having)


def left_candidates(text: str) -> tuple[str, ...]:
    """Pieces of an anonymised letter that look personal, in order of appearance by form.

    >>> left_candidates("Пишет [PERSON_1]. Был и Юй Хуаджень, дело 1234567890.")
    ('Юй Хуаджень', '1234567890')
    """
    bare = _PLACEHOLDER.sub("|", text)
    return tuple(
        found[0]
        for pattern in (_CAPITALISED_PAIR, _LONG_NUMBER, _AT_SIGN)
        for found in pattern.finditer(bare)
    )
