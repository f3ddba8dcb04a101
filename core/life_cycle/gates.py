"""Gates as they stand: what each requires, whether it is there, and why one may not be passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from core import wording
from core.life_cycle import stages
from core.life_cycle.settings import Settings
from core.life_cycle.shadow import ShadowRun
from core.life_cycle.stages import Gate, Requirement
from core.ports.life_cycle import KeptItem, PassedGate
from core.ports.releases import Release
from core.status import Status
from core.training.runs import SeenRun

#: What the status of a requirement is called.
WORDS: Mapping[Status, str] = {
    Status.ON_TARGET: "there",
    Status.BREACHED: "failed",
    Status.UNDECIDED: "not yet",
    Status.NO_DATA: "missing",
}
#: Stages of a deployment in which something runs.
RUNS = frozenset({"shadow", "canary", "production"})


@dataclass(frozen=True, slots=True)
class Met:
    """A requirement as it stands.

    Attributes:
        status: on target where it is there, breached where it failed, undecided where it may still
            come, no data where nothing tells.
        said: what was measured, or where it lies; text that people wrote may be in it.
        item: what people said; None where it is measured, or missing.
    """

    requirement: Requirement
    status: Status
    said: str
    item: KeptItem | None = None

    @property
    def there(self) -> bool:
        """Whether it is there."""
        return self.status is Status.ON_TARGET

    @property
    def waivable(self) -> bool:
        """Whether a gate may be passed without it: never where users were shown to be touched."""
        touched = self.requirement.key == "users_untouched" and self.status is Status.BREACHED
        return self.requirement.waivable and not touched


@dataclass(frozen=True, slots=True)
class GateView:
    """A gate as it stands.

    Attributes:
        version: the model that would pass it; '' where it is about the whole service, or no model
            is known.
        met: what it requires.
        passed: by whom; None where it is not passed, or was taken back.
    """

    gate: Gate
    version: str
    met: tuple[Met, ...]
    passed: PassedGate | None

    @property
    def missing(self) -> tuple[Met, ...]:
        """What is not there."""
        return tuple(one for one in self.met if not one.there)

    @property
    def ready(self) -> bool:
        """Whether all that it requires is there."""
        return not self.missing

    @property
    def refusal(self) -> str:
        """Why nobody may pass it, whatever the reason; '' where somebody may."""
        if not any(not one.waivable for one in self.missing):
            return ""
        if self.gate.key == stages.SWITCHING_OFF:
            names = wording.listing([one.requirement.name.lower() for one in self.missing])
            return f"Not saved: {names}. {self.gate.rule}"
        said = " ".join(one.said for one in self.missing if not one.waivable)
        return f"{said} {self.gate.rule}"

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """What it requires as it stands, to be kept with the passing."""
        return [
            {
                "key": one.requirement.key,
                "name": one.requirement.name,
                "state": WORDS[one.status],
                "said": one.said,
            }
            for one in self.met
        ]


def gate_views(
    items: Sequence[KeptItem],
    passed: Sequence[PassedGate],
    model: SeenRun | None,
    releases: Sequence[Release],
    run: ShadowRun | None,
    *,
    settings: Settings,
) -> Mapping[str, GateView]:
    """Every gate as it stands, by its key.

    Args:
        items: what people say is there.
        passed: who passed what, those taken back included.
        model: the training run of the newest model; None before one has succeeded.
        releases: deployments so far.
        run: the newest shadow run; None without any.
        settings: what it is held to.
    """
    measured = _research(model, releases) | shadow_requirements(run, settings)
    about = {
        stages.RESEARCH: "" if model is None else model.run.model_version,
        stages.SHADOW: "" if run is None else run.candidate,
    }
    there = {one.item: one for one in items}
    views = {}
    for key, gate in stages.GATES.items():
        version = about.get(key, "")
        met = tuple(
            _measured(one, measured) if one.measured else _said(one, there.get(one.key))
            for one in gate.requires
        )
        views[key] = GateView(gate, version, met, _counting(passed, key, version))
    return views


def shadow_requirements(run: ShadowRun | None, settings: Settings) -> dict[str, tuple[Status, str]]:
    """What the gate of the shadow run requires, as a run shows it; empty without one."""
    if run is None:
        return {}
    letters, hours = wording.count(run.letters), len(run.hours)
    touched = run.user_visible > 0
    if not run.letters:
        # Nothing else was measured; but what users saw fails the run whatever else is known.
        return {"users_untouched": (Status.BREACHED, _seen(run))} if touched else {}
    missing = run.expected_hours - hours
    return {
        "users_untouched": (
            Status.BREACHED if touched else Status.ON_TARGET,
            _seen(run)
            if touched
            else f"Of {letters} letters, the candidate changed none for users.",
        ),
        "hours": (
            Status.ON_TARGET if hours >= settings.hours else Status.UNDECIDED,
            f"{hours} hours have rows; {settings.hours} are wanted.",
        ),
        "gaps": (
            Status.ON_TARGET if run.gap_share <= settings.gaps else Status.UNDECIDED,
            f"{missing} of {run.expected_hours} hours have no row"
            + (": nobody knows what happened in them." if missing else "."),
        ),
        "errors": _held("failed on", run.errors, run, settings.errors),
        "slow": _held("was late with", run.slow, run, settings.slow),
    }


def missing_words(those: Iterable[Met]) -> str:
    """What is missing, as a sentence lists it."""
    return wording.listing([f"“{one.requirement.name}”" for one in those])


def _seen(run: ShadowRun) -> str:
    return f"The candidate changed {wording.whole(run.user_visible)} letters for users."


def _held(did: str, count: int, run: ShadowRun, limit: Any) -> tuple[Status, str]:
    # Integers, so that a share of exactly the limit is met.
    held = count * limit.denominator <= run.letters * limit.numerator
    share = wording.percent(Fraction(count, run.letters), 4, good="low")
    most = wording.percent(limit, 2)
    said = f"It {did} {wording.whole(count)} letters, {share} (at most {most})."
    return Status.ON_TARGET if held else Status.BREACHED, said


def _research(model: SeenRun | None, releases: Sequence[Release]) -> dict[str, tuple[Status, str]]:
    found = {}
    if model is not None:
        letters = wording.count(model.letters)
        found["model"] = (
            Status.ON_TARGET,
            f"{model.run.model_version} was trained on {letters} letters.",
        )
    systems = [one for one in releases if one.stage in RUNS]
    if systems:
        newest = systems[-1]
        when = wording.clock(newest.deployed_at)
        said = f"{newest.model_version} was deployed on {when} ({newest.stage})."
        found["system"] = (Status.ON_TARGET, said)
    return found


def _measured(one: Requirement, measured: Mapping[str, tuple[Status, str]]) -> Met:
    status, said = measured.get(one.key, (Status.NO_DATA, "Nothing was measured."))
    return Met(one, status, said)


def _said(one: Requirement, item: KeptItem | None) -> Met:
    if item is None:
        return Met(one, Status.NO_DATA, "Nobody has said where.")
    return Met(one, Status.ON_TARGET, item.place, item)


def _counting(passed: Sequence[PassedGate], key: str, version: str) -> PassedGate | None:
    """The passing that counts: of this very model, where the gate is about one."""
    return next(
        (
            one
            for one in reversed(passed)
            if one.gate == key and one.model_version == version and one.withdrawn_at is None
        ),
        None,
    )
