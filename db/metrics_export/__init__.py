"""Greenlight's own state for Prometheus, and its health, as the worker serves and writes them."""

from db.metrics_export.export import Export, look
from db.metrics_export.exporting import MetricsError, exporting
from db.metrics_export.serving import Serving
from db.metrics_export.textfile import write

__all__ = ["Export", "MetricsError", "Serving", "exporting", "look", "write"]
