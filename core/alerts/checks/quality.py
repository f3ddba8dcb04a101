"""Quality: the certified threshold, the label-free early warning, drift of the scores."""

from __future__ import annotations

from core import wording
from core.alerts.checks.answer import Answer, present, unknown
from core.alerts.inputs import Inputs
from core.alerts.parameters import Drift, Nothing
from core.ports.alerts import AlertRule, Signal
from core.quality import QualityReport
from core.status import Status


def certified_precision(rule: AlertRule, asked: Nothing, inputs: Inputs) -> Answer:
    """The threshold in use is below the certified one, or precision is proven below its target.

    Where no threshold is certified and nothing is proven either, too few labels are known: unknown.
    """
    del asked
    found = present(inputs.quality)
    gone = _missing(found)
    if gone:
        return unknown(gone)
    precision = found.whole.measures["precision"]
    where = found.thresholds
    labels = {"measure": "precision"}
    target = wording.percent(found.settings.precision, 1)
    certified = None if where.certified is None else where.certified.threshold
    value = None if precision.value is None else float(precision.value)
    evidence = {
        "precision": value,
        "low": None if precision.low is None else float(precision.low),
        "high": None if precision.high is None else float(precision.high),
        "labels": precision.n,
        "operating": where.operating,
        "certified": certified,
    }
    active: bool | None
    if found.whole.statuses["precision"] is Status.BREACHED:
        high = "unknown" if precision.high is None else wording.percent(precision.high, 2)
        active = True
        sentence = f"Precision of {found.service} is at most {high}, below the target of {target}"
    elif certified is None or where.operating is None:
        active = None
        sentence = f"No threshold of {where.version} is certified for {target} precision yet"
    else:
        active = where.operating < certified
        verb = "decides below" if active else "keeps to"
        sentence = (
            f"{where.version} {verb} the threshold certified for {target} precision: "
            f"{wording.score(where.operating)}, certified {wording.score(certified)}"
        )
    signal = Signal(
        rule_id=rule.rule_id,
        labels=labels,
        active=active,
        severity=rule.severity,
        sentence=sentence,
        value=value,
        threshold=found.settings.precision,
        evidence=evidence,
    )
    return Answer((signal,))


def early_warning(rule: AlertRule, asked: Nothing, inputs: Inputs) -> Answer:
    """The scores of the newest letters let expect less precision or recall than before."""
    del asked
    found = present(inputs.quality)
    early = found.early
    gone = _missing(found) or ("nothing is labelled yet" if early is None else early.unknown)
    if gone or early is None:
        return unknown(gone)
    said = wording.listing(list(early.reasons))
    sentence = f"{found.service}: {said}" if said else f"The scores of {found.service} are quiet"
    signal = Signal(
        rule_id=rule.rule_id,
        labels={"version": early.version},
        active=bool(early.reasons),
        severity=rule.severity,
        sentence=sentence,
        value=early.precision,
        threshold=found.settings.precision,
        evidence={
            "precision": early.precision,
            "recall": early.recall,
            "reference_precision": early.reference_precision,
            "reference_recall": early.reference_recall,
        },
        where=(early.version,),
    )
    return Answer((signal,))


def drift(rule: AlertRule, asked: Drift, inputs: Inputs) -> Answer:
    """One signal for all letters and one a segment; segments of few letters are unknown."""
    found = present(inputs.quality)
    early = found.early
    gone = _missing(found) or ("nothing is labelled yet" if early is None else "")
    if gone or early is None:
        return unknown(gone)
    signals = []
    for one in early.drift:
        known = one.psi is not None and one.recent >= asked.least
        name = f"segment {one.segment}" if one.segment else "all letters"
        index = "unknown" if one.psi is None else f"{one.psi:.2f}"
        signals.append(
            Signal(
                rule_id=rule.rule_id,
                labels={"version": early.version, "segment": one.segment},
                active=one.psi is not None and one.psi >= asked.index if known else None,
                severity=rule.severity,
                sentence=(
                    f"Scores of {early.version} for {name} of {found.service} are "
                    f"{index} (PSI) from those of the days before"
                ),
                value=one.psi,
                threshold=asked.index,
                evidence={"letters": one.recent, "distance": one.distance},
                where=(one.segment,) if one.segment else (),
            )
        )
    return Answer(tuple(signals))


def _missing(found: QualityReport) -> str:
    """Why nothing can be said; '' where something can."""
    if found.state == "no_scores":
        return f"{found.service} wrote no scores"
    if found.freshness.stale:
        return f"the scores of {found.service} have stopped"
    return "no letter is labelled" if found.state == "no_labels" else ""
