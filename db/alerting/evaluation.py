"""One look at all services: read what is due, evaluate the rules, store what follows."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from core.alerts.evaluation import Evaluated
from core.alerts.evaluation import evaluate as evaluate_rules
from core.alerts.inputs import EVERY, KEPT, Inputs, due, is_due
from core.ports.alerts import AlertRule
from core.timeframe import MINUTE, floor_to
from db.alerting.storing import Said, store
from db.failures import Failure, classify, reason
from db.readers.alert_inputs import read
from db.readers.alert_rows import RULE_COLUMNS, rule_of
from db.readers.overview import SqlOverviewReader
from db.team.alert_rules import ensure_rules

log = logging.getLogger(__name__)

#: A minute is evaluated this long after its end at the earliest, so that its rows are there.
SETTLE = timedelta(seconds=10)
#: What changes by the hour is dear to read, and after a restart all of it is due at once. It is
#: read for so long in one evaluation; the services that had to wait come first in the next one, and
#: their newest minutes are evaluated in time all the same.
SLOW_SECONDS = 4.0
#: One service is evaluated while the store answers for another.
AT_ONCE = 2
_RULES = text(f"""
    select {RULE_COLUMNS} from team.alert_rule
    order by service collate "C", rule_id collate "C" """)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look at all services came to.

    Attributes:
        at: the minute that was evaluated: what happened before it.
        services: that were evaluated.
        moves: alerts that changed their state.
        errors: a sentence for each service that could not be evaluated at all. What is wrong with
            single rules is kept with their service's evaluation.
        seconds: how long it took.
    """

    at: datetime
    services: tuple[str, ...] = ()
    moves: int = 0
    errors: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(slots=True)
class _Memory:
    """What is remembered of a service between two evaluations by one process.

    Attributes:
        last_read: when each area was last read without failing.
        kept: what was read of the areas that are handed over until they are due again.
        served: when all areas that were due could be read; None while none were.
    """

    last_read: dict[str, datetime] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    served: datetime | None = None


class Alerting:
    """Evaluates all services, a minute at most once, and remembers what need not be read again.

    Args:
        engine: the store, as greenlight_worker.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.
        slow_seconds: see SLOW_SECONDS.
    """

    def __init__(
        self, engine: Engine, *, base_url: str = "", slow_seconds: float = SLOW_SECONDS
    ) -> None:
        self._engine = engine
        self._base_url = base_url
        self._slow_seconds = slow_seconds
        self._memory: dict[str, _Memory] = defaultdict(_Memory)
        self._evaluated: datetime | None = None
        self._given: frozenset[str] = frozenset()

    def evaluate(self, now: datetime) -> Outcome | None:
        """Evaluate the newest minute that has settled; None where that was done already.

        What goes wrong with a service is told in the outcome and stops no other one.

        Raises:
            DBAPIError: the store cannot be reached.
        """
        at = floor_to(now - SETTLE, MINUTE)
        if self._evaluated is not None and at <= self._evaluated:
            return None
        began = time.monotonic()
        services = SqlOverviewReader(self._engine).services()
        if not self._given.issuperset(services):
            ensure_rules(self._engine, services, at)
            self._given = frozenset(services)
        rules = self._rules()
        done: list[str] = []
        errors: list[str] = []
        moves = 0
        with ThreadPoolExecutor(AT_ONCE, "greenlight-alerts") as threads:
            looks = {
                service: threads.submit(self._service, service, rules[service], at, now, began)
                for service in self._in_turn({*services, *rules})
            }
        for service in sorted(looks):
            try:
                moved = looks[service].result()
            except Exception as error:
                if classify(error) is Failure.UNREACHABLE:
                    raise
                log.exception("The alerts of %s could not be evaluated", service)
                errors.append(f"The alerts of {service} could not be evaluated: {reason(error)}.")
                self._memory.pop(service, None)
                continue
            if moved is not None:
                done.append(service)
                moves += moved
        self._evaluated = at
        seconds = time.monotonic() - began
        return Outcome(at, tuple(done), moves, tuple(errors), seconds)

    def _in_turn(self, services: Iterable[str]) -> list[str]:
        """Services, those first whose slow areas have waited longest; each is remembered now."""
        long_ago = datetime.min.replace(tzinfo=UTC)
        return sorted(
            services, key=lambda service: (self._memory[service].served or long_ago, service)
        )

    def _service(
        self,
        service: str,
        rules: Sequence[AlertRule],
        at: datetime,
        now: datetime,
        all_began: float,
    ) -> int | None:
        """Evaluate one service; how many alerts changed, None where it was evaluated already."""
        began = time.monotonic()
        memory = self._memory[service]
        areas = due(rules, memory.last_read, at)
        if is_due(service, "risks", memory.last_read, at):
            areas |= {"risks"}  # a crossed red line opens plan B, whatever became of its rule
        if began - all_began < self._slow_seconds:
            memory.served = at
        else:
            areas = frozenset(area for area in areas if EVERY[area] <= MINUTE)
        inputs = read(self._engine, service, at, areas, memory.kept)
        if self._evaluated is None and inputs.worker is not None:
            # This worker ticks now. For how long nobody did before it came is no news any more.
            inputs = replace(inputs, worker=replace(inputs.worker, ticked_at=at))
        evaluated = [said for rule in rules for said in _evaluate(rule, inputs)]
        seconds = time.monotonic() - began
        said = Said(service, rules, evaluated, seconds, inputs.risks or ())
        moved = store(self._engine, said, at=at, now=now, base_url=self._base_url)
        if moved is not None:
            memory.last_read |= dict.fromkeys(areas - inputs.failed.keys(), at)
            memory.kept |= {
                area: getattr(inputs, area) for area in KEPT if getattr(inputs, area) is not None
            }
        return moved

    def _rules(self) -> dict[str, list[AlertRule]]:
        found: dict[str, list[AlertRule]] = defaultdict(list)
        with self._engine.connect() as connection:
            for row in connection.execute(_RULES).mappings():
                found[row["service"]].append(rule_of(row))
        return found


def evaluate(engine: Engine, now: datetime, *, base_url: str = "") -> Outcome | None:
    """Evaluate all services once, with everything that their rules need. See `Alerting`."""
    return Alerting(engine, base_url=base_url).evaluate(now)


def _evaluate(rule: AlertRule, inputs: Inputs) -> tuple[Evaluated, ...]:
    """What one rule says; one that breaks is unknown and stops no other one."""
    try:
        (found,) = evaluate_rules([rule], inputs) or (None,)
        if found is None:
            return ()
        named = {tuple(sorted(signal.labels.items())) for signal in found.signals}
        if len(named) == len(found.signals):
            return (found,)
        wrong = "it says two things of the same"
    except Exception as error:
        log.exception("Rule %s of %s failed", rule.rule_id, rule.service)
        wrong = f"{type(error).__name__}: {reason(error)}"
    said = f"Rule {rule.rule_id} cannot be evaluated: {wrong}"
    return (Evaluated(rule, (), complete=False, why=said, error=said),)
