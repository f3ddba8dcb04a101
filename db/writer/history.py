"""Loading whole histories: columns in, COPY out, in chunks of one transaction each."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from db.engine import StoreUnreachableError
from db.writer.columns import Columns, RawColumns
from db.writer.faults import StoreFaultError, Verdict
from db.writer.loading import Loader
from db.writer.refused import RefusedRows
from db.writer.validation import ContractError, check_row

#: Rows of one COPY and one transaction. Measured with serving_minute: 2,000 to 5,000 are quickest,
#: and what others wait for (a lock, a row that is found at fault by halving) stays short.
CHUNK_ROWS = 4000
#: Refused rows of one call that are kept with their reason; the rest are counted.
KEPT_ROWS = 1000
_FIRST_PAUSE, _LAST_PAUSE = 0.1, 2.0  # seconds between attempts


class HistoryLoad:
    """One call of `MetricWriter.load`."""

    def __init__(
        self,
        raw: RawColumns,
        loader: Loader,
        refused: RefusedRows,
        now: Callable[[], datetime],
        deadline: Deadline,
    ) -> None:
        self._raw = raw
        self._loader = loader
        self._refused = refused
        self._now = now
        self._deadline = deadline
        self._stored = 0
        self._refusals = 0
        self._first: ContractError | None = None

    def run(self) -> int:
        """Write every row that keeps the contract.

        Returns:
            How many rows were written.

        Raises:
            ContractError: some rows were refused; all others are written.
            StoreUnreachableError, SchemaError: the store took no (more) rows.
        """
        new = True
        for first in range(0, len(self._raw), CHUNK_ROWS):
            now = self._now()
            good, bad = self._raw.check(first, first + CHUNK_ROWS, now)
            refusals = {int(number): self._judged(int(number), now) for number in bad}
            if len(good):
                by_store, new = self._write(good, new=new)
                for number, field, reason in by_store:
                    refusals[number] = self._error(number, field, reason)
                self._stored += len(good) - len(by_store)
            for number in sorted(refusals):
                self._keep(number, refusals[number], now)
        if self._first:
            first_error = self._first
            raise ContractError(
                first_error.table,
                first_error.key,
                first_error.field,
                first_error.reason,
                self._refusals,
            )
        return self._stored

    def _write(self, good: Columns, *, new: bool) -> tuple[list[tuple[int, str, str]], bool]:
        self._deadline.restart()
        while True:
            try:
                return self._loader.write_columns(good, new=new)
            except StoreFaultError as error:
                # A commit whose answer was lost may have stored the chunk: the next COPY then finds
                # its rows there, and upserts them.
                self._deadline.pause_or_give_up(
                    error, f"{self._stored:,} of {len(self._raw):,} rows are stored"
                )

    def _judged(self, number: int, now: datetime) -> ContractError | None:
        if self._first and self._refusals >= KEPT_ROWS:
            return None  # counted only: its sentence would not be kept
        try:
            check_row(self._raw.table, self._raw.row(number), now)
        except ContractError as error:
            return error
        return self._error(number, "row", "the row breaks the contract")

    def _error(self, number: int, field: str, reason: str) -> ContractError:
        table, row = self._raw.table, self._raw.row(number)
        return ContractError(table.name, {name: row[name] for name in table.key}, field, reason)

    def _keep(self, number: int, error: ContractError | None, now: datetime) -> None:
        self._first = self._first or error
        self._refusals += 1
        if error is None or self._refusals > KEPT_ROWS:
            self._refused.count_only(1)
        else:
            self._refused.keep(self._raw.table.name, self._raw.row(number), error.reason, now)


class Deadline:
    """How long a bulk load waits for a store that is away, counted anew for every chunk."""

    def __init__(self, table: str, patience_seconds: float) -> None:
        self._table = table
        self._patience = patience_seconds
        self.restart()

    def restart(self) -> None:
        """Start waiting anew."""
        self._ends = time.monotonic() + self._patience
        self._pause = _FIRST_PAUSE

    def pause_or_give_up(self, error: StoreFaultError, progress: str) -> None:
        """Sleep a little, or raise once the patience is over or waiting cannot help.

        Raises:
            SchemaError: the schema or the grants must be mended first.
            StoreUnreachableError: the store has been away for too long.
        """
        sentence = f"metrics.{self._table}: {progress}; {error}"
        if error.verdict is Verdict.SCHEMA:
            from db.schema import SchemaError  # alembic takes long to import

            raise SchemaError(sentence) from error
        if time.monotonic() + self._pause > self._ends:
            raise StoreUnreachableError(
                f"{sentence}. Load the rows again once it answers: none is counted twice"
            ) from error
        time.sleep(self._pause)
        self._pause = min(_LAST_PAUSE, 2 * self._pause)
