"""Reports as the terminal prints them: rows of tables for people, plain values for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core import tables, wording
from core.contract import ContractReport, Finding
from core.criteria import GoalReport, target_words
from core.reliability import SLIS, ReliabilityReport, sentences
from core.reliability.evidence import number
from core.status import Evidence, Verdict
from core.timeframe import write_time

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Listing:
    """A table with the sentence that says what it finds, and what it is about."""

    title: str
    about: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def rendered(listings: Sequence[Listing], style: str) -> str:
    """Listings as text for a terminal ('table') or as markdown ('markdown')."""
    line, draw = (
        (tables.unmarked, tables.markdown)
        if style == "markdown"
        else (tables.printable, tables.text)
    )
    parts: list[str] = []
    for listing in listings:
        parts.append("\n".join(line(words) for words in (listing.title, listing.about) if words))
        if listing.rows:
            parts.append(draw(listing.headers, listing.rows))
    return "\n\n".join(parts)


def verdicts(found: GoalReport) -> Listing:
    """Every criterion of a service with its verdict; cut, never rounded, as on the page."""
    rows = tuple(
        (
            verdict.name,
            verdict.status.word,
            _targets(verdict.evidence),
            " ".join([verdict.sentence, *_because(verdict)]),
        )
        for verdict in found.verdicts
    )
    milestone = f", for {found.milestone}, due {_day(found.due_on)}" if found.due_on else ""
    return Listing(
        f"{found.service}: {found.sentence}",
        f"Last {found.window.words} at {wording.clock(found.as_of)}{milestone}.",
        ("criterion", "verdict", "target", "why"),
        rows,
    )


def verdict_values(service: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON carries it: full precision, ISO 8601 UTC, None for unknown.

    Where a number has no finite decimal form, or none that JSON carries, it is the nearest float.
    """
    return {
        "service": service,
        "criterion_id": verdict.criterion_id,
        "name": verdict.name,
        "area": verdict.area,
        "status": verdict.status.name,
        "sentence": verdict.sentence,
        "evidence": [_evidence_values(part) for part in verdict.evidence],
        "window": str(verdict.window),
        "as_of": write_time(verdict.as_of),
        "data_through": _time(verdict.data_through),
        "reasons": list(verdict.reasons),
        "settles": verdict.settles,
    }


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


def contract(found: ContractReport) -> tuple[Listing, ...]:
    """What the metric tables hold, and every rule that their rows break, with what to change."""
    tables_held = Listing(
        found.sentence,
        "",
        ("service", "table", "what it holds"),
        tuple((table.service, table.table, table.sentence) for table in found.tables),
    )
    findings = tuple(
        (
            f"{finding.service}: {finding.table}",
            f"{finding.severity.value}: {finding.check}",
            _broken(finding),
            finding.change,
        )
        for finding in found.findings
    )
    headers = ("table", "finding", "where", "what to change")
    broken = Listing("Findings", "", headers, findings)
    return (tables_held, broken) if findings else (tables_held,)


def _broken(finding: Finding) -> str:
    examples = [f"{example.key}: {example.wrong}" for example in finding.examples]
    more = finding.total - len(examples)
    return " ".join(examples) + (f" And {wording.whole(more)} more." if more else "")


def _evidence_values(part: Evidence) -> dict[str, Any]:
    estimate, target = part.estimate, part.target
    return {
        "measure": target.measure,
        "status": part.status.name,
        "value": None if estimate is None else number(estimate.value),
        "low": None if estimate is None else number(estimate.low),
        "high": None if estimate is None else number(estimate.high),
        "n": None if estimate is None else estimate.n,
        "target": _decimal(target.value),
        "operator": target.operator.value,
        "unit": target.unit,
        "milestone": target.milestone,
        "due_on": target.due_on.isoformat(),
    }


def _decimal(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _targets(evidence: Sequence[Evidence]) -> str:
    return ", ".join(f"{part.target.measure} {target_words(part.target)}" for part in evidence)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _because(verdict: Verdict) -> list[str]:
    because = []
    if verdict.reasons and verdict.evidence and verdict.area == "reliability":
        because.append(f"({'; '.join(verdict.reasons)})")
    if verdict.settles:
        because.append(verdict.settles)
    return because


def _burn_of(window: str) -> Callable[[ReliabilityReport, str], str]:
    return lambda report, kind: wording.rate(report.burn[kind][window])


def _indicator_cells(
    found: ReliabilityReport,
) -> list[tuple[str, Callable[[ReliabilityReport, str], str]]]:
    """What the report says of each indicator: a label, and a function of report and kind."""
    cells: list[tuple[str, Callable[[ReliabilityReport, str], str]]] = [
        ("share of good letters", lambda report, kind: _share(report.slis[kind].value)),
        ("objective", lambda report, kind: _share(report.slis[kind].objective)),
        ("if missing letters were bad", lambda report, kind: _share(report.slis[kind].low)),
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
        ("coverage", _share(found.coverage_share)),
        *((name, wording.milliseconds(value)) for name, value in percentiles.items()),
        ("mean letters a minute", _whole(load.mean_rpm)),
        ("peak letters a minute", _whole(load.peak_rpm)),
        ("peak held 5 minutes within the SLO", _whole(carried)),
        ("silent instances", ", ".join(silent) or "none"),
    )


def _share(value: Any) -> str:
    return UNKNOWN if value is None else wording.percent(value, 4)


def _whole(value: Any) -> str:
    return UNKNOWN if value is None else wording.whole(value)
