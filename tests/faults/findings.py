"""What a fault did: to people, for how long, to the rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the table in docs/reliability.md.

    Attributes:
        fault: what was done to Greenlight.
        load: what it had to do meanwhile.
        seen: what the people in front of it saw, word for word where it is a sentence.
        recovery: what it took until all was as before.
        written: rows or things that were handed over during the fault; of each, one is expected.
        kept: those of them that are stored once, or kept aside with a reason.
        doubled: those that are stored more than once.
    """

    fault: str
    load: str
    seen: str
    recovery: str
    written: int
    kept: int
    doubled: int = 0

    @property
    def lost(self) -> str:
        """What was lost, as the table says it.

        >>> Finding("", "", "", "", 1000, 1000).lost
        'nothing of 1,000'
        """
        missing = self.written - self.kept
        lost = f"{missing:,} of {self.written:,}" if missing else f"nothing of {self.written:,}"
        return f"{lost}; {self.doubled:,} twice" if self.doubled else lost
