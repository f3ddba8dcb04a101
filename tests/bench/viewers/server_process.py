"""What a server's process holds: memory, descriptors, threads, connections to the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, text

_MB = 1024.0


@dataclass(frozen=True)
class Holding:
    """What a process holds at a moment.

    Attributes:
        memory_mb: resident.
        descriptors, threads: open, running.
    """

    memory_mb: float
    descriptors: int
    threads: int


def holding(process: int) -> Holding:
    """What a process holds now.

    Args:
        process: its id.
    """
    folder = Path(f"/proc/{process}")
    lines = (folder / "status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    return Holding(
        int(status["VmRSS"].split()[0]) / _MB,
        len(list((folder / "fd").iterdir())),
        int(status["Threads"]),
    )


def store_connections(owner: Engine, role: str) -> int:
    """How many connections a role has to the store."""
    asked = text("select count(*) from pg_stat_activity where application_name = :name")
    with owner.connect() as connection:
        return int(connection.execute(asked, {"name": f"greenlight {role}"}).scalar_one())


def slope(values: Sequence[float]) -> float:
    """By how much values grow from one to the next, by least squares.

    >>> slope([1.0, 3.0, 5.0])
    2.0
    """
    return round(float(np.polyfit(np.arange(len(values)), np.asarray(values), 1)[0]), 9)
