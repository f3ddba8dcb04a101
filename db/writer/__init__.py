"""What a Python serving stack imports to write the metric tables.

    from datetime import UTC, datetime
    from pathlib import Path

    from db.writer import MetricWriter

    with MetricWriter(
        "postgresql://greenlight_serving@db.example.net/greenlight",
        service="newsletters",
        buffer=Path("/var/spool/greenlight"),
    ) as metrics:
        metrics.heartbeat(component="inference", instance="dc1-07", datacenter="dc1")
        metrics.serving_minute(
            minute=datetime.now(UTC).replace(second=0, microsecond=0),
            datacenter="dc1",
            instance="dc1-07",
            model_version="v12",
            milliseconds=[3.1, 4.7, 21.5],  # the latencies of the letters answered in this minute
            errors=1,
        )

A call checks its row, queues it on disk and returns; a background thread sends batches. A row that
breaks the contract raises a ContractError that names table, key and field. While the store is away
rows wait in the buffer folder, in order, and survive a kill of the process; every write is an
upsert by the contract's key, so nothing is counted twice.
"""

from core.stats.histogram import latency_cells
from db.writer.buffer import BufferInUseError
from db.writer.metric_writer import MetricWriter
from db.writer.validation import ContractError

__all__ = ["BufferInUseError", "ContractError", "MetricWriter", "latency_cells"]
