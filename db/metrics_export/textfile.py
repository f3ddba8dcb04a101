"""Metrics as a file for node_exporter's textfile collector."""

from __future__ import annotations

from pathlib import Path


def write(exposition: bytes, path: Path) -> None:
    """Put the metrics into a file that is whole at every moment.

    node_exporter reads files named *.prom and passes by the one that is being written.

    Raises:
        OSError: it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(exposition)
    fresh.chmod(0o644)
    fresh.replace(path)
