"""What became of a file of tasks, as the terminal prints it."""

from __future__ import annotations

from collections.abc import Sequence

from core import wording
from core.printout.listing import Listing


def outcome(
    added: int,
    changed: int,
    unchanged: int,
    problems: Sequence[tuple[int, str, str]],
    *,
    stored: bool,
) -> Listing:
    """The outcome of an import.

    Args:
        added: how many tasks are new.
        changed: how many were changed.
        unchanged: how many said what was stored already.
        problems: line, column and reason of what was not taken.
        stored: whether the rest was.
    """
    number = wording.whole(len(problems))
    if not stored:
        title = f"Nothing is stored: {number} {'problem' if len(problems) == 1 else 'problems'}"
    else:
        title = (
            f"{wording.whole(added)} added, {wording.whole(changed)} changed, "
            f"{wording.whole(unchanged)} as they were"
        )
    about = "" if stored or not problems else "With --partial the lines that are right are taken."
    rows = tuple((str(line), field, reason) for line, field, reason in problems)
    return Listing(title, about, ("line", "column", "what is wrong"), rows)
