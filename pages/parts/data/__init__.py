"""Reports and charts for pages: the only place that caches."""

from pages.parts.data.charts import drawn
from pages.parts.data.reports import (
    Loaded,
    act,
    experiment,
    experiments,
    goals,
    overview,
    quality,
    quality_before,
    reliability,
    watermark,
)
from pages.parts.data.store import (
    Problem,
    ask,
    connect,
    engine,
    fill_progress,
    now,
    services,
    store_answers,
    worker_pulse,
)

__all__ = [
    "Loaded",
    "Problem",
    "act",
    "ask",
    "connect",
    "drawn",
    "engine",
    "experiment",
    "experiments",
    "fill_progress",
    "goals",
    "now",
    "overview",
    "quality",
    "quality_before",
    "reliability",
    "services",
    "store_answers",
    "watermark",
    "worker_pulse",
]
