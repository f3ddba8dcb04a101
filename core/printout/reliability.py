"""The reliability report as the terminal prints it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core import wording
from core.printout.listing import Listing, share, whole
from core.reliability import SLIS, ReliabilityReport, sentences


def reliability(found: ReliabilityReport) -> tuple[Listing, Listing]:
    """The reliability report as two tables: the two indicators, then what is not about either."""
    through = found.freshness.data_through
    until = "no data" if through is None else f"data through {wording.clock(through)}"
    about = f"Last {found.window.words} at {wording.clock(found.freshness.as_of)}, {until}."
    headline = f"{found.service}: {sentences.headline(found)}"
    indicators = tuple(
        (label, *(cell(found, kind) for kind in SLIS)) for label, cell in _indicator_cells(found)
    )
    return (
        Listing(headline, about, ("", *SLIS), indicators),
        Listing("Letters, percentiles and load", "", ("", found.service), _totals(found)),
    )


def _burn_of(window: str) -> Callable[[ReliabilityReport, str], str]:
    return lambda report, kind: wording.rate(report.burn[kind][window])


def _indicator_cells(
    found: ReliabilityReport,
) -> list[tuple[str, Callable[[ReliabilityReport, str], str]]]:
    """What the report says of each indicator: a label, and a function of report and kind."""
    cells: list[tuple[str, Callable[[ReliabilityReport, str], str]]] = [
        ("share of good letters", lambda report, kind: share(report.slis[kind].value)),
        ("objective", lambda report, kind: share(report.slis[kind].objective)),
        ("if missing letters were bad", lambda report, kind: share(report.slis[kind].low)),
        ("verdict", lambda report, kind: report.slis[kind].status.word),
        ("bad letters", lambda report, kind: wording.whole(report.slis[kind].bad)),
        ("allowed", lambda report, kind: wording.whole(report.slis[kind].budget.allowed)),
        (
            "error budget",
            lambda report, kind: sentences.remaining(report.slis[kind].budget.remaining),
        ),
        ("30 days’ budget", lambda report, kind: sentences.exhaustion(report.slis[kind])),
    ]
    windows = dict.fromkeys(window for rates in found.burn.values() for window in rates)
    cells += [(f"burn rate, {window}", _burn_of(window)) for window in windows]
    return cells + [
        (policy.name, lambda report, kind, p=policy.name: _alert(report, kind, p))
        for policy in found.settings.policies
    ]


def _alert(found: ReliabilityReport, kind: str, policy: str) -> str:
    return next(
        sentences.alert_state(alert, found)
        for alert in found.alerts
        if alert.kind == kind and alert.policy.name == policy
    )


def _totals(found: ReliabilityReport) -> tuple[tuple[str, str], ...]:
    load = found.load
    carried = None if load.carried is None else load.carried.rpm
    silent = [f"{silent.datacenter}/{silent.instance}" for silent in found.coverage.silent]
    percentiles: Mapping[str, float | None] = found.percentiles
    return (
        ("state", found.state),
        ("letters", wording.whole(found.letters)),
        ("errors", wording.whole(found.errors)),
        ("slow", wording.whole(found.slow)),
        ("coverage", share(found.coverage_share)),
        *((name, wording.milliseconds(value)) for name, value in percentiles.items()),
        ("mean letters a minute", whole(load.mean_rpm)),
        ("peak letters a minute", whole(load.peak_rpm)),
        ("peak held 5 minutes within the SLO", whole(carried)),
        ("silent instances", ", ".join(silent) or "none"),
    )
