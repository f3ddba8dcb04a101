"""What a check of the metric tables found, as the terminal prints it."""

from __future__ import annotations

from core import wording
from core.contract import ContractReport, Finding
from core.printout.listing import Listing


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
