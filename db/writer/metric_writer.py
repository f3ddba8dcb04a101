"""MetricWriter: checks rows, queues them on disk and has them sent."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL

from db.engine import Role, Store, normalise_url
from db.writer.buffer import Buffer
from db.writer.columns import RawColumns
from db.writer.contract import TABLES
from db.writer.faults import StoreFaultError, Verdict
from db.writer.history import Deadline, HistoryLoad
from db.writer.loading import Loader
from db.writer.personal import cleaned, cleaned_columns
from db.writer.record import encode
from db.writer.refused import RefusedRows
from db.writer.sender import Sender
from db.writer.tables import MetricTables
from db.writer.validation import ContractError, check_row

DEFAULT_BUFFER_BYTES = 256 << 20
#: What a network that swallows packets may cost before libpq gives the connection up (ms, s).
_NETWORK = {"tcp_user_timeout": "10000", "keepalives_idle": "15", "keepalives_interval": "5"}
_CLOSE_SECONDS = 30.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MetricWriter(MetricTables):
    """Writes one service's rows into the metric tables; any thread may call it.

    A method (one a table, keyword arguments named as the columns) checks its row, queues it in the
    buffer folder and returns; a background thread sends batches in order. What a caller can rely
    on:

    - Once a method has returned, `kill -9` of the process loses nothing: the next writer on the
      same folder sends the row. (A crash of the machine can lose what was queued since the last
      attempt to send.) Serving is never blocked: a call costs what a line in a log file costs, so
      put the folder on a local disk.
    - Nothing is counted twice: every write is an upsert by the contract's key. Of two rows with the
      same key the one queued later stands, through every outage, since rows leave in their order.
    - While the store is away, or its schema does not fit, rows wait. When the folder holds
      `buffer_limit_bytes`, its oldest rows are dropped, logged and counted in `dropped_rows`, and
      the newest are kept: blocking or raising would make the serving stack suffer from its
      monitoring, and refusing the newest would blind whoever is on call.
    - The text of a report is anonymised before anything else happens to it: raw text reaches
      neither the disk nor a log nor the store, not even in a row that is refused.
    - A row that breaks the contract raises ContractError in its caller. One that only the store
      refuses is logged; both are kept in `refused.jsonl` with the reason and counted in `refused`,
      and no other row suffers.

    A folder belongs to one writer at a time, in one process: make the writer after a fork.
    """

    def __init__(
        self,
        store: str | URL | Store,
        *,
        service: str,
        buffer: Path,
        buffer_limit_bytes: int = DEFAULT_BUFFER_BYTES,
        batch_rows: int = 1000,
        flush_seconds: float = 1.0,
        role: Role = Role.SERVING,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Take the buffer folder and begin to send what is in it. The store need not answer yet.

        Args:
            store: where the tables are: an address (`postgresql://…`), or a Store that the caller
                closes after this writer.
            service: whose rows these are.
            buffer: folder for the queue and for refused rows, made if it is missing.
            buffer_limit_bytes: bound of the queue on disk.
            batch_rows: most rows of one transaction.
            flush_seconds: how long a row waits for others to share its transaction, s.
            role: the database role to work under.
            now: the clock, aware; rows more than 5 minutes ahead of it are refused.

        Raises:
            ValueError: the address, the service or the bound cannot be used.
            BufferInUseError: another writer has the folder.
        """
        if not service or "\0" in service:
            raise ValueError(f"service == {service!r}, must be the name of a service")
        self.service = service
        self._now = now
        self._own_store = None if isinstance(store, Store) else _open(store)
        engine = (self._own_store or store).engine(role)  # type: ignore[union-attr]
        self._loader = Loader(engine)
        self._batch_rows = batch_rows
        self._started_at = now()
        self._beating: dict[tuple[str, str], dict[str, Any]] = {}
        self._process = os.getpid()
        self._closing = Lock()
        self._is_closed = False
        self._buffer = Buffer(buffer, buffer_limit_bytes)
        self._refused = RefusedRows(buffer)
        self._sender = Sender(
            self._buffer,
            self._loader,
            self._refused,
            now,
            batch_rows=batch_rows,
            flush_seconds=flush_seconds,
        )
        # A program that ends without closing still sends what it queued; its components did not
        # stop in order, and are not said to have.
        atexit.register(self._close_at_exit)

    @property
    def buffered_rows(self) -> int:
        """Rows queued and not yet stored."""
        return self._buffer.rows

    @property
    def dropped_rows(self) -> int:
        """Rows of this writer that are lost: the buffer was full, or a record in it was damaged."""
        return self._buffer.dropped

    @property
    def refused(self) -> int:
        """Rows of this writer that were refused, by validation or by the store."""
        return self._refused.count

    @property
    def trouble(self) -> str | None:
        """Why rows wait in the buffer, as a sentence; None while the store takes them."""
        trouble = self._sender.trouble
        return str(trouble) if trouble else None

    def heartbeat(
        self,
        *,
        component: str,
        instance: str,
        datacenter: str = "",
        started_at: datetime | None = None,
        beat_at: datetime | None = None,
        stopped_at: datetime | None = None,
    ) -> None:
        """Say that a component runs: rows are expected of it until it stops.

        Args:
            component: 'inference', 'labelling', 'experiment', 'feedback', 'training', ...
            instance: its name, unique in the service and component.
            datacenter: where it runs.
            started_at: since when; by default, since this writer was made.
            beat_at: by default, now.
            stopped_at: set by an orderly stop (`stop`, or the writer's own close).
        """
        row = {
            "component": component,
            "instance": instance,
            "datacenter": datacenter,
            "started_at": self._started_at if started_at is None else started_at,
            "beat_at": self._now() if beat_at is None else beat_at,
            "stopped_at": stopped_at,
        }
        self._put("heartbeat", row)
        if stopped_at is None:
            self._beating[component, instance] = row
        else:
            self._beating.pop((component, instance), None)

    def stop(self, *, component: str, instance: str) -> None:
        """Say that a component of this writer's has stopped in order: no more rows are expected.

        Raises:
            KeyError: this writer never sent its heartbeat.
        """
        now = self._now()
        self.heartbeat(**(self._beating[component, instance] | {"beat_at": now, "stopped_at": now}))

    def load(
        self, table: str, columns: Mapping[str, Any], *, patience_seconds: float = 30.0
    ) -> int:
        """Write many rows of one table at once, by COPY: when this returns, they are stored.

        It goes behind everything queued before, and does not use the buffer: the caller has the
        rows, and may load them again after any error, since none is counted twice.

        Args:
            table: 'serving_minute', ...
            columns: by name, each one value for all rows or n of them (a list, or an array: times
                as datetime64 in UTC, latency of shape (n, 162)). `service` is the writer's unless
                it is given; other columns may be left out where the contract has a default. A later
                row replaces an earlier one of the same key.
            patience_seconds: how long to go on trying while the store is away, s.

        Returns:
            How many rows were written.

        Raises:
            ContractError: some rows were refused; all others are written.
            ValueError: a column is unknown, missing or of another length than the rest.
            StoreUnreachableError: the store was away for longer than the patience.
            SchemaError: the store's schema does not fit; the message says which command mends it.
        """
        self._usable()
        if table not in TABLES:
            raise ValueError(f"there is no table metrics.{table}; there are {', '.join(TABLES)}")
        given = {"service": self.service, **columns}
        if table == "false_report":
            given.setdefault("anonymiser", "")  # the writer's own pass names itself
        raw = RawColumns(TABLES[table], cleaned_columns(table, given))
        deadline = Deadline(table, patience_seconds)
        while not self._sender.flush(patience_seconds):
            waiting = f"{self.buffered_rows:,} earlier rows wait in the buffer"
            slow = StoreFaultError(Verdict.UNAVAILABLE, "the store is slow to take them")
            deadline.pause_or_give_up(self._sender.trouble or slow, waiting)
        return HistoryLoad(raw, self._loader, self._refused, self._now, deadline).run()

    def flush(self, timeout_seconds: float = 60.0) -> bool:
        """Wait until every row queued so far is stored or, with the store away, durably on disk.

        Returns:
            Whether all of them are stored (or refused, or were dropped).
        """
        self._usable()
        return self._sender.flush(timeout_seconds)

    def close(self, *, orderly: bool = True, timeout_seconds: float = _CLOSE_SECONDS) -> None:
        """Send what is queued and give up the buffer folder; a second call does nothing.

        What the store does not take in time stays in the folder for the next writer.

        Args:
            orderly: whether the components whose heartbeats this writer sent have stopped in order.
            timeout_seconds: how long to go on sending, s.
        """
        with self._closing:
            if self._is_closed or os.getpid() != self._process:
                return
            if orderly:
                for component, instance in list(self._beating):
                    self.stop(component=component, instance=instance)
            self._is_closed = True
            atexit.unregister(self._close_at_exit)
            self._sender.flush(timeout_seconds)
            self._sender.stop(timeout_seconds)
            self._buffer.close()
            self._loader.close()
            if self._own_store:
                self._own_store.close()

    def _close_at_exit(self) -> None:
        self.close(orderly=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _traceback: TracebackType | None
    ) -> None:
        # Ctrl-C and sys.exit are how programs stop; any other exception is a component that broke
        # down.
        self.close(orderly=kind is None or issubclass(kind, KeyboardInterrupt | SystemExit))

    def __repr__(self) -> str:
        return f"<MetricWriter of {self.service!r}, {self.buffered_rows} rows queued>"

    def _usable(self) -> None:
        if os.getpid() != self._process:
            raise RuntimeError(
                "this MetricWriter belongs to the parent process: make one after the fork"
            )
        if self._is_closed:
            raise RuntimeError("this MetricWriter is closed")

    def _put(self, table: str, row: dict[str, Any]) -> None:
        self._usable()
        row = {"service": self.service, **cleaned(table, row)}
        try:
            payload = encode(TABLES[table], check_row(TABLES[table], row, self._now()))
        except ContractError as error:
            self._refused.keep(table, row, error.reason, self._now())
            raise
        if len(payload) > self._buffer.max_record_bytes:
            longest = max(row, key=lambda name: len(str(row[name])))
            most = self._buffer.max_record_bytes
            reason = f"{longest} makes the row {len(payload):,} bytes, must stay below {most:,}"
            raise self._refuse(
                table, {name: row[name] for name in TABLES[table].key}, longest, reason
            )
        waiting = self._buffer.append(payload)
        if waiting in {1, self._batch_rows}:  # in between, the sender knows already
            self._sender.wake()

    def _refuse(self, table: str, row: Mapping[str, Any], field: str, reason: str) -> ContractError:
        row = {"service": self.service, **cleaned(table, row)}
        self._refused.keep(table, row, reason, self._now())
        return ContractError(
            table, {name: row.get(name) for name in TABLES[table].key}, field, reason
        )


def _open(address: str | URL) -> Store:
    url = normalise_url(
        address if isinstance(address, str) else address.render_as_string(hide_password=False)
    )
    missing = {name: value for name, value in _NETWORK.items() if name not in url.query}
    full = url.update_query_dict(missing)
    return Store(full.render_as_string(hide_password=False), Path())
