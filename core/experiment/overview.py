"""Every experiment of a service with its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.experiment.assessment import assess
from core.experiment.choice import in_utc, known_experiments
from core.experiment.decision import Decision, Outcome
from core.experiment.effects import Interval
from core.experiment.settings import Settings
from core.ports import ExperimentDecision, ExperimentDefinition, ExperimentReader
from core.status import Status


@dataclass(frozen=True, slots=True)
class Summary:
    """One experiment in a list.

    Attributes:
        definition: as it stood at as_of; the default where nobody had defined it.
        is_default: nobody had.
        outcome: the verdict.
        status: the verdict as a criterion's status.
        reasons: why it is invalid or has no data, as parts of a sentence.
        treatment: the arm that the verdict is about.
        lift: over the days that count; None where it cannot be computed.
        bounds: what decides: of the day that decided, else of the last complete day.
        decision: when and by what it was decided; None while open.
        users: first-exposed users of both arms.
        data_through: the last complete day.
        decided: what people decided last; None where nobody has.
    """

    experiment: str
    definition: ExperimentDefinition
    is_default: bool
    outcome: Outcome
    status: Status
    reasons: tuple[str, ...]
    treatment: str
    lift: float | None
    bounds: Interval | None
    decision: Decision | None
    users: int
    data_through: date | None
    decided: ExperimentDecision | None


def overview(
    reader: ExperimentReader, service: str, as_of: datetime, settings: Settings | None = None
) -> tuple[Summary, ...]:
    """Every experiment of a service, the latest start first.

    Raises:
        ValueError: as_of has no zone.
    """
    settings, as_of = settings or Settings(), in_utc(as_of)
    found = []
    for known in known_experiments(reader, service, as_of):
        name = known.definition.experiment
        seen = assess(reader, known, as_of, settings)
        main, line = seen.main, seen.ground.line
        decision = main.decision if seen.outcome in {Outcome.MET, Outcome.NOT_MET} else None
        made = [one for one in reader.decisions(service, name) if one.decided_at <= as_of]
        found.append(
            Summary(
                name,
                known.definition,
                known.is_default,
                seen.outcome,
                seen.status,
                seen.reasons,
                main.treatment,
                main.effect.lift,
                main.deciding if decision is None else decision.bounds,
                decision,
                main.users,
                None if line.through is None else line.days[line.through],
                made[0] if made else None,
            )
        )
    return tuple(found)
