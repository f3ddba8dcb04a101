"""Takes the personal details out of a letter.

Rules with check digits and contexts find what has a form (e-mail, telephone, card, INN, ...). Names
are found by pymorphy3's dictionary, which knows their declined forms, by lists of names in Latin
letters, and by what stands before them. `core.text.residual` says what is likely left. Importing
this module is cheap; rules and dictionaries are loaded at the first letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

#: Name and version, as `metrics.false_report.anonymiser` keeps it. The version changes whenever the
#: same text could come out otherwise.
ANONYMISER = "greenlight 3"


@dataclass(frozen=True, slots=True)
class Span:
    """A personal detail and what took its place.

    Attributes:
        start, end: half-open range of the original text, in characters.
        kind: such as PERSON; `core.text.anonymiser.reading.KINDS` are all.
        placeholder: such as [PERSON_1].
    """

    start: int
    end: int
    kind: str
    placeholder: str


@dataclass(frozen=True, slots=True)
class Anonymised:
    """A letter without its personal details.

    Attributes:
        text: with placeholders.
        spans: what was replaced, in order.
        anonymiser: name and version of what made it.
    """

    text: str
    spans: tuple[Span, ...]
    anonymiser: str = ANONYMISER

    @property
    def counts(self) -> Mapping[str, int]:
        """Replaced details by kind."""
        return Counter(span.kind for span in self.spans)


def anonymise(text: str) -> Anonymised:
    """Replace the personal details of a letter by placeholders.

    The same value has the same placeholder throughout a letter, in whatever writing or case form.
    What is anonymised already comes out as it is.

    >>> anonymise("Звоните Ивану Петрову: +7 916 123-45-67, или 8(916)1234567.").text
    'Звоните [PERSON_1]: [PHONE_1], или [PHONE_1].'
    """
    from core.text.anonymiser.scan import numbered, scan

    found = scan(text)
    spans = tuple(
        Span(place.start, place.end, place.kind, placeholder)
        for place, placeholder in zip(found, numbered(text, found), strict=True)
    )
    pieces: list[str] = []
    done = 0
    for span in spans:
        pieces += (text[done : span.start], span.placeholder)
        done = span.end
    pieces.append(text[done:])
    return Anonymised("".join(pieces), spans)
