"""What rules check, one module a kind: inputs and parameters in, signals out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.alerts.checks import counters, liveness, plan, product, quality, slo
from core.alerts.checks.answer import Answer
from core.alerts.inputs import Inputs
from core.ports.alerts import AlertRule

__all__ = ["EVALUATE", "Answer"]

#: By the names of `core.alerts.rules.CHECKS`; the parameters are what the check's `read` returns.
EVALUATE: Mapping[str, Callable[[AlertRule, Any, Inputs], Answer]] = {
    "burn": slo.burn,
    "rows": liveness.rows,
    "heartbeat": liveness.heartbeat,
    "tables": liveness.tables,
    "worker": liveness.worker,
    "errors": counters.errors,
    "load": counters.load,
    "traffic_vanished": counters.traffic_vanished,
    "certified_precision": quality.certified_precision,
    "early_warning": quality.early_warning,
    "drift": quality.drift,
    "complaints": product.complaints,
    "guardrail": product.guardrail,
    "sample_ratio": product.sample_ratio,
    "shadow_visible": product.shadow_visible,
    "milestone_overdue": plan.milestone_overdue,
    "red_line": plan.red_line,
    "risk_red_lines": plan.risk_red_lines,
}
