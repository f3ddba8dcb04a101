"""The cards of the experiment area."""

from __future__ import annotations

from core import wording
from core.charts import experiment as charts
from core.charts.chart import Chart
from core.charts.experiment.words import interval_words, p_words
from core.charts.tokens import Palette
from core.experiment import ExperimentReport, Outcome, sentences
from core.experiment.guardrails import Guardrail
from core.experiment.words import days_words, margin_words, signed
from core.ports.experiment import SUMS
from core.status import Status
from pages.parts import data
from pages.parts.cards import Card
from pages.parts.markdown import plain

_COMPLAINTS = SUMS.index("complaints")
#: Guardrails from the one that must be looked at first.
_STATES = {
    "harmed": Status.BREACHED,
    "no data": Status.NO_DATA,
    "open": Status.UNDECIDED,
    "held": Status.ON_TARGET,
}
#: A space that no line ends at.
_TIGHT = "\u00a0"
_SPLITS = {"ok": Status.ON_TARGET, "check": Status.AT_RISK, "invalid": Status.BREACHED}


def all_cards(found: ExperimentReport, theme: Palette) -> list[Card]:
    """The lift, the days, the split, the worst guardrail, what was counted."""
    return [_lift(found, theme), _days(found), _split(found), _guardrail(found), _counted(found)]


def spark(found: ExperimentReport, theme: Palette) -> Chart:
    """The lift by day, drawn once for each report."""
    return data.drawn("spark lift", found, theme.name, lambda: charts.spark(found, theme))


def worst(found: ExperimentReport) -> Guardrail | None:
    """The guardrail that is furthest from being held; None where there are none."""
    order = list(_STATES)

    def harm(one: Guardrail) -> tuple[int, float]:
        bounds = one.deciding or one.effect.fixed
        if bounds is None:
            return order.index(one.state), 0.0
        room = (
            bounds.low - one.rule.margin
            if one.rule.direction == "up"
            else one.rule.margin - bounds.high
        )
        return order.index(one.state), room / abs(one.rule.margin or 1.0)

    return min(found.main.guardrails, key=harm, default=None)


def _lift(found: ExperimentReport, theme: Palette) -> Card:
    effect, rule = found.main.effect, found.definition.primary
    promised = f"{effect.metric.label} · margin {margin_words(rule.margin)}"
    if effect.lift is None:
        why = effect.missing[:1].upper() + effect.missing[1:]
        return Card("Lift", "–", Status.NO_DATA, promised, plain(f"{why}."))
    band = effect.always_valid
    certain = (
        f"always valid: {interval_words(band, 2)}"
        if band is not None
        else f"ordinary {interval_words(effect.fixed, 2)}"
    )
    return Card(
        name="Lift",
        value=signed(effect.lift, rule.direction, 2),
        status=found.status,
        target=f"{promised} · {certain}",
        note=_lift_note(found),
        spark=spark(found, theme) if found.days > 1 else None,
    )


def _lift_note(found: ExperimentReport) -> str:
    if found.outcome is Outcome.INVALID:
        return "Not to be believed while the test is invalid."
    made = found.decision
    if made is not None:
        return (
            f"Decided on day {made.number}, {wording.long_date(made.day)}: {found.outcome.value}."
        )
    if found.main.effect.always_valid is None:
        return "The band that may be read daily is not tuned yet."
    return "The band may be read every day; an ordinary interval may not."


def _days(found: ExperimentReport) -> Card:
    one, schedule = found.definition, found.schedule
    if found.outcome in {Outcome.MET, Outcome.NOT_MET}:
        status = Status.ON_TARGET
    elif found.outcome in {Outcome.INVALID, Outcome.NO_DATA}:
        status = Status.NO_DATA
    else:
        status = Status.NOT_DUE if found.days < schedule.minimum else Status.UNDECIDED
    return Card(
        name="Complete days",
        value=f"{found.days} of {one.planned_days}",
        status=status,
        target=f"at least {schedule.minimum} · planned end {wording.long_date(schedule.ends_on)}",
        note=_to_decision(found),
    )


def _to_decision(found: ExperimentReport) -> str:
    if found.outcome in {Outcome.INVALID, Outcome.NO_DATA}:
        return f"There is no verdict. {sentences.ends(found).split(',')[0].rstrip('.')}."
    made = found.decision
    if made is not None:
        by = "the always-valid band" if made.look == "always valid" else "the planned last look"
        return f"Decided after {days_words(made.number)}, by {by}."
    settled = sentences.settles(found)
    if settled:
        return f"To a decision: {settled}."
    return sentences.ends(found)


def _split(found: ExperimentReport) -> Card:
    split = found.split
    planned = " / ".join(_share(float(share), 1) for share in split.planned)
    if split.p is None or split.imbalance is None:
        return Card("Sample ratio", "–", Status.NO_DATA, f"planned {planned} %", "No users yet.")
    points = wording.percent(split.imbalance, 3, good="low").removesuffix(" %")
    chance = p_words(split.p).replace(" ", _TIGHT)
    note = {
        "ok": "Split as planned, as far as can be told.",
        "check": "Worth a look: unlikely or large, but not both.",
        "invalid": "Invalid: neither chance nor too small to matter.",
    }[split.verdict]
    shares = " / ".join(_share(float(share), 2) for share in split.shares)
    return Card(
        name="Sample ratio",
        value=f"{shares}{_TIGHT}%" if len(split.shares) == 2 else f"{points} points off",
        status=_SPLITS[split.verdict],
        target=f"planned {planned} % · {points} points off · {chance}",
        note=f"{note} {plain(' / '.join(split.variants))}.",
    )


def _guardrail(found: ExperimentReport) -> Card:
    one = worst(found)
    if one is None:
        return Card("Guardrails", "–", Status.NOT_DUE, "none is set", "Nothing guards the rest.")
    effect = one.effect
    told = f"{effect.metric.label} · margin {margin_words(one.rule.margin)}"
    value = "–" if effect.lift is None else signed(effect.lift, one.rule.direction, 2)
    bounds = one.deciding or effect.fixed
    interval = "" if bounds is None else f" · {interval_words(bounds, 2)}"
    return Card(
        name="Worst guardrail",
        value=value,
        status=_STATES[one.state],
        target=f"{told}{interval}",
        note=f"{sentences.guardrails_title(found)}.",
    )


def _counted(found: ExperimentReport) -> Card:
    line, arms = found.line, list(found.main.arms)
    complaints = int(line.sums[line.complete][:, arms, :, _COMPLAINTS].sum())
    users = found.main.users
    status = {
        Status.UNDECIDED: Status.UNDECIDED,
        Status.NO_DATA: Status.NO_DATA,
        Status.NOT_DUE: Status.NOT_DUE,
    }.get(found.status, Status.ON_TARGET)
    return Card(
        name="Users counted",
        value=wording.count(users),
        status=status if users else Status.NO_DATA,
        target=f"{wording.count(complaints)} complaints in both arms",
        note="Enough to decide."
        if found.decision is not None
        else "First seen in the test on a complete day, control and treatment together.",
    )


def _share(share: float, digits: int) -> str:
    return wording.percent(share, digits).removesuffix(" %")
