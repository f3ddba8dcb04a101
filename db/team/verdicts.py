"""Verdicts as they were, one an hour and one at each change of status: a criterion's history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.status import Estimate, Evidence, Operator, Status, Target, Verdict
from core.timeframe import HOUR, Window, floor_to

_NOT_FINITE = frozenset({"inf", "-inf", "nan"})

# One process at a time writes the verdicts of a service: two that look at once would both find the
# hour without one.
_TAKE_TURNS = text("select pg_advisory_xact_lock(hashtextextended('verdicts of ' || :service, 0))")
_NEIGHBOURS = text("""
    (select as_of, status from team.verdict
     where service = :service and criterion_id = :criterion_id and as_of <= :as_of
     order by as_of desc limit 1)
    union all
    (select as_of, status from team.verdict
     where service = :service and criterion_id = :criterion_id and as_of > :as_of
     order by as_of limit 1)""")
_STORE = text("""
    insert into team.verdict
        (service, criterion_id, as_of, status, sentence, value, low, high, n, evidence)
    values (:service, :criterion_id, :as_of, :status, :sentence, :value, :low, :high, :n, :evidence)
    on conflict (service, criterion_id, as_of) do update set
        status = excluded.status, sentence = excluded.sentence, value = excluded.value,
        low = excluded.low, high = excluded.high, n = excluded.n, evidence = excluded.evidence""")
_HISTORY = text("""
    select criterion_id, as_of, status, sentence, evidence from team.verdict
    where service = :service and criterion_id = :criterion_id and as_of >= :start and as_of < :end
    order by as_of""")


def store(engine: Engine, service: str, verdicts: Iterable[Verdict]) -> int:
    """Keep verdicts that say something new: the first of an hour, and any whose status changed.

    Storing the same verdict again changes nothing; one of the same as-of that says something else
    (its rows were corrected) replaces it.

    Returns:
        How many were written.
    """
    with engine.begin() as connection:
        connection.execute(_TAKE_TURNS, {"service": service})
        new = [verdict for verdict in verdicts if _is_new(connection, service, verdict)]
        for verdict in new:
            connection.execute(_STORE, _row(service, verdict))
    return len(new)


def history(
    engine: Engine, service: str, criterion_id: str, start: datetime, end: datetime
) -> tuple[Verdict, ...]:
    """The kept verdicts of a criterion with start <= as_of < end, oldest first."""
    asked = {"service": service, "criterion_id": criterion_id, "start": start, "end": end}
    with engine.connect() as connection:
        return tuple(_verdict(*row) for row in connection.execute(_HISTORY, asked))


def _is_new(connection: Connection, service: str, verdict: Verdict) -> bool:
    """Whether it replaces a verdict, or neither neighbour says the same of the same hour."""
    asked = {"service": service, "criterion_id": verdict.criterion_id, "as_of": verdict.as_of}
    neighbours = connection.execute(_NEIGHBOURS, asked).all()
    if any(as_of == verdict.as_of for as_of, _ in neighbours):
        return True
    hour = floor_to(verdict.as_of, HOUR)
    return not any(
        status == verdict.status.name and floor_to(as_of, HOUR) == hour
        for as_of, status in neighbours
    )


def _row(service: str, verdict: Verdict) -> dict[str, object]:
    """The columns; value, low, high and n are those of the measure that decided."""
    estimates = [part.estimate for part in verdict.evidence if part.status is verdict.status]
    estimates += [part.estimate for part in verdict.evidence]
    estimate = next((found for found in estimates if found is not None), None)
    return {
        "service": service,
        "criterion_id": verdict.criterion_id,
        "as_of": verdict.as_of,
        "status": verdict.status.name,
        "sentence": verdict.sentence,
        "value": _float(estimate.value if estimate else None),
        "low": _float(estimate.low if estimate else None),
        "high": _float(estimate.high if estimate else None),
        "n": estimate.n if estimate else None,
        "evidence": json.dumps(_evidence(verdict), ensure_ascii=False),
    }


def _evidence(verdict: Verdict) -> dict[str, object]:
    through = verdict.data_through
    return {
        "name": verdict.name,
        "area": verdict.area,
        "window": str(verdict.window),
        "data_through": through.isoformat() if through else None,
        "reasons": list(verdict.reasons),
        "settles": verdict.settles,
        "measures": [
            {
                "measure": part.target.measure,
                "operator": part.target.operator.value,
                "target": str(part.target.value),
                "unit": part.target.unit,
                "milestone": part.target.milestone,
                "due_on": part.target.due_on.isoformat(),
                "status": part.status.name,
                "estimate": _numbers(part.estimate),
            }
            for part in verdict.evidence
        ],
    }


def _numbers(estimate: Estimate | None) -> dict[str, object] | None:
    if estimate is None:
        return None
    return {
        "value": _exact(estimate.value),
        "low": _exact(estimate.low),
        "high": _exact(estimate.high),
        "n": estimate.n,
    }


def _float(number: Fraction | float | None) -> float | None:
    return None if number is None else float(number)


def _exact(number: Fraction | float | None) -> str | float | None:
    """A fraction as '9999/10000', so that it comes back as it was; a float as it is.

    JSON knows no infinity, so that is written out as well.
    """
    if number is None or (isinstance(number, float) and isfinite(number)):
        return number
    return str(number)


def _number(written: str | float | None) -> Fraction | float | None:
    if not isinstance(written, str):
        return written
    return float(written) if written in _NOT_FINITE else Fraction(written)


def _verdict(
    criterion_id: str, as_of: datetime, status: str, sentence: str, evidence: Mapping[str, Any]
) -> Verdict:
    through = evidence["data_through"]
    return Verdict(
        criterion_id=criterion_id,
        name=evidence["name"],
        area=evidence["area"],
        status=Status[status],
        sentence=sentence,
        evidence=tuple(_measure(part) for part in evidence["measures"]),
        window=Window.parse(evidence["window"]),
        as_of=as_of,
        data_through=None if through is None else datetime.fromisoformat(through),
        reasons=tuple(evidence["reasons"]),
        settles=evidence["settles"],
    )


def _measure(part: Mapping[str, Any]) -> Evidence:
    numbers = part["estimate"]
    target = Target(
        part["measure"],
        Operator(part["operator"]),
        Decimal(part["target"]),
        part["unit"],
        part["milestone"],
        date.fromisoformat(part["due_on"]),
    )
    estimate = None
    if numbers is not None:
        value, low, high = (_number(numbers[key]) for key in ("value", "low", "high"))
        estimate = Estimate(value, low, high, numbers["n"])
    return Evidence(target, estimate, Status[part["status"]])
