"""Metrics served and written for as long as a worker runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from db.metrics_export.export import Export
from db.metrics_export.serving import Serving
from db.metrics_export.textfile import write

#: Whoever is to see the metrics from elsewhere says so: they name services and their troubles.
LOOPBACK = "127.0.0.1"


class MetricsError(ValueError):
    """The metrics cannot be served where they should be; the message names the variable."""


@contextmanager
def exporting(
    export: Export, host: str, port: str, path: str
) -> Iterator[Sequence[Callable[[datetime], None]]]:
    """Serve the metrics and health, and have them written to a file.

    Args:
        export: what to tell.
        host: the address to listen on; '' for this machine alone.
        port: where to listen; '' for not at all.
        path: the file; '' for none.

    Yields:
        What is to be done at each tick.

    Raises:
        MetricsError: nothing can listen there.
    """

    def write_file(_at: datetime) -> None:
        write(export.exposition(), Path(path))

    hooks = (write_file,) if path else ()
    if not port:
        yield hooks
        return
    try:
        serving = Serving(export, host or LOOPBACK, int(port))
    except (OSError, ValueError, OverflowError) as error:
        raise MetricsError(
            f"GREENLIGHT_METRICS_PORT is {port!r}, where nothing can listen: {error}."
        ) from error
    with serving:
        yield hooks
