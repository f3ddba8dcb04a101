"""Retraining sets as the terminal prints them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.false_reports.retraining_manifest import Preview, sentence, successor
from core.ports.false_reports import RetrainingSet
from core.printout.listing import Listing, whole
from core.wording import clock


def preview_values(found: Preview) -> dict[str, Any]:
    """What a set would be, as plain values."""
    selection = found.selection
    return {
        "set": found.set_id,
        "parent": found.parent,
        "counts": asdict(selection.funnel),
        "groups": len(selection.groups),
        **{f"{of}s": selection.counts(of) for of in ("kind", "language", "split")},
        "exclusions": [asdict(one) | {"sentence": one.sentence} for one in selection.exclusions],
    }


def preview(found: Preview) -> list[Listing]:
    """What a set would be: how few of how many, what it would hold, and what would stay out."""
    selection = found.selection
    after = f"It would follow {found.parent}." if found.parent else "It would be the first."
    steps = [(name, whole(count)) for name, count in asdict(selection.funnel).items()]
    held = [
        (of, name or "not told", whole(count))
        for of in ("split", "kind", "language")
        for name, count in selection.counts(of).items()
    ]
    left_out = [
        (one.reason, whole(one.reports), whole(one.groups), one.sentence)
        for one in selection.exclusions
    ]
    return [
        Listing(
            f"{found.set_id} would hold {whole(selection.funnel.exported)} letters of "
            f"{whole(len(selection.groups))} groups.",
            after,
            ("step", "count"),
            tuple(steps),
        ),
        Listing("What it would hold.", "", ("of", "value", "letters"), tuple(held)),
        Listing(
            "What would stay out.",
            "" if left_out else "Nothing.",
            ("reason", "reports", "groups", "why"),
            tuple(left_out),
        ),
    ]


def sets_values(found: Sequence[RetrainingSet]) -> list[dict[str, Any]]:
    """Sets as plain values, oldest first."""
    return [
        {
            "set": one.set_id,
            "parent": one.parent,
            "created_at": one.created_at.isoformat(),
            "created_by": one.created_by,
            "letters": one.letters,
            "groups": len(one.groups),
            "withdrawn": one.withdrawn,
            "replaced_by": successor(found, one.set_id),
        }
        for one in found
    ]


def sets(service: str, found: Sequence[RetrainingSet]) -> list[Listing]:
    """Sets in a table, oldest first."""
    if not found:
        return [Listing(f"No retraining set of {service} has been made.", "", (), ())]
    rows = [
        (
            one.set_id,
            clock(one.created_at),
            one.created_by,
            one.parent,
            whole(one.letters),
            whole(len(one.groups)),
            _state(found, one),
        )
        for one in found
    ]
    newest = next(one for one in reversed(found) if successor(found, one.set_id) is None)
    return [
        Listing(
            f"The newest retraining set is {sentence(newest.manifest)}",
            "",
            ("set", "made", "by", "after", "letters", "groups", "state"),
            tuple(rows),
        )
    ]


def _state(every: Sequence[RetrainingSet], one: RetrainingSet) -> str:
    instead = successor(every, one.set_id)
    if instead is None:
        return "stands" if one.letters else "empty"
    return f"{whole(one.withdrawn)} withdrawn: use {instead}"
