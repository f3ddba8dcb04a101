"""The transaction that a reader works in."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

#: Where a reader reads: an engine, for a snapshot a question, or the connection of one snapshot.
Source = Engine | Connection

# Repeatable read: a tick of the worker between two questions must not make their answers disagree.
# Compiling a query of 162 sums takes longer than running it, so no JIT. And a month out of a
# quarter looks to the planner like a reason to scan the whole table, which would make every page
# dearer with each month stored: the index it is.
_PREPARE = text(
    "set transaction isolation level repeatable read, read only; "
    "set local jit = off; "
    "set local enable_seqscan = off"
)


@contextmanager
def snapshot(source: Source) -> Iterator[Connection]:
    """One consistent, read-only look at the store.

    A report that asks several questions takes one snapshot and gives its connection to the readers.
    """
    if isinstance(source, Connection):
        yield source
        return
    with source.connect() as connection:
        connection.execute(_PREPARE)
        yield connection
