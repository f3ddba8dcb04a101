"""What `core.training` asks of a store: training runs and the data that went into them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One training run (metrics.training_run).

    Attributes:
        finished_at: None while it runs.
        status: 'running', 'succeeded' or 'failed'.
        letters_anonymised: deduplicated and anonymised letters: what a criterion counts.
        retraining_set: id of the exported set of false decisions that went in; '' for none.
    """

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    model_version: str
    parent_version: str
    letters_raw: int
    letters_deduplicated: int
    letters_anonymised: int
    letters_trained: int
    retraining_set: str
    note: str


class TrainingReader(Protocol):
    """What `core.training` asks."""

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Every training run started before as_of, oldest first, as known now."""
