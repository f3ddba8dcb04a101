"""The transaction that a reader works in."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, text

T = TypeVar("T")

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
#: What was asked in each snapshot that is being read from, with its answer.
_ANSWERED: dict[Connection, dict[Hashable, Any]] = {}


@contextmanager
def snapshot(source: Source) -> Iterator[Connection]:
    """One consistent, read-only look at the store.

    A report that asks several questions takes one snapshot and gives its connection to the readers.
    What they ask through `once` they ask the store once.
    """
    if isinstance(source, Connection):
        yield source
        return
    with source.connect() as connection:
        connection.execute(_PREPARE)
        _ANSWERED[connection] = {}
        try:
            yield connection
        finally:
            del _ANSWERED[connection]


def once(connection: Connection, question: Hashable, answer: Callable[[], T]) -> T:
    """The answer to a question: in a snapshot, where it cannot change, the one given before.

    Several readers of one report need the same rows. In a transaction that writes, each asks anew.

    Args:
        connection: of a snapshot, or of any transaction.
        question: what tells it from all others.
        answer: asks the store. What it returns is shared, and must not be changed.
    """
    answered = _ANSWERED.get(connection)
    if answered is None:
        return answer()
    if question not in answered:
        answered[question] = answer()
    found: T = answered[question]
    return found
