"""The life-cycle report: where a service is in its life, its gates, and its shadow runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.life_cycle import right, sentences, stages
from core.life_cycle.gates import GateView, gate_views
from core.life_cycle.right import Bounds, Judged
from core.life_cycle.settings import Settings
from core.life_cycle.shadow import ShadowRun, runs_of
from core.life_cycle.stages import Phase, Stage
from core.ports.life_cycle import Activity, KeptItem, LifeCycleReader, PassedGate, ServedHour
from core.ports.releases import Release
from core.quality import QualityReport
from core.status import Status, worst_of
from core.timeframe import DAY, HOUR, Window, floor_to
from core.training.runs import SeenRun, seen_at, succeeded

#: Asks for production's quality over a length of time until a moment: (window, end, version).
Quality = Callable[[Window, datetime, str], QualityReport]
#: What was done lately is counted over this long.
LATELY = 30 * DAY
#: How far back deployments are looked for.
RELEASES_BACK = 4000 * DAY


@dataclass(frozen=True, slots=True)
class Served:
    """Candidate and production over the same hours: those for which both are known.

    Attributes:
        hours: how many.
        letters: that production answered or failed on.
        errors: those it failed on.
        slow: those it answered too late.
        candidate_letters: that both decided.
        candidate_errors: letters on which the candidate failed.
        candidate_slow: those it answered too late.
    """

    hours: int
    letters: int
    errors: int
    slow: int
    candidate_letters: int
    candidate_errors: int
    candidate_slow: int


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage as it stands.

    Attributes:
        state: 'done', 'now', 'ahead', or 'round' for a stage that comes round again.
        said: what is known of it, a short sentence.
    """

    stage: Stage
    state: str
    said: str
    activity: Activity | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What the gates are judged by, and how they stand.

    Attributes:
        runs: shadow runs, the newest first.
        model: the training run of the newest model; None before one has succeeded.
        releases: deployments, oldest first.
        items: what is there, and where.
        passed: gates passed, oldest first, those taken back included.
        gates: each gate as it stands.
    """

    service: str
    as_of: datetime
    settings: Settings
    runs: tuple[ShadowRun, ...]
    model: SeenRun | None
    releases: tuple[Release, ...]
    items: tuple[KeptItem, ...]
    passed: tuple[PassedGate, ...]
    gates: Mapping[str, GateView]

    @property
    def run(self) -> ShadowRun | None:
        """The newest shadow run; None without any."""
        return self.runs[0] if self.runs else None

    @property
    def switched_off(self) -> PassedGate | None:
        """The switch-off; None while the service is on."""
        return self.gates[stages.SWITCHING_OFF].passed

    @property
    def phase(self) -> Phase:
        """Where in its life the service is."""
        if self.switched_off is not None:
            return Phase.OFF
        if self.gates[stages.DECOMMISSIONING].passed is not None:
            return Phase.DECOMMISSIONING
        released = any(one.stage == "production" for one in self.releases)
        return Phase.OPERATION if released or self.has_passed(stages.SHADOW) else Phase.LAUNCH

    def has_passed(self, gate: str) -> bool:
        """Whether any model, or the service, has passed a gate."""
        return any(one.gate == gate and one.withdrawn_at is None for one in self.passed)


@dataclass(frozen=True, slots=True, eq=False)
class LifeCycleReport:
    """Everything that is shown of a service's life.

    Attributes:
        standing: gates and what they are judged by.
        stages: every stage, in order.
        shadow_status: how the newest shadow run stands; no data without any.
        served: the candidate of the newest run beside production over the same hours; None where
            nothing is known of production.
        judged: labelled letters of the newest run that carry both decisions; None without a run.
        bounds: what production's labels leave possible; None where letters were judged for both,
            or nothing is labelled.
        last_served: the newest hour in which letters were served; None without any.
        headline: the finding, without a full stop.
        warnings: what does not fit together, as sentences.
        data_through: the newest hour of the newest run; None without any.
    """

    standing: Standing
    stages: tuple[StageView, ...]
    shadow_status: Status
    served: Served | None
    judged: Judged | None
    bounds: Bounds | None
    last_served: datetime | None
    headline: str
    warnings: tuple[str, ...]
    data_through: datetime | None

    @property
    def service(self) -> str:
        """Whose."""
        return self.standing.service

    @property
    def as_of(self) -> datetime:
        """The moment it is seen from."""
        return self.standing.as_of


def standing(
    reader: LifeCycleReader,
    service: str,
    as_of: datetime,
    settings: Settings | None = None,
    *,
    known_at: datetime | None = None,
) -> Standing:
    """How a service's gates stand.

    Args:
        reader: the store.
        service: whose.
        as_of: the moment it is seen from; metrics are those known now.
        settings: what a shadow run is held to.
        known_at: what people wrote until then counts; until as_of if left out.
    """
    asked, known = settings or Settings(), known_at or as_of
    end = floor_to(as_of, HOUR)
    rows = reader.shadow_hours(service, end - asked.back, end)
    releases = reader.releases(service, as_of - RELEASES_BACK, as_of)
    runs = runs_of(rows, releases, as_of, asked)
    models = succeeded(seen_at(reader.training_runs(service, as_of), as_of))
    model = models[-1] if models else None
    items, passed = reader.items(service, known), reader.gates(service, known)
    run = runs[0] if runs else None
    gates = gate_views(items, passed, model, releases, run, settings=asked)
    return Standing(service, as_of, asked, runs, model, releases, items, passed, gates)


def report(
    reader: LifeCycleReader,
    service: str,
    as_of: datetime,
    quality: Quality | None = None,
    settings: Settings | None = None,
) -> LifeCycleReport:
    """Put the life-cycle report of a service together.

    Args:
        reader: the store.
        service: whose.
        as_of: the moment it is seen from.
        quality: asks for production's quality over a shadow run; left out, nothing is said of what
            its labels leave possible.
        settings: what a shadow run is held to.
    """
    now = standing(reader, service, as_of, settings)
    run = now.run
    judged = bounds = served = None
    if run is not None:
        pair = (run.production, run.candidate)
        judged = right.judged(reader.judged_twice(service, *pair, run.span, as_of))
        hours = reader.served(service, run.production, run.span.start, run.span.end)
        served = _served(run, hours)
        if not judged.differing and quality is not None and run.letters:
            bounds = right.bounds(run, _asked(quality, run))
    last = reader.last_served(service, as_of)
    met = now.gates[stages.SHADOW].met
    return LifeCycleReport(
        now,
        _stages(now, reader.activities(service, as_of - LATELY, as_of)),
        Status.NO_DATA if run is None else worst_of(one.status for one in met),
        served,
        judged,
        bounds,
        last,
        sentences.headline(now),
        sentences.warnings(now, last),
        None if run is None else run.span.end - HOUR,
    )


def _asked(quality: Quality, run: ShadowRun) -> QualityReport:
    length: timedelta = run.span.end - run.span.start
    return quality(Window(length), run.span.end, run.production)


def _served(run: ShadowRun, hours: Sequence[ServedHour]) -> Served | None:
    places = {hour: at for at, hour in enumerate(run.moments)}
    both = [one for one in hours if one.hour in places]
    if not both:
        return None
    at = [places[one.hour] for one in both]
    return Served(
        len(both),
        sum(one.letters for one in both),
        sum(one.errors for one in both),
        sum(one.slow for one in both),
        int(run.whole.letters_by_hour[at].sum()),
        int(run.errors_by_hour[at].sum()),
        int(run.slow_by_hour[at].sum()),
    )


def _stages(now: Standing, activities: Mapping[str, Activity]) -> tuple[StageView, ...]:
    phases = list(Phase)
    here = phases.index(now.phase)
    found = []
    reached = False
    for stage in stages.STAGES:
        activity = activities.get(stage.key)
        there = phases.index(stage.phase)
        if there < here:
            state = "done"
        elif there > here:
            state = "ahead"
        elif stage.phase is Phase.OPERATION:
            state = "round"
        elif _is_over(stage, now):
            state = "done"
        else:
            state, reached = "ahead" if reached else "now", True
        found.append(StageView(stage, state, sentences.stage(stage, now, activity), activity))
    return tuple(found)


def _is_over(stage: Stage, now: Standing) -> bool:
    if stage.key == "saving":
        return now.gates[stages.SWITCHING_OFF].ready
    return now.has_passed(stage.gate)
