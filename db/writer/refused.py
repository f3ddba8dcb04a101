"""The rows that were refused, kept with the reason: none vanishes unseen."""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

LOG = logging.getLogger("greenlight.writer")
#: The file is turned over at this size and one older file is kept, so that refusals cannot fill a
#: disk.
MAX_BYTES = 8 << 20


class RefusedRows:
    """`refused.jsonl` in the buffer folder: a line a row, with refused_at, table, reason and row.

    Times are those of the writer's clock. When it is full it becomes `refused.1.jsonl`.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "refused.jsonl"
        self._lock = Lock()
        self.count = 0

    def keep(self, table: str | None, row: Mapping[str, Any], reason: str, at: datetime) -> None:
        """Append one refused row and count it; a disk that takes none is logged, never raised."""
        self.count_only(1)
        self.keep_aside(table, row, reason, at)

    def keep_aside(
        self, table: str | None, row: Mapping[str, Any], reason: str, at: datetime
    ) -> None:
        """Append a row that is not counted as refused: what is left of a damaged record."""
        record = {
            "refused_at": at.isoformat(),
            "table": table,
            "reason": reason,
            "row": {name: _plain(value) for name, value in row.items()},
        }
        # Half a surrogate pair may be the very reason of the refusal; as \udc80 it is valid JSON.
        line = json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
        with self._lock:
            try:
                self._append(line)
            except OSError as error:
                LOG.error("%s takes no refused row (%s); it is lost: %s", self.path, error, reason)

    def count_only(self, rows: int) -> None:
        """Count refused rows; of a bulk load, those beyond the ones that are kept."""
        with self._lock:
            self.count += rows

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size + len(line) > MAX_BYTES:
                self.path.replace(self.path.with_name("refused.1.jsonl"))
                os.close(descriptor)
                descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return repr(value)
