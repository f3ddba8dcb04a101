"""What an experiment is judged by, and how one is read that nobody defined."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from core.ports import ExperimentDefinition, ExperimentRows, MetricRule, PlannedVariant
from core.stats.sequential import Rule


@dataclass(frozen=True, slots=True)
class Settings:
    """Error rates and thresholds of the area.

    Attributes:
        alpha: of the ordinary interval and of the always-valid band that are shown.
        rule: when a test may be decided; together its errors are 2.5 % on one side.
        power: what "can be detected" means.
        projected_from: complete days after which s_plan is projected where nobody froze it.
        horizon: days beyond which a decision is called out of sight.
        noticeable: share of the lift per letter or per user that the change of letters per user
            must reach before the page says that the denominator drives it.
    """

    alpha: float = 0.05
    rule: Rule = field(default_factory=Rule)
    power: float = 0.80
    projected_from: int = 7
    horizon: int = 365
    noticeable: float = 0.25


#: Two weekly cycles.
MINIMUM_DAYS = 14
PLANNED_DAYS = 28
CONTROL, TREATMENT = "control", "treatment"
PRIMARY = MetricRule("complaints_per_letter", -0.05, "down")
#: Time spent may fall a little where less of it goes to useless letters; how often people come, and
#: money, may hardly fall at all.
GUARDRAILS = (
    MetricRule("sessions_per_user", -0.01, "up"),
    MetricRule("session_seconds_per_user", -0.02, "up"),
    MetricRule("active_days_per_user", -0.01, "up"),
    MetricRule("revenue_per_user", -0.01, "up"),
)


def default_definition(
    service: str, experiment: str, variants: tuple[str, ...], starts_on: date
) -> ExperimentDefinition:
    """How an experiment is read that nobody defined: equal split, 14 to 28 days, margin -5 %.

    The control is the variant of that name, else the first by name.

    >>> found = default_definition("mail", "folder", ("control", "treatment"), date(2026, 6, 1))
    >>> found.control, found.primary.margin, found.planned_days
    ('control', -0.05, 28)
    """
    names = tuple(sorted(variants))
    if len(names) < 2:
        # One arm alone is compared with the one that is missing, so that the report can say so.
        missing = TREATMENT if names == (CONTROL,) else CONTROL
        names = tuple(sorted({*names, missing})) if names else (CONTROL, TREATMENT)
    return ExperimentDefinition(
        service=service,
        experiment=experiment,
        variants=tuple(PlannedVariant(name, 1 / len(names)) for name in names),
        control=CONTROL if CONTROL in names else names[0],
        starts_on=starts_on,
        minimum_days=MINIMUM_DAYS,
        planned_days=PLANNED_DAYS,
        primary=PRIMARY,
        guardrails=GUARDRAILS,
        s_plan=None,
        assumption="",
        frozen_by="",
        frozen_at=None,
        stopped_on=None,
        note="",
        revision=0,
    )


def of_rows(service: str, rows: ExperimentRows) -> ExperimentDefinition:
    """The default definition of an experiment that has rows."""
    return default_definition(service, rows.experiment, rows.variants, rows.first_day)
