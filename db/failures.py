"""What an error of the database means for the work at hand, and how to say it in a sentence."""

from __future__ import annotations

from enum import Enum

from sqlalchemy.exc import DBAPIError

#: Classes of SQLSTATE that the rows themselves cause: data exceptions, violated constraints,
#: damaged pages. The same rows fail again; other rows need not.
_CAUSED_BY_ROWS = ("22", "23", "XX001", "XX002")
#: Connection exceptions, and a server that is starting, stopping or recovering.
_WITHOUT_SERVER = ("08", "57P")
#: Serialization failure, deadlock, lock not available in time.
_IN_THE_WAY = ("40", "55P03")


class Failure(Enum):
    """Who has to do something before trying again makes sense."""

    UNREACHABLE = "the connection is gone: nothing works until the store answers again"
    BAD_ROWS = "these rows cannot be worked on: somebody has to correct them"
    BUSY = "somebody else's transaction is in the way"
    PASSING = "a time limit, a lack of memory or of rights: the next attempt may succeed"


def classify(error: BaseException) -> Failure:
    """Tell what kind of failure an exception is; one that is not the database's is PASSING."""
    if not isinstance(error, DBAPIError):
        return Failure.PASSING
    state = getattr(error.orig, "pgcode", None)
    if error.connection_invalidated or state is None or state.startswith(_WITHOUT_SERVER):
        return Failure.UNREACHABLE
    if state.startswith(_IN_THE_WAY):
        return Failure.BUSY
    return Failure.BAD_ROWS if state.startswith(_CAUSED_BY_ROWS) else Failure.PASSING


def reason(error: BaseException) -> str:
    """The first line of what went wrong, without the statement and without a full stop."""
    original = error.orig if isinstance(error, DBAPIError) else error
    diagnostics = getattr(original, "diag", None)
    message = getattr(diagnostics, "message_primary", None) or str(original)
    lines = message.strip().splitlines()
    return lines[0].rstrip(".") if lines else type(original).__name__
