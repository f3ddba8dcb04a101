"""The cards of the quality area."""

from __future__ import annotations

from core import wording
from core.charts import quality as charts
from core.charts.chart import Chart
from core.charts.tokens import Palette
from core.criteria import target_words
from core.quality import QualityReport, sentences
from core.status import Status
from pages.parts import data
from pages.parts.cards import Card


def all_cards(found: QualityReport, theme: Palette) -> list[Card]:
    """Precision, recall, the certified threshold, labels."""
    return [
        _measure(found, "precision", theme),
        _measure(found, "recall", theme),
        _threshold(found),
        _labels(found),
    ]


def spark(found: QualityReport, measure: str, theme: Palette) -> Chart:
    """A measure's line by day, drawn once for each report."""
    return data.drawn(
        f"spark {measure}", found, theme.name, lambda: charts.spark(found, measure, theme)
    )


def _measure(found: QualityReport, measure: str, theme: Palette) -> Card:
    estimate, target = found.whole.measures[measure], found.settings.targets[measure]
    status = Status.NO_DATA if found.freshness.stale else found.whole.statuses[measure]
    promised = f"target {target_words(target)}"
    if estimate.value is None or estimate.low is None or estimate.high is None:
        note = sentences.measure_sentence(found, measure)
        return Card(measure.capitalize(), "–", Status.NO_DATA, promised, note)
    low = wording.percent(estimate.low, 2).removesuffix(" %")
    high = wording.percent(estimate.high, 2, good="low")
    certain = {
        Status.ON_TARGET: "The whole interval is on the good side.",
        Status.BREACHED: "The whole interval is on the bad side.",
        Status.UNDECIDED: "The target lies inside the interval.",
    }.get(status, "")
    return Card(
        name=measure.capitalize(),
        value=wording.percent(estimate.value, 2),
        status=status,
        target=f"{promised} · 95 % interval {low} to {high}",
        note=f"{wording.whole(estimate.n)} labels. {certain}",
        spark=spark(found, measure, theme) if any(day.mature for day in found.days) else None,
    )


def _threshold(found: QualityReport) -> Card:
    thresholds = found.thresholds
    goal = wording.percent(found.settings.precision, 0)
    operating = (
        "operating threshold unknown"
        if thresholds.operating is None
        else f"operating at {wording.score(thresholds.operating)}"
    )
    certified = thresholds.certified
    if certified is None:
        status = Status.NO_DATA if found.state != "ok" else Status.UNDECIDED
        note = f"No threshold of {found.version or 'this service'} provably reaches {goal}."
        return Card("Certified threshold", "–", status, operating, note)
    holds = thresholds.operating is not None and certified.threshold <= thresholds.operating
    recall = sentences.interval_words(certified.recall, 1)
    return Card(
        name="Certified threshold",
        value=wording.score(certified.threshold),
        status=Status.ON_TARGET if holds else Status.UNDECIDED,
        target=f"{operating} · {thresholds.version}",
        note=f"From there on {goal} precision is proven (5 % for the whole search), at recall "
        f"{recall}.",
    )


def _labels(found: QualityReport) -> Card:
    labels = found.labels
    mature = (
        "how many are still to come is unknown"
        if labels.arrived_share is None
        else f"about {wording.percent(labels.arrived_share, 0)} of the labels have come"
    )
    if not labels.count:
        newest = "" if labels.newest is None else f" The newest: {wording.clock(labels.newest)}."
        return Card("Labels", "0", Status.NO_DATA, mature, f"No letter is labelled.{newest}")
    # The status of the labels is whether they are enough, not which way they decided.
    more = sentences.settles(found) or "Enough to decide the verdict."
    status = {Status.UNDECIDED: Status.UNDECIDED, Status.NO_DATA: Status.NO_DATA}.get(
        found.status, Status.ON_TARGET
    )
    return Card(
        name="Labels",
        value=wording.whole(labels.count),
        status=Status.NO_DATA if found.freshness.stale else status,
        target=f"{wording.whole(labels.above)} above the threshold · {mature}",
        note=f"{more} Of the labels, {sentences.lag_words(labels.lag)}.".strip(),
    )
