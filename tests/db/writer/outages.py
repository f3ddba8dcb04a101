"""A writer whose store goes away and comes back, and what the store then holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import URL, text

from core.stats.histogram import CELLS
from db.engine import Role, Store
from db.writer import MetricWriter
from tests.db.writer_proxy import CuttableProxy

LOGGER = "greenlight.writer"


def through(proxy: CuttableProxy, buffer: Path, **options: Any) -> MetricWriter:
    return MetricWriter(proxy.url, service="newsletters", buffer=buffer, **options)


def equal_minutes(n: int, letters: int = 10) -> dict[str, Any]:
    latency = np.zeros((n, CELLS), dtype=np.int32)
    latency[:, 0] = letters
    return {
        "minute": np.datetime64("2025-06-01T12:00", "us") + np.arange(n) * np.timedelta64(60, "s"),
        "datacenter": "dc1",
        "instance": "dc1-07",
        "model_version": "v12",
        "letters": letters,
        "errors": 0,
        "slow": 0,
        "latency": latency,
    }


def letters_stored(store: Store) -> list[int]:
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(
            text("select letters from metrics.serving_minute order by minute")
        )
        return list(found.scalars())


def address(url: URL) -> str:
    return url.render_as_string(hide_password=False)
