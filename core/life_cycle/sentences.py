"""What the life-cycle report says in words. Names of models and places in it are data."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from core import wording
from core.life_cycle import stages
from core.life_cycle.right import Bounds, Judged
from core.life_cycle.shadow import ShadowRun
from core.life_cycle.stages import Phase, Stage
from core.ports.life_cycle import Activity
from core.stats.kappa import Pooled
from core.stats.proportion import Share
from core.status import Status
from core.timeframe import HOUR

if TYPE_CHECKING:
    from core.life_cycle.report import Served, Standing

#: Letters that are served this long after a switch-off show that nothing was switched off.
AFTERWARDS = HOUR
#: What is counted in each stage of operation: one, and many.
COUNTED = {
    "collecting": ("report", "reports"),
    "retraining": ("training run", "training runs"),
    "ab_test": ("day of tests", "days of tests"),
    "production_metrics": ("day written", "days written"),
    "quick_fixes": ("action done", "actions done"),
    "accidents": ("incident", "incidents"),
    "drills": ("drill", "drills"),
}


def headline(now: Standing) -> str:
    """Where the service is, and what that asks for, without a full stop."""
    if now.switched_off is not None:
        when = wording.clock(now.switched_off.passed_at)
        return f"Switched off on {when}, with everything saved that has to outlive it"
    if now.phase is Phase.DECOMMISSIONING:
        view = now.gates[stages.SWITCHING_OFF]
        if view.ready:
            return "Being given up: everything is saved, it may be switched off"
        saved = len(view.met) - len(view.missing)
        return f"Being given up: {saved} of {len(view.met)} are saved, it must not be switched off"
    if now.phase is Phase.LAUNCH:
        return f"Being launched: {_launch(now)}"
    run = now.run
    return "In operation" if run is None else f"In operation; {_run(now, run)}"


def _launch(now: Standing) -> str:
    run = now.run
    if run is not None:
        return _run(now, run)
    if now.has_passed(stages.RESEARCH):
        return "the shadow run has not begun"
    if now.has_passed(stages.DATA) or now.model is not None:
        return "research has not passed its gate"
    return "data come first"


def _run(now: Standing, run: ShadowRun) -> str:
    """How a run stands, as the end of a headline."""
    name = f"the shadow run of {run.candidate}"
    view = now.gates[stages.SHADOW]
    if run.user_visible:
        return f"{name} has failed: users saw {wording.count(run.user_visible)} letters differently"
    failed = [one.requirement.name.lower() for one in view.met if one.status is Status.BREACHED]
    if failed:
        return f"{name} has failed: not met is “{wording.listing(failed)}”"
    if not run.letters:
        return f"{name} compared no letter"
    alike = wording.percent(run.whole.matrix.agreement or Fraction(0), 2)
    found = f"{alike} of letters decided alike, nothing changed for users"
    if view.passed is not None:
        return f"{run.candidate} has passed its shadow run: {found}"
    if view.ready:
        return f"{name} shows what it has to: {found}"
    state = "is not over yet" if run.running else "does not show enough"
    return f"{name} {state}: {found}"


def stage(one: Stage, now: Standing, activity: Activity | None) -> str:
    """What is known of a stage, in a few words."""
    if one.phase is Phase.OPERATION:
        return _activity(one.key, activity)
    if one.key == "saving":
        view = now.gates[stages.SWITCHING_OFF]
        return f"{len(view.met) - len(view.missing)} of {len(view.met)} saved"
    passed = [each for each in now.passed if each.gate == one.gate and each.withdrawn_at is None]
    if passed:
        newest = passed[-1]
        about = f"{newest.model_version} " if newest.model_version else ""
        return f"{about}passed {wording.short_date(newest.passed_at)}"
    if one.key == "switching_off":
        return "not switched off"
    return "gate not passed"


def _activity(key: str, activity: Activity | None) -> str:
    if activity is None or activity.newest is None:
        return "nothing yet"
    one, many = COUNTED[key]
    if not activity.count:
        return f"none in 30 days, the last on {wording.day(activity.newest)}"
    number = wording.count(activity.count)
    return f"{number} {one if activity.count == 1 else many} in 30 days"


def warnings(now: Standing, last_served: datetime | None) -> tuple[str, ...]:
    """What does not fit together, as sentences."""
    said = []
    off = now.switched_off
    if off is not None and last_served is not None and last_served > off.passed_at + AFTERWARDS:
        said.append(
            f"It was called switched off on {wording.clock(off.passed_at)}, and letters were "
            f"served at {wording.clock(last_served)}: it is still on."
        )
    run = now.run
    if run is None:
        return tuple(said)
    released = [
        one.deployed_at
        for one in now.releases
        if one.model_version == run.candidate
        and one.stage == "production"
        and one.deployed_at >= run.span.start
    ]
    if released and now.gates[stages.SHADOW].passed is None:
        said.append(
            f"{run.candidate} went to production on {wording.clock(released[0])}, and nobody has "
            "passed it through the gate of its shadow run."
        )
    if not run.running and not run.ended_by:
        said.append(
            f"The last row of the shadow run is of {wording.clock(run.span.end - HOUR)}, and no "
            "deployment says that it ended."
        )
    if run.unequal_hours:
        said.append(
            f"In {run.unequal_hours} hours of the shadow run, segment “all” is not the sum of the "
            "others. “all” is counted."
        )
    return tuple(said)


def pooled(found: Pooled, *, share: bool, digits: int = 2) -> str:
    """A number with its interval over time.

    >>> pooled(Pooled(0.98765, 0.98, 0.99, 7), share=True)
    '98.76 % (98.00 to 99.00)'
    >>> pooled(Pooled(0.5, None, None, 2), share=False)
    '0.500'
    """
    if found.value is None:
        return "unknown"
    if not share:
        said = f"{found.value:.3f}".replace("-", "−")
        if found.low is None or found.high is None:
            return said
        return f"{said} ({found.low:.3f} to {found.high:.3f})".replace("-", "−")
    said = wording.percent(found.value, digits)
    if found.low is None or found.high is None:
        return said
    low, high = wording.percent(found.low, digits), wording.percent(found.high, digits, good="low")
    return f"{said} ({low.removesuffix(' %')} to {high.removesuffix(' %')})"


def exactness(run: ShadowRun) -> str:
    """What of a run is exact, and what its intervals are."""
    if run.whole.alike.low is None:
        interval = "There are too few of them for an interval over time."
    else:
        interval = (
            "Intervals are 95 %, over time: what the pair does in general, from "
            f"{run.blocks} taken for independent."
        )
    said = (
        f"Letters are counted, not sampled: over the {len(run.hours)} hours all shares are exact. "
    )
    if run.dispersion is None:
        return said + interval
    return (
        f"{said}{interval} From hour to hour, the share decided differently varies "
        f"{wording.rate(run.dispersion)} times as much as independent letters would."
    )


def moved(run: ShadowRun) -> str:
    """What the candidate changes in the share of positive decisions."""
    matrix = run.whole.matrix
    before, after = matrix.production_rate, matrix.candidate_rate
    if before is None or after is None:
        return "No letter was compared."
    word = "more" if after > before else "fewer"
    if after == before:
        return f"Both decide {wording.percent(before, 2)} of the letters positive."
    many = wording.count(abs(matrix.candidate_only - matrix.production_only))
    return (
        f"The candidate decides {wording.percent(after, 2)} of the letters positive, production "
        f"{wording.percent(before, 2)}: {many} {word}."
    )


def coverage(run: ShadowRun) -> str:
    """Which hours of a run have rows."""
    began = wording.clock(run.span.start)
    until = "and runs on" if run.running else f"until {wording.clock(run.span.end)}"
    missing = run.expected_hours - len(run.hours)
    if not missing:
        return f"From {began} {until}; each of its {run.expected_hours} hours has rows."
    first = wording.clock(run.missing[0].start)
    return (
        f"From {began} {until}; {missing} of {run.expected_hours} hours have no row, the first is "
        f"{first}. What happened in them nobody knows."
    )


def served(found: Served | None) -> str:
    """How the candidate answers, beside production over the same hours."""
    if found is None:
        return "Nothing is known of production in these hours."
    return f"Both over the same {found.hours} hours; counts are exact."


def right_title(judged: Judged | None, bounds: Bounds | None) -> str:
    """Who is right where they differ, as a title."""
    if judged is not None and judged.differing:
        better = {
            "candidate": "the candidate is right more often",
            "production": "production is right more often",
            "": "the labels do not tell them apart",
        }[judged.better]
        return f"Where they differ, {better}"
    if bounds is not None and bounds.wrong_at_least:
        least = wording.count(bounds.wrong_at_least)
        return f"Where they differ, production is right about at least {least} letters"
    return "Who is right where they differ is not known"


def right(judged: Judged | None, bounds: Bounds | None) -> tuple[str, ...]:
    """What the labels tell, sentence by sentence; never a number that nobody measured."""
    if judged is not None and judged.differing and judged.right is not None:
        carried = (
            f"{wording.whole(judged.letters)} labelled letters carry both decisions; "
            f"{wording.whole(judged.differing)} of them were decided differently."
        )
        estimated = (
            "Estimated from them, the candidate is right on "
            f"{_share(judged.right)} of all letters decided differently: on "
            f"{_share(judged.production_only)} of those that production alone decided positive, "
            f"on {_share(judged.candidate_only)} of those that it alone did."
        )
        return (carried, estimated)
    asked = (
        "No labelled letter that they decided differently carries both decisions. To have it "
        "measured, write each labelled letter of the run into labelled_letter twice, under both "
        "model versions and the same letter_id, each with its own score and decision. Labels of a "
        "candidate stand for no letters in score_hour, and stay out of the quality figures."
    )
    if bounds is None:
        return ("Without labels of production in these hours, nothing bounds it.", asked)
    first = (
        f"What can be said, from {wording.whole(bounds.labels)} labels of production in these "
        "hours (95 % intervals; bounds, no estimates):"
    )
    alone = (
        f"of {wording.count(bounds.production_only)} letters that production alone decided "
        f"positive, the candidate is right on at most {wording.count(bounds.right_on_them)};"
    )
    if bounds.right_on_those is None:
        other = "of those that it alone decided positive, nothing bounds on how many it is right."
    else:
        other = (
            f"of {wording.count(bounds.candidate_only)} that it alone decided positive, it is "
            f"right on at most {wording.count(bounds.right_on_those)}."
        )
    return (f"{first} {alone} {other}", asked)


def _share(found: Share | None) -> str:
    if found is None:
        return "an unknown share"
    low, high = wording.percent(found.low, 1), wording.percent(found.high, 1, good="low")
    return f"{wording.percent(found.value, 1)} ({low} to {high})"
