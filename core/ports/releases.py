"""Releases of models, which every area marks in its charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Release:
    """A deployment of a model version, as the serving stack recorded it."""

    deployment_id: str
    deployed_at: datetime
    model_version: str
    datacenter: str
    stage: str
    threshold: float | None
    note: str
