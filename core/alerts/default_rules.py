"""The rules that a new service starts with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.alerts.parameters import POLICY_NAMES
from core.alerts.rules import CHECKS
from core.ports.alerts import AlertRule
from core.timeframe import MINUTE

#: Who answers for a default rule until somebody else is named: whoever is on call.
DEFAULT_OWNER = "on-call"


def defaults(service: str) -> tuple[AlertRule, ...]:
    """The rules that a service starts with; their ids never change.

    >>> [rule.rule_id for rule in defaults("search")][:2]
    ['slo-availability', 'slo-latency']
    """
    return tuple(replace(rule, service=service) for rule in _DEFAULTS)


def _default(
    rule_id: str,
    check: str,
    name: str,
    severity: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    wait: timedelta = timedelta(0),
) -> AlertRule:
    kind = CHECKS[check].kind
    return AlertRule(
        service="",
        rule_id=rule_id,
        name=name,
        kind=kind,
        check=check,
        parameters=dict(parameters or {}),
        severity=severity,
        wait=wait,
        owner=DEFAULT_OWNER,
        runbook_id=RUNBOOK_OF[kind],
        enabled=True,
        revision=1,
    )


#: The runbook of each kind of rule, see `core.alerts.runbooks`.
RUNBOOK_OF: Mapping[str, str] = {
    "slo_burn": "runbook-slo-burn",
    "liveness": "runbook-liveness",
    "counter": "runbook-counters",
    "quality": "runbook-quality",
    "product": "runbook-product",
    "plan": "runbook-plan",
}
_DEFAULTS = (
    _default(
        "slo-availability",
        "burn",
        "Availability burns its error budget",
        "page",
        {"sli": "availability", "policies": list(POLICY_NAMES)},
    ),
    _default(
        "slo-latency",
        "burn",
        "Latency burns its error budget",
        "page",
        {"sli": "latency", "policies": list(POLICY_NAMES)},
    ),
    _default("rows", "rows", "Nobody writes serving minutes", "page", {"minutes": 3}),
    _default("heartbeat", "heartbeat", "An instance went quiet", "ticket", {"minutes": 3}),
    _default("tables", "tables", "A metric table went quiet", "ticket", wait=15 * MINUTE),
    # A ticket: the worker is one for all services, and each of them would page.
    _default("worker", "worker", "The worker went quiet", "ticket", {"minutes": 5}),
    _default(
        "errors",
        "errors",
        "Many letters get no answer",
        "ticket",
        {"minutes": 5, "share": 0.01, "least": 10},
        wait=2 * MINUTE,
    ),
    _default(
        "load",
        "load",
        "Load above what was ever carried",
        "ticket",
        {"factor": 1.0},
        wait=5 * MINUTE,
    ),
    _default(
        "traffic-vanished",
        "traffic_vanished",
        "Traffic vanished",
        "page",
        {"minutes": 10, "share": 0.1, "least": 100},
    ),
    _default("certified-precision", "certified_precision", "Certified precision lost", "ticket"),
    _default("early-warning", "early_warning", "Early warning from the scores", "ticket"),
    _default("drift", "drift", "Scores drift", "ticket", {"index": 0.25, "least": 1000}),
    _default(
        "complaints",
        "complaints",
        "Complaints outside their weekly pattern",
        "ticket",
        {"weeks": 8, "false_alarms": 0.001},
    ),
    _default("guardrail", "guardrail", "A guardrail is harmed", "ticket"),
    _default("sample-ratio", "sample_ratio", "Sample ratio is off", "ticket"),
    _default(
        "shadow-visible", "shadow_visible", "Shadow run visible to users", "page", {"hours": 24}
    ),
    _default("milestone-overdue", "milestone_overdue", "Milestone overdue", "ticket", {"days": 0}),
    _default("risk-red-lines", "risk_red_lines", "A risk's red line is crossed", "ticket"),
)
