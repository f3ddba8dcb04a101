"""The life-cycle report as the terminal prints it."""

from __future__ import annotations

from fractions import Fraction

from core import wording
from core.life_cycle import LifeCycleReport, sentences
from core.life_cycle.gates import WORDS, GateView
from core.life_cycle.shadow import Part, ShadowRun
from core.printout.listing import UNKNOWN, Listing, whole
from core.status import Status


def life_cycle(found: LifeCycleReport) -> tuple[Listing, ...]:
    """Stages, gates with what they require, the shadow run, and what does not fit together."""
    now = found.standing
    listings = [
        Listing(
            f"{found.service}: {found.headline}",
            f"At {wording.clock(found.as_of)}.",
            ("phase", "stage", "state", "what is known"),
            tuple(
                (one.stage.phase.value, one.stage.name, one.state, one.said) for one in found.stages
            ),
        ),
        *(_gate(view) for view in now.gates.values()),
    ]
    if now.run is not None:
        listings += [*_shadow(found, now.run)]
    if found.warnings:
        rows = tuple((said,) for said in found.warnings)
        listings.append(Listing("What does not fit together", "", ("warning",), rows))
    return tuple(listings)


def _gate(view: GateView) -> Listing:
    about = f" ({view.version})" if view.version else ""
    passed = view.passed
    state = "not passed"
    if passed is not None:
        state = f"passed by {passed.passed_by} on {wording.clock(passed.passed_at)}"
        if passed.waiver:
            state += f", without all that it requires: {passed.waiver}"
    return Listing(
        f"{view.gate.name}{about}: {state}",
        view.gate.rule,
        ("required", "state", "what is known"),
        tuple((one.requirement.name, WORDS[one.status], one.said) for one in view.met),
    )


def _shadow(found: LifeCycleReport, run: ShadowRun) -> tuple[Listing, ...]:
    state = "running" if run.running else f"ended ({run.ended_by or 'nothing says by what'})"
    status = found.shadow_status
    word = "enough to pass" if status is Status.ON_TARGET else status.word
    headers = ("segment", "both", "production", "candidate", "neither", "agreement", "kappa")
    served = found.served
    rows = (
        ("letters compared", whole(run.letters), UNKNOWN if served is None else ""),
        (
            "failed",
            _of(run.errors, run.letters),
            UNKNOWN if served is None else _of(served.errors, served.letters),
        ),
        (
            "too late",
            _of(run.slow, run.letters),
            UNKNOWN if served is None else _of(served.slow, served.letters),
        ),
        ("changed for users", whole(run.user_visible), ""),
    )
    return (
        Listing(
            f"Shadow run of {run.candidate} beside {run.production}: {state}, {word}",
            sentences.coverage(run),
            headers,
            tuple(_part(part) for part in (run.whole, *run.segments)),
        ),
        Listing(
            "Letters of the run",
            f"{sentences.moved(run)} {sentences.exactness(run)}",
            ("", run.candidate, run.production),
            rows,
        ),
        Listing(
            sentences.right_title(found.judged, found.bounds),
            " ".join(sentences.right(found.judged, found.bounds)),
            (),
            (),
        ),
    )


def _of(part: int, total: int) -> str:
    share = wording.percent(Fraction(part, total), 4, good="low") if total else UNKNOWN
    return f"{whole(part)} ({share})"


def _part(part: Part) -> tuple[str, ...]:
    matrix = part.matrix
    cells = (
        matrix.both_positive,
        matrix.production_only,
        matrix.candidate_only,
        matrix.both_negative,
    )
    return (
        part.segment,
        *(whole(cell) for cell in cells),
        sentences.pooled(part.alike, share=True),
        sentences.pooled(part.kappa, share=False),
    )
