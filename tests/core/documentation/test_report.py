"""The documentation report: how complete the card is, and which alerts lead to no runbook."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core import documentation
from core.ports.documentation import Runbook, ServiceCard
from tests.fakes import SERVICE
from tests.fakes_oncall import HANDOVER, MemoryDocumentation

CARD = ServiceCard(SERVICE, "git", "/var/log", "It is slow.", "threads", 3, "Анна", HANDOVER)
BOOK = Runbook(SERVICE, "slow", "Slow", "Look.", 1, "Анна", HANDOVER)


def found(reader: MemoryDocumentation) -> documentation.DocumentationReport:
    return documentation.report(reader, SERVICE, HANDOVER)


def test_four_of_four_is_complete():
    made = found(MemoryDocumentation(CARD, (BOOK,), {"slow": ("slo",)}))
    assert made.headline == "The card of newsletters is complete, four of four"
    assert (made.complete, made.answered, made.warnings, made.empty) == (True, 4, (), {})
    assert made.runbooks[0].rules == ("slo",)
    assert made.runbook("slow") == BOOK
    assert made.runbook("fast") is None


def test_a_card_without_an_answer_says_none():
    made = found(MemoryDocumentation())
    assert made.headline.startswith("The card of newsletters has none of four answers: ")


def test_what_is_missing_is_named_in_the_headline():
    made = found(MemoryDocumentation(replace(CARD, logs="", knobs="")))
    assert made.headline == (
        "The card of newsletters has two of four answers: logs and config knobs missing"
    )
    assert made.warnings == (
        "Logs: nobody has answered. Where are the logs written?",
        "Config knobs: nobody has answered. What can be turned in the configs?",
    )


def test_without_anything_the_empty_states_say_so():
    made = found(MemoryDocumentation())
    assert (made.card, made.answered) == (ServiceCard(SERVICE), 0)
    assert set(made.empty) == {"card", "runbooks"}


def test_alerts_that_lead_to_no_runbook_are_named():
    reader = MemoryDocumentation(CARD, (BOOK,), {"gone": ("a", "b"), "": ("c",), "slow": ("d",)})
    made = found(reader)
    assert made.headline == (
        "The card of newsletters is complete, but three alert rules lead to no runbook"
    )
    assert made.unwritten == (("gone", ("a", "b")),)
    assert made.warnings == (
        "Runbook gone is not written, and a and b lead to it.",
        "Alert rule c names no runbook.",
    )


def test_a_moment_needs_a_zone():
    with pytest.raises(ValueError, match="must have a time zone"):
        documentation.report(MemoryDocumentation(), SERVICE, HANDOVER.replace(tzinfo=None))


def test_the_evidence_says_what_the_report_says():
    made = found(MemoryDocumentation(replace(CARD, logs=""), (BOOK,), {"gone": ("a",)}))
    written = json.loads(json.dumps(documentation.evidence(made)))
    assert (written["complete"], written["answered"], written["missing"]) == (False, 3, ["logs"])
    assert written["card"]["logs"] is None
    assert written["runbooks"][0]["revision"] == 1
    assert written["unwritten_runbooks"] == {"gone": ["a"]}
    assert written["sentence"] == f"{made.headline}."
