"""Decisions are logged with the evidence as it was."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from core.experiment.definition import DefinitionError
from core.ports import ExperimentDecision
from db.engine import Role, Store
from db.readers.experiment import SqlExperimentReader
from db.team.experiment_decisions import DECISIONS, decide

AT = datetime(2026, 6, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVIDENCE = {
    "lift": -0.0649123456789012,
    "fixed": {"low": -0.075, "high": None},
    "verdict": "met",
    "warnings": ["мало данных"],
    "segments": [{"value": "приложение", "p": 1e-300}],
}


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


def test_a_decision_comes_back_with_its_evidence_to_the_last_digit(app: Engine):
    made = decide(
        app,
        "newsletters",
        "Папка",
        "ship",
        by=" Анна ",
        at=AT,
        as_of=AT - HOUR,
        evidence=EVIDENCE,
        note=" to everyone\nfrom Monday ",
    )
    assert made == ExperimentDecision(
        AT, "Анна", "ship", "to everyone\nfrom Monday", AT - HOUR, EVIDENCE
    )
    assert SqlExperimentReader(app).decisions("newsletters", "Папка") == (made,)


def test_later_decisions_stand_beside_earlier_ones(app: Engine):
    for number, decision in enumerate(DECISIONS):
        decide(
            app,
            "newsletters",
            "Папка",
            decision,
            by="Анна",
            at=AT + number * HOUR,
            as_of=AT,
            evidence={"number": number},
            note="why",
        )
    found = SqlExperimentReader(app).decisions("newsletters", "Папка")
    assert [one.decision for one in found] == list(reversed(DECISIONS))
    assert [one.evidence["number"] for one in found] == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("by", {"by": " "}),
        ("decision", {"decision": "maybe"}),
        ("service", {"service": ""}),
        ("experiment", {"experiment": "two\nlines"}),
        ("note", {"decision": "note", "note": " "}),
        ("note", {"note": "zero \0"}),
        ("as_of", {"as_of": AT + HOUR}),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_logged(
    app: Engine, field: str, changed: dict[str, object]
):
    given: dict[str, object] = {
        "service": "newsletters",
        "experiment": "Папка",
        "decision": "stop",
        "by": "Анна",
        "at": AT,
        "as_of": AT,
        "evidence": EVIDENCE,
    }
    with pytest.raises(DefinitionError) as refusal:
        decide(app, **(given | changed))
    assert list(refusal.value.problems) == [field]
    assert SqlExperimentReader(app).decisions("newsletters", "Папка") == ()


def test_evidence_that_is_no_json_is_refused(app: Engine):
    with pytest.raises(ValueError, match="JSON compliant"):
        decide(
            app,
            "newsletters",
            "Папка",
            "stop",
            by="Анна",
            at=AT,
            as_of=AT,
            evidence={"lift": float("nan")},
        )
    assert SqlExperimentReader(app).decisions("newsletters", "Папка") == ()
