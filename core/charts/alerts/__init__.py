"""The charts of the alerts' area."""

from core.charts.alerts.signal import signal
from core.charts.alerts.strip import strip

__all__ = ["signal", "strip"]
