"""What `core.training` asks of the store: training runs and the data that went into them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from core.ports import TrainingRun
from db.readers.snapshot import Source, snapshot

_RUNS = text("""
    select run_id, started_at, finished_at, status, model_version, parent_version, letters_raw,
        letters_deduplicated, letters_anonymised, letters_trained, retraining_set, note
    from metrics.training_run
    where service = :service and started_at < :as_of
    order by started_at, run_id collate "C" """)


class SqlTrainingReader:
    """Fulfils `core.ports.TrainingReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Every training run started before as_of, oldest first, as known now."""
        asked = {"service": service, "as_of": as_of}
        with snapshot(self._source) as connection:
            return tuple(TrainingRun(*row) for row in connection.execute(_RUNS, asked))
