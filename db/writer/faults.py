"""What an error of the store means for the rows that met it."""

from __future__ import annotations

from enum import Enum, auto

import psycopg2


class Verdict(Enum):
    """What to do with the rows."""

    #: The rows are at fault: find the one, refuse it, store the rest.
    REFUSED = auto()
    #: A row of this key exists already: upsert instead of a plain COPY.
    EXISTS = auto()
    #: The store or the way to it is at fault: keep every row and try again.
    UNAVAILABLE = auto()
    #: The schema or the grants are at fault: keep every row until somebody has mended them.
    SCHEMA = auto()


class StoreFaultError(Exception):
    """The store could not take the rows, through no fault of theirs; the message is a sentence."""

    def __init__(self, verdict: Verdict, sentence: str) -> None:
        super().__init__(sentence)
        self.verdict = verdict


_MIGRATE = "Run: python cli.py migrate"


def judge(error: psycopg2.Error) -> Verdict:
    """Whose fault an error is, by its SQLSTATE.

    Classes 21 (a key twice in one statement), 22 (data), 23 (integrity), 54 (a row over a limit,
    such as a key too long for its index) and P0 (raised by a trigger of the owner's) are the row's.
    Class 42 and 3F (undefined table or column, no privilege) are the schema's. Everything else is
    the store's: no code at all (the connection broke), 08, 57 (shut down, cancelled by a timeout),
    53 (full), 40 (deadlock), 55 (a lock), 25006 (a standby).
    """
    code = error.pgcode or ""
    if code == "23505":
        return Verdict.EXISTS
    if code[:2] in {"21", "22", "23", "54", "P0"}:
        return Verdict.REFUSED
    if code[:2] in {"42", "3F"}:
        return Verdict.SCHEMA
    return Verdict.UNAVAILABLE


def reason(error: BaseException) -> str:
    """The first line of an error; psycopg2 names hosts and users there, never a password."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def fault(error: psycopg2.Error) -> StoreFaultError:
    """The sentence for an error that is not the rows' fault."""
    if judge(error) is Verdict.SCHEMA:
        return StoreFaultError(
            Verdict.SCHEMA,
            f"the store's schema does not fit this writer: {reason(error)}. {_MIGRATE}",
        )
    return StoreFaultError(Verdict.UNAVAILABLE, f"the store does not answer: {reason(error)}")


def connecting(error: Exception) -> StoreFaultError:
    """The sentence for a connection that did not come about: never the fault of a row."""
    code = getattr(error, "pgcode", None) or ""
    if code in {"42501", "22023", "42704"}:  # what `set role` meets
        return StoreFaultError(
            Verdict.SCHEMA,
            f"the store lets no writer in: {reason(error)}. {_MIGRATE}, or grant the role",
        )
    return StoreFaultError(Verdict.UNAVAILABLE, f"the store cannot be reached: {reason(error)}")
