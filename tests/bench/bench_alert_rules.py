"""What evaluating rules costs after the queries: `python -m tests.bench.bench_alert_rules`.

Fifty services of forty rules each, every rule due: three days of minutes of three datacenters, a
fifth of the services in an outage. One JSON object, seconds on the CPU's clock, the best of several
rounds:

- serving_seconds: the policies' states from the minutes, of all services;
- evaluate_seconds: signals, state machine and inhibition, of all rules;
- services, rules, firing: how many there were.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

from core.alerts.default_rules import defaults
from core.alerts.evaluation import evaluate
from core.alerts.inputs import Inputs
from core.alerts.machine import advance
from core.alerts.serving import Carried, Serving, serving
from core.ports import WorkerPulse
from core.ports.alerts import AlertRule
from core.timeframe import DAY, MINUTE
from tests.fakes import at, life
from tests.fakes_alerts import GridReader, failing, steady_grid

SERVICES, RULES, ROUNDS = 50, 40, 5
FIRST, NOW = -3 * DAY // MINUTE, 30
#: Of every so many services, one is in an outage.
ONE_IN = 5
#: Checks whose areas are read every minute; further rules are of these.
EVERY_MINUTE = frozenset({"burn", "errors", "traffic_vanished", "heartbeat", "rows"})


def rules_of(service: str) -> tuple[AlertRule, ...]:
    """The rules of a new service, and copies of some of them until there are enough."""
    found = list(defaults(service))
    copied = [rule for rule in found if rule.check in EVERY_MINUTE]
    while len(found) < RULES:
        for rule in copied[: RULES - len(found)]:
            found.append(replace(rule, rule_id=f"{rule.rule_id}-{len(found)}"))
    return tuple(found)


def services() -> Iterator[tuple[str, GridReader]]:
    """Every service with its minutes."""
    lives = [life(FIRST, NOW, datacenter=f"dc{number}") for number in (1, 2, 3)]
    for number in range(SERVICES):
        grid = replace(steady_grid(FIRST, NOW, 50_000, 3), lives=lives)
        if number % ONE_IN == 0:
            grid = failing(grid, 10, NOW, 25_000, datacenter=1)
        yield f"service-{number}", grid


def main() -> None:
    """Measure and print."""
    known = list(services())
    rules = {service: rules_of(service) for service, _ in known}
    seen: dict[str, Serving] = {}
    serving_seconds, evaluate_seconds, firing = [], [], 0
    for _ in range(ROUNDS):
        began = time.process_time()
        for service, grid in known:
            seen[service] = serving(grid, service, at(NOW))
        serving_seconds.append(time.process_time() - began)
        began, firing = time.process_time(), 0
        for service, grid in known:
            inputs = Inputs(
                service,
                at(NOW),
                serving=seen[service],
                heartbeats=tuple(grid.lives),
                worker=WorkerPulse("host:1", at(NOW), ""),
                carried=Carried(150_000, at(0)),
            )
            steps = advance(rules[service], evaluate(rules[service], inputs), (), at(NOW))
            firing += sum(one.state == "firing" for one in steps.episodes)
        evaluate_seconds.append(time.process_time() - began)
    print(
        json.dumps(
            {
                "services": len(known),
                "rules": sum(len(each) for each in rules.values()),
                "firing": firing,
                "serving_seconds": min(serving_seconds),
                "evaluate_seconds": min(evaluate_seconds),
            }
        )
    )


if __name__ == "__main__":
    main()
