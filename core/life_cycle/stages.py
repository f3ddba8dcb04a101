"""The stages of a service's life, and the gates between them with what each requires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Phase(Enum):
    """Where in its life a service is."""

    LAUNCH = "launch"
    OPERATION = "operation"
    DECOMMISSIONING = "decommissioning"
    OFF = "switched off"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a phase.

    Attributes:
        gate: the gate at its end; '' where there is none: stages of operation come round again.
    """

    key: str
    name: str
    phase: Phase
    gate: str = ""


STAGES = (
    Stage("data", "Data", Phase.LAUNCH, "data"),
    Stage("research", "Research", Phase.LAUNCH, "research"),
    Stage("shadow_run", "Shadow run", Phase.LAUNCH, "shadow_run"),
    Stage("collecting", "Collecting false decisions", Phase.OPERATION),
    Stage("retraining", "Retraining", Phase.OPERATION),
    Stage("ab_test", "A/B test", Phase.OPERATION),
    Stage("production_metrics", "Production metrics", Phase.OPERATION),
    Stage("quick_fixes", "Quick fixes", Phase.OPERATION),
    Stage("accidents", "Accidents", Phase.OPERATION),
    Stage("drills", "Drills", Phase.OPERATION),
    Stage("saving", "Saving the samples", Phase.DECOMMISSIONING),
    Stage("switching_off", "Switching off", Phase.DECOMMISSIONING, "switching_off"),
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that a gate requires.

    Attributes:
        name: what has to be there, as a reader says it.
        measured: it comes from the metric tables; otherwise people say that it is there, and where.
        waivable: a gate may be passed without it, with a reason.
    """

    key: str
    name: str
    measured: bool
    waivable: bool = True


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate.

    Attributes:
        name: where it leads to.
        rule: the rule that it keeps, as a sentence.
    """

    key: str
    name: str
    rule: str
    requires: tuple[Requirement, ...]

    @property
    def said(self) -> tuple[Requirement, ...]:
        """What people say is there."""
        return tuple(one for one in self.requires if not one.measured)


DATA, RESEARCH, SHADOW, DECOMMISSIONING, SWITCHING_OFF = (
    "data",
    "research",
    "shadow_run",
    "decommissioning",
    "switching_off",
)
GATES: Mapping[str, Gate] = MappingProxyType(
    {
        gate.key: gate
        for gate in (
            Gate(
                DATA,
                "Data → research",
                "Research begins with data that lie somewhere.",
                (Requirement("data", "The data are collected", measured=False),),
            ),
            Gate(
                RESEARCH,
                "Research → shadow run",
                "Research ends with a model and a system.",
                (
                    Requirement("model", "A model: a training run succeeded", measured=True),
                    Requirement("system", "A system: something is deployed", measured=True),
                ),
            ),
            Gate(
                SHADOW,
                "Shadow run → operation",
                "A shadow run that changed anything for a user has failed.",
                (
                    Requirement("users_untouched", "Users noticed nothing", measured=True),
                    Requirement("hours", "Enough hours", measured=True),
                    Requirement("gaps", "No gaps", measured=True),
                    Requirement("errors", "The candidate answers", measured=True),
                    Requirement("slow", "It answers in time", measured=True),
                ),
            ),
            Gate(
                DECOMMISSIONING,
                "Operation → decommissioning",
                "A service is given up for a reason, and something takes over or nothing has to.",
                (Requirement("successor", "What takes over, or why nothing has to", False),),
            ),
            Gate(
                SWITCHING_OFF,
                "Switching off",
                "Nothing is switched off before samples, raw data and the classifiers' score "
                "distributions are saved.",
                (
                    Requirement("samples", "Samples", measured=False, waivable=False),
                    Requirement("raw_data", "Raw data", measured=False, waivable=False),
                    Requirement(
                        "score_distributions", "Score distributions", measured=False, waivable=False
                    ),
                ),
            ),
        )
    }
)
#: Everything that people say is there, by its key.
ITEMS: Mapping[str, Requirement] = MappingProxyType(
    {one.key: one for gate in GATES.values() for one in gate.said}
)
