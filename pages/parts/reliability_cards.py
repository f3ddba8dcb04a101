"""The cards of the reliability area."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core import wording
from core.charts import reliability as charts
from core.charts.chart import Chart
from core.charts.tokens import Palette
from core.ports import Goal
from core.reliability import ReliabilityReport, sentences
from core.status import Status
from core.targets import nearest_targets
from pages.parts import data
from pages.parts.cards import Card


def all_cards(found: ReliabilityReport, loads: dict[str, float], theme: Palette) -> list[Card]:
    """Availability, latency, load, the loss of a datacenter, coverage."""
    return [
        _sli(found, "availability", "Availability", theme),
        _sli(found, "latency", f"Within {found.settings.target_ms:g} ms", theme),
        _load(found, loads, theme),
        _headroom(found),
        _coverage(found),
    ]


def sli_spark(found: ReliabilityReport, kind: str, theme: Palette) -> Chart:
    """An indicator's line, drawn once for each report."""
    return data.drawn(
        f"spark {kind}", found, theme.name, lambda: charts.sli_spark(found, kind, theme)
    )


def load_spark(found: ReliabilityReport, peak: float | None, theme: Palette) -> Chart:
    """The load's line, drawn once for each report."""
    return data.drawn(
        f"spark load {peak}", found, theme.name, lambda: charts.load_spark(found, peak, theme)
    )


def promised_loads(goals: Sequence[Goal], today: date) -> dict[str, float]:
    """The loads that count now, as criteria are judged, by the label of their line.

    Args:
        goals: a service's goals.
        today: the day of the as-of.
    """
    targets = nearest_targets(goals, "reliability", today)
    return {
        f"{name} {wording.count(float(targets[measure].value))}": float(targets[measure].value)
        for measure, name in (("mean_rpm", "mean"), ("peak_rpm_within_slo", "peak"))
        if measure in targets
    }


def _sli(found: ReliabilityReport, kind: str, name: str, theme: Palette) -> Card:
    sli = found.slis[kind]
    value = "–" if sli.value is None else wording.percent(sli.value, 4)
    if sli.budget.remaining is None:
        note = "No letters in this window."
    else:
        spent = (
            f"{wording.count(sli.bad)} of {wording.count(sli.budget.allowed)} bad letters allowed"
        )
        note = f"{spent}; {sentences.exhaustion(sli)}."
    if sli.reasons:
        note += f" {sli.reasons[0].capitalize()}."
    return Card(
        name=name,
        value=value,
        status=sli.status,
        target=f"objective {wording.percent(sli.objective)}",
        note=note,
        spark=sli_spark(found, kind, theme) if sli.value is not None else None,
    )


def _load(found: ReliabilityReport, loads: dict[str, float], theme: Palette) -> Card:
    load = found.load
    peak = next((value for label, value in loads.items() if label.startswith("peak")), None)
    mean = next((value for label, value in loads.items() if label.startswith("mean")), None)
    if load.mean_rpm is None or load.peak_rpm is None:
        return Card("Load", "–", Status.NO_DATA, "letters a minute", "No rows in this window.")
    held = (
        "No five minutes in a row were within both objectives."
        if load.carried is None
        else f"Held 5 minutes within the objectives: {wording.count(load.carried.rpm)} a minute."
    )
    promised = " · ".join(
        f"{word} {wording.count(value)}"
        for word, value in (("mean", mean), ("peak", peak))
        if value
    )
    return Card(
        name="Load",
        value=f"{wording.count(load.mean_rpm)} · peak {wording.count(load.peak_rpm)}",
        status=_load_status(found, mean, peak),
        target=f"promised {promised}" if promised else "letters a minute, nothing promised",
        note=held,
        spark=load_spark(found, peak, theme),
    )


def _load_status(found: ReliabilityReport, mean: float | None, peak: float | None) -> Status:
    """On target where the promise was carried; open where it was never asked for."""
    load = found.load
    if found.freshness.stale:
        return Status.NO_DATA
    if mean is None and peak is None:
        return Status.NOT_DUE
    held = load.carried.rpm if load.carried else 0
    carried_mean = load.mean_rpm_within_slo or 0
    if held >= (peak or 0) and carried_mean >= (mean or 0):
        return Status.ON_TARGET
    failed = load.first_failed_rpm is not None and load.first_failed_rpm <= (peak or 0)
    return Status.BREACHED if failed else Status.UNDECIDED


def _headroom(found: ReliabilityReport) -> Card:
    worst = found.load.worst_loss
    if worst is None:
        return Card(
            "Lose a datacenter",
            "–",
            Status.NOT_DUE if found.load.by_datacenter else Status.NO_DATA,
            "the others carry the peak",
            "Only one datacenter writes: nothing is left if it is lost."
            if found.load.by_datacenter
            else "No rows in this window.",
        )
    status = Status.ON_TARGET if worst.enough else Status.AT_RISK
    return Card(
        name="Lose a datacenter",
        value=f"{wording.count(worst.carried_rpm)} a minute",
        status=Status.NO_DATA if found.freshness.stale else status,
        target=f"peak is {wording.count(worst.peak_rpm)}",
        note=f"What the others have carried within the objectives if {worst.lost} is lost.",
    )


def _coverage(found: ReliabilityReport) -> Card:
    share = found.coverage_share
    if share is None:
        return Card("Coverage", "–", Status.NO_DATA, "rows over expected rows", "No rows expected.")
    status = Status.ON_TARGET if share == 1 else Status.AT_RISK
    silent = found.coverage.silent
    note = f"{sentences.coverage_words(found).capitalize()}."
    if silent:
        names = wording.listing([f"{gone.datacenter}/{gone.instance}" for gone in silent[:3]])
        note = f"Silent now: {names}."
    return Card(
        name="Coverage",
        value=wording.percent(share),
        status=Status.NO_DATA if found.freshness.stale else status,
        target="rows over expected rows",
        note=note,
    )
