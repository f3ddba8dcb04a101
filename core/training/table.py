"""Training runs as a table, for page, terminal and export alike."""

from __future__ import annotations

from datetime import datetime

from core.training.report import TrainingReport

#: Columns of the table, in the order of its rows.
HEADERS = (
    "run",
    "model",
    "parent",
    "status",
    "started",
    "raw",
    "deduplicated",
    "anonymised",
    "trained",
    "counts",
    "retraining set",
    "note",
)


def table(found: TrainingReport) -> tuple[dict[str, str | int | datetime | None], ...]:
    """A row a run, the newest first, by the names of `HEADERS`.

    'counts' is None for runs that do not count: those under way and those that failed. Names and
    notes are text of others.
    """
    return tuple(
        dict(
            zip(
                HEADERS,
                (
                    one.run.run_id,
                    one.run.model_version,
                    one.run.parent_version,
                    one.status,
                    one.run.started_at,
                    one.run.letters_raw,
                    one.run.letters_deduplicated,
                    one.run.letters_anonymised,
                    one.run.letters_trained,
                    one.letters if one.status == "succeeded" else None,
                    one.run.retraining_set,
                    one.run.note,
                ),
                strict=True,
            )
        )
        for one in reversed(found.runs)
    )
