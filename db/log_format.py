"""What the processes say while they run: lines for people, or JSON for a collector of logs.

Neither holds what the store holds: of an exception, its kind, the first line of what went wrong and
the places that it passed are written, and none of the values that a statement was given.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from db.failures import reason

#: The project's loggers; of others, warnings alone are shown.
OWN = ("db", "greenlight")
#: What a message may carry besides its text.
FIELDS = ("service",)


class JsonFormatter(logging.Formatter):
    """A line of JSON each: time, level, logger, message, process; service and error where known.

    Args:
        process: what the process is called, such as worker.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": self._process,
        }
        told |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = _error(record.exc_info[1])
        return json.dumps(told, ensure_ascii=False, default=str)


class LineFormatter(logging.Formatter):
    """The time and the message, for a terminal; below it where an exception came from."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """The exception without the values that it carries."""
        told = _error(ei[1])
        return "\n".join([f"{told['type']}: {told['reason']}", *(f"  {at}" for at in told["at"])])


def start(process: str, style: str) -> None:
    """Let this process say what it does.

    Args:
        process: what it is called.
        style: 'json' for lines of JSON; '' or 'text' for lines for people.

    Raises:
        ValueError: there is no such style.
    """
    if style not in {"", "text", "json"}:
        raise ValueError(f"GREENLIGHT_LOG is {style!r}; it must be text or json.")
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(process) if style == "json" else LineFormatter())
    logging.basicConfig(handlers=[handler], force=True)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.INFO)


def relayed(process: str, line: str, now: datetime) -> str:
    """A child's line as the parent passes it on: JSON as it is, anything else put into JSON."""
    if _is_record(line):
        return line
    told = {
        "time": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        "level": "info",
        "logger": process,
        "message": line,
        "process": process,
    }
    return json.dumps(told, ensure_ascii=False)


def _is_record(line: str) -> bool:
    try:
        return isinstance(json.loads(line), Mapping)
    except ValueError:
        return False


def _error(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "reason": reason(error),
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
